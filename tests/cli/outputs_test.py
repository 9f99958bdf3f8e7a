"""An output takes the place of nothing that is read, and of no file that qeval did not write, unless --force says so."""
import os
import pathlib
import subprocess
import tempfile

from fixture import QEVAL, Job, qeval, start
from held_runs import empty_database, hold, let_go, wait_for

job = Job(images=16)
database = job.database()
EXPORT = ("--variant", "w8a8", "--set")
job.run(database, "--variant", "w8a8")


def refused(path, word, *command):
    before = path.read_bytes()
    done = qeval(*command, expect=2)
    assert str(path) in done.stderr and word in done.stderr, done.stderr
    if path == database:  # a writer that opens it leaves its mark
        assert len(qeval("history", "--db", path, "--format", "csv").stdout.splitlines()) == 2
    else:
        assert path.read_bytes() == before, f"{path} was changed"


def export_to(path, *more):
    return ("run", job.file, "--db", database, *EXPORT, f"output.export_encodings={path}", *more)


image = next(job.data.rglob("*.jpg"))
linked_weights = job.folder / "linked.safetensors"
os.link(job.weights, linked_weights)
for path, what in [(job.file, "the job file"), (job.weights, "model.weights"), (linked_weights, "model.weights"),
                   (image, "an image of the data set"), (database, "the results database")]:
    for force in ((), ("--force",)):
        refused(path, f"is read here ({what})", *export_to(path, *force))
        refused(path, f"is read here ({what})", "export", job.file, "--db", database, "--variant", "w8a8", "--format", "onnx-qdq",
                "-o", path, *force)

# Images of another variant, and an own output that has become one.
other = job.folder / "other" / "class0"
other.mkdir(parents=True)
for number in range(3):
    (other.with_name(f"class{number + 1}")).mkdir()
    (other.with_name(f"class{number + 1}") / "b.jpg").write_bytes(image.read_bytes())
qeval(*export_to(other / "a.jpg"))
text = job.file.read_text()
job.file.write_text(text.replace("\nrun:", "\n  later: {quantization: none, dataset: {root: other}}\nrun:"))
for force in ((), ("--force",)):
    for path in (other / "a.jpg", other.with_name("class1") / "b.jpg"):
        before = path.read_bytes()
        done = qeval(*export_to(path, *force), "--variant", "later", expect=2)
        assert f"{path}: is read here (an image of the data set)" in done.stderr, done.stderr
        assert path.read_bytes() == before
job.file.write_text(text)

# A file of somebody else's, in every verb that writes one; at once, before anything is computed.
parameters = ["block=bottleneck", "layers=1,1,1,1", "groups=4", "width_per_group=4", "num_classes=4", "input_size=64"]
WRITERS = {
    "export_encodings": lambda path: export_to(path),
    "export": lambda path: ("export", job.file, "--db", database, "--variant", "w8a8", "--format", "onnx-qdq", "-o", path),
    "encodings": lambda path: ("encodings", "export", "1", "--db", database, "-o", path),
    "make-weights": lambda path: ("make-weights", "resnet", "--seed", 3, "-o", path,
                                  *sum((["--parameter", p] for p in parameters), [])),
}
for name, command in WRITERS.items():
    path = job.folder / f"theirs-{name}"
    path.write_text("written by hand")
    refused(path, "--force", *command(path))
    qeval(*command(path), "--force")
    own = path.read_bytes()
    assert own != b"written by hand"
    qeval(*command(path))  # its own
    assert path.read_bytes() == own
    path.write_bytes(own + b"\n")
    refused(path, "--force", *command(path))  # somebody has edited it since
# What was forced when the run began is forced when it is resumed.
forced, killed = job.folder / "forced", job.database("killed.db")
forced.write_text("written by hand")
empty_database(killed)
hold(killed, "calibration_progress", "NEW.batches_done = 2")
process = start("run", job.file, "--db", killed, *EXPORT, f"output.export_encodings={forced}", "--force")
wait_for(process, killed, "SELECT max(batches_done) FROM calibration_progress", 1)
process.kill()
process.wait()
let_go(killed)
assert forced.read_text() == "written by hand"
qeval("resume", "--db", killed, "--progress", "none")
assert forced.read_text().startswith("{")

before = job.folder / "before"
before.write_text("mine")
fresh = job.database("fresh.db")
refused(before, "--force", "run", job.file, "--db", fresh, *EXPORT, f"output.export_encodings={before}")
rows = qeval("history", "--db", fresh, "--format", "csv").stdout.splitlines()
assert len(rows) == 1, f"something was computed before the output was refused: {rows}"

# "Below the job's folder" is meant after links are resolved.
outside = pathlib.Path(tempfile.mkdtemp(prefix="qeval-outside-"))
(job.folder / "link").symlink_to(outside)
text = job.file.read_text()
job.file.write_text(text + "output: {export_encodings: link/enc.json}\n")
assert "outside the job file's folder" in qeval("run", job.file, "--db", database, "--variant", "w8a8", expect=2).stderr
assert not list(outside.iterdir())
outside.rmdir()
job.file.write_text(text)

# A folder that cannot be made ends the attempt, with its message.
blocked = job.database("blocked.db")
end = qeval("run", job.file, "--db", blocked, *EXPORT, f"output.export_encodings={job.file}/no/enc.json", expect=4)
assert "job.yaml/no" in end.stderr, end.stderr
shown = qeval("show", "@last", "--db", blocked).stdout
assert ", failed\n" in shown and "job.yaml/no" in shown, shown

# Standard output is not a file that could be replaced.
out = job.folder / "stdout.json"
with open(out, "wb") as stream:
    subprocess.run([QEVAL, "encodings", "export", "1", "--db", database, "-o", "/dev/stdout"], stdout=stream, check=True)
assert out.read_text().startswith("{")
job.remove()
