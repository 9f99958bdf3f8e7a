"""Images and weights are swapped, cut off, removed, touched and overwritten, while a run works and between two attempts, in every
kind of work: the answer is always that of the files the run began with, or the run ends and names the file."""
import contextlib
import os
import signal
import sqlite3
import subprocess
import time

from fixture import QEVAL, Job, qeval

job = Job(images=100)
job.file.write_text(job.file.read_text().replace("mode: aimet-1.24", "mode: aimet-torch-2")
                    .replace("samples: {first: 60}", "samples: {first: 100}"))
ADAROUND = ("--variant", "w8a8", "--set", "variants.w8a8.quantization.rounding=adaround",
            "--set", "variants.w8a8.quantization.adaround.iterations=2")
# What is done, and the rows that show how far it is.
WORK = {
    "float": (("run", "--variant", "fp32"), "batch_done", 25),
    "calibration": (("run", "--variant", "w8a8"), "calibration", 25),
    "evaluation": (("run", "--variant", "w8a8"), "batch_done", 25),
    "sensitivity": (("sensitivity", "--variant", "w8a8"), "sensitivity", 25),
    "adaround": (("run", *ADAROUND), "tuned_layer", 18),
}
QUERIES = {
    "batch_done": "SELECT count(*) FROM batch_done",
    "calibration": "SELECT max(batches_done) FROM calibration_progress",
    "sensitivity": "SELECT count(DISTINCT batch_number) FROM sensitivity_part",
    "tuned_layer": "SELECT count(*) FROM tuned_layer",
}
LAST = job.data / "class3" / "00099.jpg"  # of the last class, so its batch is the last one
OTHER = job.data / "class0" / "00000.jpg"
EARLY = job.data / "class2" / "00002.jpg"  # nobody touches it until it has been read and remembered
kept = {path: path.read_bytes() for path in (EARLY, LAST, job.weights)}
for image in (EARLY, LAST):
    image.unlink()  # the photos are hard links
    image.write_bytes(kept[image])
other_image = OTHER.read_bytes()
assert kept[LAST] != other_image
other_weights = job.folder / "other.safetensors"
parameters = ["block=bottleneck", "layers=1,1,1,1", "groups=4", "width_per_group=4", "num_classes=4", "input_size=64"]
qeval("make-weights", "resnet", "--seed", 8, "-o", other_weights, *sum((["--parameter", p] for p in parameters), []))
assert other_weights.stat().st_size == len(kept[job.weights])


def by_rename(path, content):
    aside = path.with_name(path.name + ".new")
    aside.write_bytes(content)
    os.replace(aside, path)


def restore():
    for path, content in kept.items():
        if not path.exists() or path.read_bytes() != content:
            by_rename(path, content)


def in_place(path, content):
    with open(path, "r+b") as file:
        file.write(content)


def same_size(path):
    """Other bytes that end alike, so that only their content tells."""
    content = bytearray(kept[path])
    content[len(content) // 2] ^= 1
    return bytes(content)


def progress(database, table):
    with contextlib.suppress(sqlite3.OperationalError):  # not there yet
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute(QUERIES[table]).fetchone()[0] or 0
    return 0


def command(work, database):
    verb, *options = WORK[work][0]
    # So many threads read so far ahead.
    return [verb, str(job.file), "--db", str(database), "--set", "run.threads=2", *options]


def started_and_stopped(work, database):
    """A process that has committed something and has most of its work before it, and stands still."""
    _, table, total = WORK[work]
    process = subprocess.Popen([QEVAL, *command(work, database), "--progress", "none"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    while progress(database, table) == 0:
        assert process.poll() is None, f"{work}: ended without a commit: {process.stderr.read()}"
        time.sleep(0.001)
    process.send_signal(signal.SIGSTOP)
    done = progress(database, table)
    assert 0 < done < total - 8, f"{work}: {done} of {total} are done already"
    return process


def ended(process):
    process.send_signal(signal.SIGCONT)
    said = process.communicate()[1]
    return process.returncode, said


def answer(work, database):
    """All that the database says about the work's outcome."""
    if work == "sensitivity":
        return qeval(*command(work, database), "--format", "csv").stdout
    return job.hashes(database)


CHANGES = {
    "other content, same size, in place": lambda: in_place(LAST, same_size(LAST)),
    "other image, by rename": lambda: by_rename(LAST, other_image),
    "cut off": lambda: os.truncate(LAST, 1000),
    "removed": lambda: LAST.unlink(),
}
cases = 0
counted = set()


def case(work, what):
    global cases
    cases += 1
    counted.add((work, what))
    return job.database(f"{work}-{cases}.db")


references = {}
for work in WORK:
    restore()
    database = job.database(f"reference-{work}.db")
    qeval(*command(work, database))
    references[work] = answer(work, database)

for work in WORK:
    # AdaRound has read all its images before it commits a layer.
    for what, change in CHANGES.items() if work != "adaround" else ():
        restore()
        database = case(work, what + " while running")
        process = started_and_stopped(work, database)
        change()
        code, said = ended(process)
        assert code == 3 and str(LAST) in said, (work, what, code, said)
        # Restored, it goes on and ends as if nothing had been.
        restore()
        qeval(*command(work, database))
        assert answer(work, database) == references[work], (work, what)

    # Nothing of this may matter: weights are in memory, and equal bytes are the same image.
    for what, change in {"weights overwritten in place": lambda: in_place(job.weights, other_weights.read_bytes()),
                         "weights cut off": lambda: os.truncate(job.weights, 100),
                         "touched": lambda: os.utime(LAST),
                         "replaced by an equal file": lambda: by_rename(LAST, kept[LAST])}.items():
        restore()
        database = case(work, what + " while running")
        process = started_and_stopped(work, database)
        change()
        code, said = ended(process)
        assert code == 0, (work, what, code, said)
        restore()
        assert answer(work, database) == references[work], (work, what)

    if work == "sensitivity":
        continue  # has no run to resume
    for what, change, named in [("image changed", lambda: in_place(LAST, same_size(LAST)), "class3/00099.jpg"),
                                ("image vanished", lambda: LAST.unlink(), "class3/00099.jpg"),
                                ("weights changed", lambda: by_rename(job.weights, other_weights.read_bytes()), "model.weights (another content")]:
        restore()
        database = case(work, what + " between attempts")
        process = started_and_stopped(work, database)
        process.kill()
        process.communicate()
        change()
        refused = qeval("resume", "--db", database, expect=3).stderr
        assert named in refused, (work, what, refused)
        restore()
        qeval("resume", "--db", database)
        assert answer(work, database) == references[work], (work, what)

# What is stored is the answer for equal bytes only, also where size and times are the same.
for image, name in [(LAST, "class3/00099.jpg"), (EARLY, "class2/00002.jpg")]:
    restore()
    database = case("float", f"stored, {name} changed")
    qeval(*command("float", database))
    times = image.stat()
    in_place(image, same_size(image))
    os.utime(image, ns=(times.st_atime_ns, times.st_mtime_ns))
    planned = qeval("plan", job.file, "--db", database, "--variant", "fp32").stdout
    assert f"images (1 changed ({name}))" in " ".join(planned.split()), planned
    said = qeval(*command("float", database)).stderr
    assert "finished before" not in said, said
restore()
database = case("float", "stored, all touched")
qeval(*command("float", database))
for image in job.data.rglob("*.jpg"):
    os.utime(image)
assert "finished before" in qeval(*command("float", database)).stderr
assert cases >= 40, f"only {cases} cases"
assert len(counted) == cases
print(f"{cases} cases")
job.remove()
