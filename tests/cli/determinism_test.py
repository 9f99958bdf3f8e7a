"""The stored content does not depend on threads, replicas, or an interruption by SIGINT or SIGTERM."""
import random
import time

from fixture import Job, qeval, signal, start

job = Job()
began = time.monotonic()
job.run(job.database("reference.db"))
length = time.monotonic() - began
reference = job.hashes(job.database("reference.db"))

for number, settings in enumerate([("decode_threads=1",), ("decode_threads=2",), ("decode_threads=4", "threads=4"),
                                   ("threads=1",), ("threads=3", "replicas=3"), ("replicas=1",)]):
    database = job.database(f"threads{number}.db")
    job.run(database, *sum((["--set", f"run.{setting}"] for setting in settings), []))
    assert job.hashes(database) == reference, f"{settings} changed the stored content"

moments = random.Random(2)
for number in range(6):
    database = job.database(f"signal{number}.db")
    sent, code = (signal.SIGINT, 130) if number % 2 == 0 else (signal.SIGTERM, 143)
    process = start("run", job.file, "--db", database, "--progress", "none")
    time.sleep(moments.uniform(0.6, 0.9) * length)
    process.send_signal(sent)
    ended = process.wait(timeout=60)
    assert ended in (code, 0, -sent), f"exit {ended} after {sent.name}"
    if ended == code:
        qeval("resume", "--db", database, "--progress", "none")
    job.run(database)
    assert job.hashes(database) == reference, f"{sent.name} changed the stored content"
job.remove()
