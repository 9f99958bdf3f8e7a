"""AdaRound and biases corrected on images: announced, stored layer by layer, the same after kill -9 and on any number of threads,
exported."""
import contextlib
import csv
import re
import sqlite3
import time

from fixture import Job, qeval, signal, start

job = Job(images=120)
job.file.write_text(job.file.read_text().replace(
    "scheme: tf_enhanced", """rounding: adaround
      adaround: {iterations: 8}
      bias_correction: empirical
      param: {bits: 4}
      scheme: tf_enhanced"""))
tuned = ("--variant", "w8a8")
database = job.database("reference.db")


def plan(database):
    return qeval("plan", job.file, "--db", database, *tuned).stdout


announced = plan(database)
assert "AdaRound 18 of 18 layers, bias correction 18 of 18 layers, calibrate 15 of 15 batches" in announced, announced
assert "AdaRound: learned rounding (18): conv1, layer1.0.conv1" in announced, announced
assert "bias correction: corrected (18): conv1, layer1.0.conv1" in announced, announced
said = qeval("run", job.file, "--db", database, *tuned, "--progress", "lines").stderr
assert ", AdaRound, biases corrected" in said, said
assert "w8a8 AdaRound: 18 of 18 layers, fc" in said and "w8a8 bias correction: 18 of 18 layers, fc" in said, said
assert re.search(r"w8a8 +stored ", plan(database)), plan(database)
reference = job.hashes(database)
found = {str(reference)}
for name, setting in ("biases.db", "bias_correction=none"), ("rounding.db", "rounding=nearest"), ("steps.db", "adaround.iterations=9"):
    job.run(job.database(name), *tuned, "--set", f"variants.w8a8.quantization.{setting}")
    found.add(str(job.hashes(job.database(name))))
assert len(found) == 4, "every setting makes another result"

for threads in (1, 3):
    job.run(job.database(f"threads{threads}.db"), *tuned, "--set", f"run.threads={threads}")
    assert job.hashes(job.database(f"threads{threads}.db")) == reference, threads



def layers_done(database):
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT count(*) FROM tuned_layer").fetchone()[0]
    except sqlite3.OperationalError:  # not there yet
        return 0


# A run is killed as soon as so many layers are stored; the same command, or resume, goes on behind them.
amid = 0
for number, wanted in enumerate((1, 10, 20, 33)):
    database = job.database(f"kill{number}.db")
    process = start("run", job.file, "--db", database, "--progress", "none", *tuned)
    while layers_done(database) < wanted and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = 36 - layers_done(database)
    assert left < 36, "nothing was stored"
    amid += left > 0
    if left > 0:
        said = plan(database)
        assert f"AdaRound {max(left - 18, 0)} of 18 layers, bias correction {min(left, 18)} of 18 layers" in said, said
    if number % 2:
        qeval("resume", "--db", database, "--progress", "none")
    job.run(database, *tuned)
    assert job.hashes(database) == reference, number
print(f"{amid} of 4 killed amid the layers")
assert amid >= 2

# The exported network has the changed weights and biases: it predicts as the simulation does.
database = job.database("reference.db")
net = job.folder / "net.onnx"
job.file.write_text(job.file.read_text().replace("mode: aimet-1.24", "mode: aimet-torch-2"))
message = qeval("export", job.file, *tuned, "--format", "onnx-qdq", "-o", net, "--db", database, expect=3).stderr
assert "qeval run" in message, message
job.run(database, *tuned)
qeval("export", job.file, *tuned, "--format", "onnx-qdq", "-o", net, "--db", database)
text = job.file.read_text()
model = text[text.index("model:"):text.index("dataset:")]
variants = text[text.index("variants:"):text.index("run:")]
imported = job.folder / "imported.yaml"
imported.write_text(text.replace(model, "model: {arch: onnx, weights: net.onnx}\n")
                    .replace(variants, "variants: {back: {quantization: none}}\n"))
qeval("run", imported, "--db", job.database("b.db"), "--progress", "none")


def best(name):
    text = qeval("show", "@last", "--db", job.database(name), "--predictions", "--format", "csv").stdout
    return [row["top1"] for row in csv.DictReader(text.splitlines())]


same = sum(a == b for a, b in zip(best("reference.db"), best("b.db"), strict=True))
assert same >= 115, f"{same} of 120"

# Sensitivity compares with the corrected network, and finds the biases stored.
said = qeval("sensitivity", job.file, *tuned, "--db", database, "--limit", 8, "--progress", "lines")
assert "conv1" in said.stdout and "layers, fc" not in said.stderr, said.stderr

# More bad images than allowed end it before a layer is corrected, and say which.
broken = job.data / "class0" / "00000.jpg"
broken.unlink()
broken.write_bytes(b"no photo")
database = job.database("broken.db")
failed = qeval("run", job.file, "--db", database, *tuned, "--progress", "none", expect=None)
assert failed.returncode != 0 and "00000.jpg" in failed.stderr, failed.stderr
assert "AdaRound 18 of 18" in plan(database), plan(database)
tolerant = qeval("run", job.file, "--db", database, *tuned, "--progress", "none", "--set", "run.bad_images.max=1")
assert "120 " in tolerant.stdout, tolerant.stdout
job.remove()
