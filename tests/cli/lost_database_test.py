"""A database that is lost during a run ends it with exit 5 and a message, whatever becomes of it."""
import json
import os
import shutil
import subprocess
import time

from fixture import QEVAL, Job, qeval, signal

# So many images that a run cannot be over before its database is taken away.
job = Job(images=30_000)
short = Job(images=40)


def disturb(what, action, expect):
    """Starts a run and does something to its database once it has committed. Returns what the run said until its end."""
    folder = job.folder / what
    folder.mkdir()
    database = folder / "results.db"
    process = subprocess.Popen([QEVAL, "run", str(job.file), "--db", str(database), "--progress", "none", "--variant",
                                "fp32"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None:
        listed = qeval("history", "--db", database, "--format", "json", expect=None)
        if listed.returncode == 0 and any(int(row["n_done"]) for row in json.loads(listed.stdout)):
            break
        time.sleep(0.02)
    action(database)
    if expect == 130:
        process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=300)
    assert process.returncode == expect, f"{what}: exit {process.returncode}\n{out}\n{error}"
    assert out == "", f"{what}: a table of results that are not stored\n{out}"
    return error, database


def lose(what, action, messages):
    error, database = disturb(what, action, expect=5)
    for message in messages:
        assert message in error, f"{what}: expected {message!r} in {error!r}"
    return error, database


def make_read_only(database):
    """Too late: what a process has open stays open to it."""
    database.chmod(0o444)
    database.parent.chmod(0o555)


def rows_of(database):
    return json.loads(qeval("history", "--db", database, "--format", "json").stdout)


def replace(database):
    shutil.copyfile(short.folder / "results.db", database.with_suffix(".new"))
    os.replace(database.with_suffix(".new"), database)


def overwrite(database):
    shutil.copyfile(short.folder / "results.db", database)


short.run(short.database(), "--variant", "fp32")
gone = ["deleted or moved while it was written", "run the job again"]
error, _ = lose("deleted", os.remove, gone)
assert "what was committed is kept" not in error, error
lose("folder removed", lambda database: shutil.rmtree(database.parent), gone)
error, database = lose("replaced", replace, ["replaced by another file while it was written"])
assert "what was committed is kept" not in error, error
refused = qeval("history", "--db", database, expect=5)
assert f"delete {database}-wal" in refused.stderr, refused.stderr
os.remove(f"{database}-wal")
assert rows_of(database)[0]["n_total"] == 40, "the other file was written into"

error, database = lose("overwritten", overwrite, ["replaced by another file while it was written"])
assert database.read_bytes() == short.database().read_bytes(), "the other file was written into"
qeval("history", "--db", database, expect=5)

error, database = lose("moved", lambda database: database.rename(database.with_name("moved.db")), gone)
refused = qeval("history", "--db", database.with_name("moved.db"), expect=5)
assert f"rename that to {database.with_name('moved.db')}-wal" in refused.stderr, refused.stderr
database.with_name("moved.db").rename(database)  # as the message says
(row,) = rows_of(database)
assert int(row["n_done"]) > 0 and row["state"] == "interrupted", row

error, database = disturb("read only", make_read_only, expect=130)
database.parent.chmod(0o755)
(row,) = rows_of(database)
assert int(row["n_done"]) > 0 and f"committed {row['n_done']} of" in error, (row, error)

job.remove()
short.remove()
