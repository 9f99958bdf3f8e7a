"""Whatever job `run` takes, `resume` takes: every ready-made job, and gates of every form, interrupted midway."""
import hashlib
import json
import os
import signal
import sqlite3
import struct
import time

from fixture import QEVAL, SOURCE, Job, demo_folder, qeval, subprocess
from held_runs import rows

GATES = ["{top1: {}}", "{top1: {}, top5: {reference: 0.5, tolerance: 0.5}}",
         "{top1: {reference: {w8a8: 0.5}, tolerance: 1}}", "{top1: {reference: {}}}", "{top5: {reference: 0.25}}"]


def interrupt(how, database, *arguments, env=None):
    """Runs until the first batch is committed, then sends the signal. One thread: several batches are left by then."""
    process = subprocess.Popen([QEVAL, "run", *map(str, arguments), "--db", str(database), "--progress", "none",
                                "--set", "run.threads=1"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
                               env={**os.environ, **(env or {})})
    while rows(database, "SELECT 1 FROM prediction LIMIT 1") == []:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.002)
    process.send_signal(how)
    process.communicate()
    assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL), process.returncode
    assert states(database)[0] == "interrupted", states(database)


def states(database):
    return [row["state"] for row in json.loads(qeval("history", "--db", database, "--format", "json").stdout)]


def resume(database, variants, expect=0):
    """In an environment without the job's variables."""
    done = qeval("resume", "--db", database, "--progress", "none", expect=None, env=dict.fromkeys(VARIABLES, ""))
    assert done.returncode == expect, (done.returncode, done.stderr)
    ended = [state for state in states(database) if state in ("done", "gate_failed")]
    assert ended == states(database) and len(ended) == variants, states(database)


def link_images(root, classes):
    photos = sorted((demo_folder() / "images").glob("*.jpg"))
    for index in range(classes):
        folder = root / f"n{index:08d}"
        folder.mkdir(parents=True)
        (folder / "image.jpg").symlink_to(photos[index % len(photos)])


VARIABLES = ["QEVAL_DEMO", "IMAGENET", "RESNEXT101_WEIGHTS"]
job = Job(images=80)
jobs = {"demo.yaml": ({"QEVAL_DEMO": str(demo_folder().resolve())}, [], 3)}

weights = job.folder / "resnext.safetensors"
qeval("make-weights", "resnext101_32x8d", "--seed", 1, "-o", weights)
for part in ("val", "train"):
    link_images(job.folder / "imagenet" / part, 1000)
jobs["resnext101_w8a8.yaml"] = ({"IMAGENET": str(job.folder / "imagenet"), "RESNEXT101_WEIGHTS": str(weights)},
                                ["--limit", 8, "--batch-size", 2,
                                 "--set", "quantization.encodings.calibrate.samples={first: 2}",
                                 "--set", "quantization.encodings.calibrate.batch_size=2"], 2)
ready_made = sorted(path.name for path in (SOURCE / "jobs").glob("*.yaml"))
assert ready_made == sorted(jobs), f"a job without a test: {ready_made}"

for name, (variables, arguments, variants) in jobs.items():
    database = job.database(name + ".db")
    interrupt(signal.SIGINT if name == "demo.yaml" else signal.SIGKILL, database, SOURCE / "jobs" / name, *arguments,
              env=variables)
    resume(database, variants)

reference = job.database("reference.db")
job.run(reference)
gated = job.folder / "gated.yaml"
for number, gates in enumerate(GATES):
    gated.write_text(job.file.read_text() + f"metrics: {gates}\n")
    database = job.database(f"gates{number}.db")
    interrupt([signal.SIGINT, signal.SIGKILL][number % 2], database, gated)
    resume(database, 2, expect=1 if "0.25}" in gates else 0)
    stored = {variant: content for variant, (_, content) in job.hashes(database).items()}
    assert stored == {variant: content for variant, (_, content) in job.hashes(reference).items()}, gates

# What earlier versions stored for a metric without a reference.
gated.write_text(job.file.read_text() + "metrics: {top1: {}}\n")
database = job.database("earlier.db")
interrupt(signal.SIGKILL, database, gated)
with sqlite3.connect(database) as connection:
    for row, *texts, text in connection.execute("SELECT id, name, source_path, source_text, resolved_json FROM job").fetchall():
        resolved = json.loads(text)
        resolved["metrics"]["top1"]["reference"] = None
        texts.append(json.dumps(resolved))
        digest = hashlib.sha256()
        for part in texts:
            digest.update(struct.pack("<q", len(part.encode())) + part.encode())
        connection.execute("UPDATE job SET resolved_json = ?, sha256 = ? WHERE id = ?", (texts[-1], digest.hexdigest(), row))
connection.close()
resume(database, 2)
job.remove()
