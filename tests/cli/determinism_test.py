"""The stored content does not depend on threads, replicas, or an interruption by SIGINT or SIGTERM."""
from fixture import Job, qeval, signal, start
from held_runs import empty_database, let_go, number, slow_down, wait_for

BATCHES_DONE = "SELECT count(*) FROM batch_done"
BEHIND = {"batch_done": "(SELECT count(*) FROM batch_done) >= ", "calibration_progress": "NEW.batches_done > "}
CALIBRATED = "SELECT max(batches_done) FROM calibration_progress"
# Where a run of two variants is when it is asked to stop, and how many batches that phase has.
MOMENTS = [("batch_done", BATCHES_DONE, 1, 40), ("batch_done", BATCHES_DONE, 23, 40),
           ("calibration_progress", CALIBRATED, 1, 15), ("calibration_progress", CALIBRATED, 6, 15),
           ("batch_done", BATCHES_DONE, 41, 80), ("batch_done", BATCHES_DONE, 63, 80)]
IN_FLIGHT = 7  # batches at most that are finished and committed after the signal

job = Job()
job.run(job.database("reference.db"))
reference = job.hashes(job.database("reference.db"))

SETTINGS = [("decode_threads=1",), ("decode_threads=2",), ("decode_threads=4", "threads=4"), ("threads=1",),
            ("threads=3", "replicas=3"), ("replicas=1",)]
for settings in SETTINGS:
    database = job.database("-".join(settings) + ".db")
    job.run(database, *sum((["--set", f"run.{setting}"] for setting in settings), []))
    assert job.hashes(database) == reference, f"{settings} changed the stored content"

for moment, (table, done, wanted, total) in enumerate(MOMENTS):
    database = job.database(f"signal{moment}.db")
    empty_database(database)
    slow_down(database, table, f"{BEHIND[table]}{wanted}")
    sent, code = (signal.SIGINT, 130) if moment % 2 == 0 else (signal.SIGTERM, 143)
    process = start("run", job.file, "--db", database, "--progress", "none", "--set", "run.threads=1")
    wait_for(process, database, done, wanted)
    process.send_signal(signal.SIGSTOP)
    before = number(database, done)
    assert wanted <= before < total - IN_FLIGHT, f"{before} of {total} were done: the process was not stopped in time"
    process.send_signal(sent)
    process.send_signal(signal.SIGCONT)
    assert process.wait(timeout=300) == code, f"exit {process.returncode} after {sent.name}"
    assert before <= number(database, done) <= before + IN_FLIGHT, "what was in flight is committed, and no more"
    let_go(database)
    qeval("resume", "--db", database, "--progress", "none")
    assert job.hashes(database) == reference, f"{sent.name} changed the stored content"
job.remove()
