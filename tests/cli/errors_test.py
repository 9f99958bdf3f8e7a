"""Bad input ends in one clear message, the documented exit code, and nothing lost."""
import json
import shutil
import time

from fixture import Job, pathlib, qeval, signal, start

job = Job(images=40)
database = job.database()


def fails(code, text, *arguments, env=None):
    done = qeval(*arguments, expect=code, env=env)
    assert text in done.stderr, f"{arguments}: expected {text!r} in {done.stderr!r}"
    return done.stderr


fails(2, "did you mean 'run'", "rnu", job.file)
fails(2, "did you mean '--db'", "run", job.file, "--bd", database)
fails(2, "run.batch_sze", "run", job.file, "--db", database, "--set", "run.batch_sze=1")
fails(2, "cuda", "run", job.file, "--db", database, "--device", "cuda:63")
missing = "has no scheme sqnr; modes with it: aimet-torch-2"
for verb in ("validate", "run"):
    fails(2, missing, verb, job.file, "--set", "variants.w8a8.quantization.scheme=sqnr")
fails(3, "weights.safetensors", "run", job.file, "--db", database, "--set", "model.weights=absent/weights.safetensors")
# A database that is missing is the same error for every verb that needs one.
absent = job.database("none.db")
advice = f"qeval: no results database at {absent}; `qeval run JOB` creates it, or name one with --db\n"
for verb in ("history", "show @last", "show @last --predictions", "resume", "resume @last", "encodings list",
             "encodings show 1", "encodings export 1 -o x.encodings", "encodings diff 1 2",
             f"export {job.file} --variant w8a8 --format onnx-qdq -o {job.folder}/x.onnx"):
    assert fails(5, "no results database", *verb.split(), "--db", absent) == advice, verb
assert not absent.exists()
fails(2, "input_size", "run", job.file, "--db", database, "--set", "model.parameters.input_size=96")
# Where LibTorch's side is looked for is named in full; an empty variable is none.
fails(4, f"{pathlib.Path.cwd()}/absent/libqeval_infer.so", "plan", job.file, "--db", database,
      env={"QEVAL_LIBDIR": "absent"})
qeval("plan", job.file, "--db", database, env={"QEVAL_LIBDIR": ""})
for no_room in ("0", "none"):
    qeval("run", job.file, "--db", job.database("no_room.db"), "--limit", 4, env={"LRU_CACHE_CAPACITY": no_room}, resumed=False)
five = job.folder / "val5"
shutil.copytree(job.data, five)
shutil.copytree(job.data / "class0", five / "class9")
fails(3, "class folders", "run", job.file, "--db", database, "--set", f"dataset.root={five}")
wrong = job.folder / "wrong.yaml"
wrong.write_text(job.file.read_text().replace("model:", "model:\n  sha256: " + "0" * 64))
fails(3, "SHA-256", "run", wrong, "--db", database)

# A truncated image: its row says so, the run stops resumable, and goes on once it is allowed.
broken = job.folder / "broken"
shutil.copytree(job.data, broken)
victim = sorted((broken / "class1").iterdir())[3]
bytes_ = victim.read_bytes()
victim.unlink()
victim.write_bytes(bytes_[: len(bytes_) // 2])
arguments = ["run", job.file, "--db", database, "--progress", "none", "--variant", "fp32", "--set", f"dataset.root={broken}"]
message = fails(4, "truncated", *arguments)
assert victim.name in message and "bad_images" in message, message
done = qeval(*arguments, "--set", "run.bad_images.max=1")
name = done.stdout.split()[-1]
assert victim.name in qeval("show", name, "--db", database).stdout

# A second writer is told who holds the database. So many images that the first cannot be over before it is asked to stop.
changed = job.database("changed.db")
long = Job(images=30_000)
process = start("run", long.file, "--db", changed, "--progress", "none", "--variant", "fp32")
while process.poll() is None:
    listed = qeval("history", "--db", changed, "--format", "json", expect=None)
    if listed.returncode == 0 and any(row["n_done"] for row in json.loads(listed.stdout)):
        break
    time.sleep(0.02)
busy = qeval("run", long.file, "--db", changed, "--progress", "none", expect=None)
process.send_signal(signal.SIGINT)
assert process.wait() == 130, "the run was over before it could be interrupted"
assert busy.returncode == 5 and "in use" in busy.stderr and str(process.pid) in busy.stderr, busy.stderr
# Weights that change under an interrupted run are noticed.
content = bytearray(long.weights.read_bytes())
content[-1] ^= 0x01
long.weights.write_bytes(bytes(content))
fails(3, "model.weights (another content", "resume", "--db", changed)

# A missed gate is exit 1, and the run is kept.
gated = job.folder / "gated.yaml"
gated.write_text(job.file.read_text() + "metrics: {top1: {reference: 0.999, tolerance: 0.0001}}\n")
missed = qeval("run", gated, "--db", job.database("gate.db"), "--progress", "none", "--variant", "fp32", expect=1)
assert "gate missed" in missed.stdout, missed.stdout
job.remove()
long.remove()
