"""Standard output or standard error that cannot be written: the exit code says which, nothing aborts, nothing is lost."""
import os
import sqlite3
import subprocess

from fixture import QEVAL, Job, pathlib, qeval, skip

if not pathlib.Path("/dev/full").exists():
    skip("there is no /dev/full here")

VERBS = ["run", "resume", "validate", "plan", "sensitivity", "history", "show", "export", "encodings", "encodings list",
         "encodings show", "encodings import", "encodings export", "encodings diff", "zoo", "make-weights", "schema",
         "list", "version"]
HELP = ["--help", "help", "help run"] + [f"{verb} --help" for verb in VERBS]


def ends(arguments, redirection=""):
    """Exit code and what is left to read of standard output and standard error; a negative code is a signal."""
    done = subprocess.run(["/bin/bash", "-c", f'exec "$0" "$@" {redirection}', QEVAL, *map(str, arguments)],
                          capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def with_closed_pipe(arguments):
    """Exit code and standard error where nobody reads standard output."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([QEVAL, *map(str, arguments)], stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    return done.returncode, done.stderr


for text in [*HELP, "version", "--version", "schema", "list archs"]:
    arguments = text.split()
    code, _, message = ends(arguments, ">/dev/full")
    assert code == 4 and "standard output: the disk is full" in message, (text, code, message)
    assert with_closed_pipe(arguments) == (141, ""), text
    code, _, message = ends(arguments, ">&-")
    assert code == 141 and "standard output is closed" in message, (text, code, message)
    whole = ends(arguments)
    assert whole[0] == 0 and whole[1] and not whole[2], (text, whole)
    for lost in ("2>/dev/full", "2>&-", "0<&- 2>&-"):
        assert ends(arguments, lost) == whole, (text, lost)
assert ends([], "2>/dev/full")[0] == ends([], "2>&-")[0] == 2
assert ends(["rnu"], "2>/dev/full")[0] == ends(["rnu"], "2>&-")[0] == 2

job = Job(images=40)


def runs(database):
    """State and images of every run, from a database that is sound."""
    connection = sqlite3.connect(database)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    found = connection.execute("SELECT state, n_done, error FROM run ORDER BY id").fetchall()
    connection.close()
    return found


# A run goes on to its end, with the exit code of its result.
complete = [("done", 40, None), ("done", 40, None)]
gated = job.folder / "gated.yaml"
gated.write_text(job.file.read_text() + "metrics: {top1: {reference: 0.999, tolerance: 0.0001}}\n")
for number, lost in enumerate(("2>/dev/full", "2>&-", "0<&- 2>&-", "0<&- 1>&- 2>&-")):
    database = job.database(f"lost{number}.db")
    code, table, _ = ends(["run", job.file, "--db", database], lost)
    assert code == (141 if "1>&-" in lost else 0), (lost, code)
    assert ("w8a8" in table) == (code == 0), (lost, table)
    assert runs(database) == complete, (lost, runs(database))
    assert ends(["run", gated, "--db", database, "--variant", "fp32"], lost)[0] == (141 if "1>&-" in lost else 1), lost
    assert ends(["resume", "--db", database, "--progress", "bar"], "2>/dev/full")[0] == 0
    assert b"variant" not in database.read_bytes()[:100], "a message went into the database"

# What cannot be shown is stored all the same.
for name, code in (("full.db", 4), ("pipe.db", 141)):
    database = job.database(name)
    arguments = ["run", job.file, "--db", database, "--progress", "none"]
    ended, message = ends(arguments, ">/dev/full")[::2] if code == 4 else with_closed_pipe(arguments)
    assert ended == code, (name, ended, message)
    assert ("what a run has computed is kept" in message) == (code == 4), message
    assert runs(database) == complete, runs(database)
    again = qeval(*arguments)
    assert again.stdout.count("stored") == 2, again.stdout
    for verb in (["history"], ["history", "--format", "json"], ["show", "@last"], ["show", "@last", "--predictions"],
                 ["encodings", "list"], ["plan", job.file]):
        assert ends([*verb, "--db", database], ">/dev/full")[0] == 4, verb
        assert with_closed_pipe([*verb, "--db", database])[0] == 141, verb
job.remove()
