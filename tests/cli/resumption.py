"""Whatever a test runs to its end is also interrupted in every phase, resumed elsewhere, and ends with the same content.

fixture.qeval hands every run to `expect_resumable`, once for each job and its options. So a test that runs a job of a
new kind has a test of its resumption, too.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from held_runs import QEVAL, empty_database, hold, let_go, number, rows

READY_MADE = pathlib.Path(__file__).resolve().parents[2] / "jobs"  # resume_every_job_test has them
# Of each phase: the table that its commits go to, which one of them is held, and how many are there before it.
PHASES = {
    "tuning": ("tuned_layer", "(SELECT count(*) FROM tuned_layer) = 1", "SELECT count(*) FROM tuned_layer"),
    "calibration": ("calibration_progress", "NEW.batches_done = 2",
                    "SELECT max(batches_done) FROM calibration_progress"),
    "evaluation": ("batch_done", "(SELECT count(*) FROM batch_done) = 1", "SELECT count(*) FROM batch_done"),
}
# Where there is one batch in all: calibrated, and nothing committed.
ONLY_BATCH = ("batch_done", "TRUE", "SELECT count(*) FROM run WHERE recipe_id IS NULL OR encoding_set_id IS NOT NULL")
# They change nothing that is stored, and neither where nor how it is told.
WITHOUT_MEANING = re.compile(r"run\.(threads|decode_threads|replicas|queue_depth)=")


def content_of(database, run):
    shown = subprocess.run([QEVAL, "show", run, "--db", str(database)], capture_output=True, text=True, check=True)
    return re.search(r"^content +([0-9a-f]{64})$", shown.stdout, re.M).group(1)


def options_of(arguments):
    """The database, and the options that belong to the job, whatever their order."""
    database, kept = None, []
    rest = iter(arguments)
    for argument in rest:
        if argument in ("--db", "--progress"):
            value = next(rest)
            database = value if argument == "--db" else database
        elif argument == "--set" and WITHOUT_MEANING.match(value := next(rest)):
            pass
        elif argument == "--set":
            kept += [argument, value]
        else:
            kept.append(argument)
    return database, kept


def stop(process, how):
    process.send_signal(how)
    while how == signal.SIGINT and process.poll() is None:  # the first one waits for a commit that is held
        time.sleep(0.01)
        process.send_signal(how)
    said = process.communicate()[1]
    assert process.returncode == (130 if how == signal.SIGINT else -how), (process.returncode, said)


def stopped_in_every_phase(command, resume, database, phases):
    """Starts, then resumes, until it comes to its end; stopped once in every phase that it has. Returns those, the exit
    code of the last process and what that said."""
    met = []
    while True:
        process = subprocess.Popen(**(resume if met else command), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True)
        reached = None
        while reached is None and process.poll() is None:
            time.sleep(0.002)
            reached = next((phase for phase, (_, _, done) in phases.items()
                            if phase not in met and number(database, done) > 0), None)
        if reached is None:
            said = process.communicate()[1]
            return met, process.returncode, said
        stop(process, (signal.SIGKILL, signal.SIGINT)[len(met) % 2])
        met.append(reached)
        let_go(database, reached)


def interrupted_and_resumed(arguments, finished, code, env=None):
    """Runs the job of `finished`, (run, content, batches) by evaluation key, with an interruption in each phase. It is
    resumed without the variables that the job names and from another folder. Returns the phases."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="qeval-cli-resume-"))
    database = folder / "results.db"
    batches = sum(count for _, _, count in finished.values())
    phases = {**PHASES, "evaluation": PHASES["evaluation"] if batches > 1 else ONLY_BATCH}
    empty_database(database)
    for phase, (table, condition, _) in phases.items():
        hold(database, table, condition, phase)
    job_text = " ".join([*arguments, pathlib.Path(arguments[1]).read_text()])
    gone = {*re.findall(r"\$\{(\w+)", job_text), *(env or {})}
    command = dict(args=[QEVAL, *arguments, "--db", str(database), "--progress", "none"],
                   env={**os.environ, **(env or {})})
    resume = dict(args=[QEVAL, "resume", "--db", str(database), "--progress", "none"], cwd=folder,
                  env={name: value for name, value in os.environ.items() if name not in gone})
    met, ended, said = stopped_in_every_phase(command, resume, database, phases)
    assert "evaluation" in met, (f"{arguments} could not be interrupted", ended, said)
    assert ended == code, (arguments, met, ended, said)
    found = {key: content_of(database, run) for run, key in rows(database, "SELECT name, eval_key FROM run")}
    assert found == {key: content for key, (_, content, _) in finished.items()}, (arguments, met, found, finished)
    shutil.rmtree(folder)
    return met


def finished_runs(database, table):
    """Name, content and number of batches of the runs that the printed table names, by evaluation key."""
    names = set(table.split())
    stored = rows(database, "SELECT name, eval_key, (SELECT count(*) FROM batch_done WHERE run_id = run.id) FROM run")
    return {key: (name, content_of(database, name), batches) for name, key, batches in stored if name in names}


seen = set()


def expect_resumable(arguments, done, env=None, standard=None):
    """For every run that came to its end; `standard` is the job that resume_every_job_test has. Returns the phases, or
    None where nothing was to be tried."""
    arguments = [str(argument) for argument in arguments]
    if arguments[:1] != ["run"] or done.returncode not in (0, 1) or {"--again", "--help"} & set(arguments):
        return None
    database, options = options_of(arguments)
    text = pathlib.Path(options[1]).read_text()
    is_standard = text == standard and set(options[2::2]) <= {"--variant", "--limit"}
    if is_standard or pathlib.Path(options[1]).parent == READY_MADE or database is None or (text, *options) in seen:
        return None
    seen.add((text, *options))
    return interrupted_and_resumed(options, finished_runs(database, done.stdout), done.returncode, env)
