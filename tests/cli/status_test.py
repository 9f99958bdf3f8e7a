"""`status` says from another terminal what is running, how far it is and who writes; of a process that was killed it says
that nothing is running and how to go on. It never waits for the writer, and the writer never for it."""
import json
import os
import re
import signal
import subprocess

from fixture import QEVAL, Job, qeval, start
from held_runs import empty_database, hold, let_go, wait_for

UTF8 = {"LC_ALL": "C.UTF-8"}
job = Job(images=160)


def status(database, *arguments):
    return qeval("status", "--db", database, *arguments, env=UTF8).stdout


def table(database):
    return json.loads(status(database, "--format", "json"))


def held(name, table_name, condition, statement, least, *arguments):
    """A run that stands at a known moment, and its database."""
    database = job.database(name)
    empty_database(database)
    hold(database, table_name, condition)
    process = start("run", job.file, "--db", database, "--progress", "none", *arguments)
    wait_for(process, database, "SELECT count(*) FROM run_attempt", 1)
    wait_for(process, database, statement, least)
    return process, database


# While images are evaluated.
process, database = held("evaluation.db", "batch_done", "NEW.batch_number = 17", "SELECT count(*) FROM batch_done", 17,
                         "--variant", "fp32")
text = status(database)
assert re.match(r"[a-z]+-[a-z]+-\d+ \(fp32\): evaluating, 68 of 160 images, [\d.,]+ images/s, [\d:]+ left\n", text), text
assert f"written by pid {process.pid} on host {os.uname().nodename} since " in " ".join(text.split()), text
assert re.search(r"^  top-1 [\d.]+ % so far$", text, re.M) and "nothing is running" not in text, text
(row,) = table(database)
assert (row["state"], row["phase"], row["done"], row["total"], row["variant"]) == ("running", "evaluation", 68, 160, "fp32")
assert abs(row["seconds_left"] - 92 / row["images_per_s"]) < 1e-6 and f"pid {process.pid} " in row["written_by"], row

# `--watch` follows to the end and says what became of it.
watch = subprocess.Popen([QEVAL, "status", "--watch", "--interval", "1", "--db", database], stdout=subprocess.PIPE,
                         text=True, env={**os.environ, **UTF8})
assert watch.stdout.readline().startswith("fp32 evaluation  68/160  42 %  top-1 ")
process.kill()
process.wait()
rest = watch.stdout.read()
assert watch.wait() == 0 and "nothing is running\n" in rest, rest
text = status(database)
lines = text.splitlines()
assert lines[0] == "nothing is running" and "(fp32): interrupted, 68 of 160 images" in " ".join(lines), text
assert f"go on with: qeval resume {row['run']}" in " ".join(text.split()), text
assert [r["state"] for r in table(database)] == ["interrupted"]
let_go(database)
qeval("resume", "--db", database, "--progress", "none", env=UTF8)
assert status(database) == "nothing is running\n"
assert table(database) == []

# While encodings are computed: the images of the calibration.
process, database = held("calibration.db", "calibration_progress", "NEW.batches_done = 5",
                         "SELECT max(batches_done) FROM calibration_progress", 4, "--variant", "w8a8")
text = status(database)
assert "(w8a8): calibrating, 16 of 60 images\n" in text, text
(row,) = table(database)
assert (row["phase"], row["done"], row["total"], row["n_done"]) == ("calibration", 16, 60, 0), row
process.send_signal(signal.SIGKILL)
process.wait()

# While layers are changed on images: how many are done.
process, database = held("tuning.db", "tuned_layer", "NEW.position = 3", "SELECT count(*) FROM tuned_layer", 3,
                         "--variant", "w8a8", "--set", "variants.w8a8.quantization.rounding=adaround",
                         "--set", "variants.w8a8.quantization.adaround.iterations=2")
text = status(database)
assert "(w8a8): changing layers on images, 3 layers done\n" in text, text
(row,) = table(database)
assert (row["phase"], row["done"], row["total"]) == ("tuning", 3, None), row
process.kill()
process.wait()

# A run that computes again what is finished has a calibration of its own, and says so while it runs and when it is half.
database = job.database("again.db")
job.run(database, "--variant", "w8a8", resumed=False)
finished = qeval("history", "--db", database, "--format", "csv", "--columns", "name").stdout.split()[1]
assert status(database) == "nothing is running\n"
for table_name, condition, statement, least, phase in [
        ("calibration_progress", "NEW.batches_done = 5", "SELECT max(batches_done) FROM calibration_progress", 4,
         ("calibration", 16, 60, 0)),
        ("batch_done", "NEW.batch_number = 17", "SELECT count(*) FROM batch_done WHERE run_id = 2", 17,
         ("evaluation", 68, 160, 68))]:
    hold(database, table_name, condition)
    process = start("run", job.file, "--db", database, "--variant", "w8a8", "--again", "--progress", "none")
    wait_for(process, database, "SELECT count(*) FROM run", 2)
    wait_for(process, database, statement, least)
    for state in ["running", "interrupted"]:
        (row,) = table(database)
        assert (row["state"], row["repeats"]) == (state, finished) and row["run"] != finished, row
        assert (row["phase"], row["done"], row["total"], row["n_done"]) == phase, row
        assert (row["written_by"] is None) == (state == "interrupted"), row
        text = " ".join(status(database).split())
        assert text.startswith("nothing is running") == (state == "interrupted"), text
        assert f"{row['run']} (w8a8): " in text and f" computes again what {finished} had computed" in text, text
        process.kill()
        process.wait()
    let_go(database)
assert "the content hash is the same" in qeval("resume", "--db", database).stderr
assert status(database) == "nothing is running\n"

# Under every name of the file, and where it cannot be written to.
link = job.folder / "link.db"
link.symlink_to(database)
assert status(link).startswith("nothing is running\n")
qeval("status", "--db", job.database("none.db"), expect=5)
qeval("status", "--watch", "--format", "json", "--db", database, expect=2)
job.remove()
