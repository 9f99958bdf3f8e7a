"""AdaRound, and biases corrected on images: announced, stored layer by layer, the same after kill -9 and on any number of threads,
exported."""
import contextlib
import re
import sqlite3
import time

from fixture import Job, qeval, signal, start, subprocess, sys

LAYERS = 18
job = Job(images=120)
job.file.write_text(job.file.read_text()
                    .replace("scheme: tf_enhanced", "scheme: tf_enhanced\n      param: {bits: 4}")
                    .replace("mode: aimet-1.24", "mode: aimet-torch-2"))
Q = "variants.w8a8.quantization."
PLAIN = ("--variant", "w8a8")
TUNINGS = {"AdaRound": (*PLAIN, "--set", f"{Q}rounding=adaround", "--set", f"{Q}adaround.iterations=12"),
           "bias correction": (*PLAIN, "--set", f"{Q}bias_correction=empirical")}


def plan(database, options):
    return qeval("plan", job.file, "--db", database, *options).stdout


def layers_done(database):
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT count(*) FROM tuned_layer").fetchone()[0]
    except sqlite3.OperationalError:  # not there yet
        return 0


def announced_and_done(title, options, database):
    said = plan(database, options)
    assert f"{title} {LAYERS} of {LAYERS} layers, calibrate 15 of 15 batches" in said, said
    assert f"(all {LAYERS} layers with weights)" in said and "layer by layer keeps 60 images in memory" in said, said
    some = plan(database, (*options, "--set", f"{Q}disable=[conv1]"))
    assert "(17): layer1.0.conv1" in some and "left alone, weight not quantized (1): conv1" in some, some
    said = qeval("run", job.file, "--db", database, *options, "--progress", "lines").stderr
    assert f"w8a8 {title}: {LAYERS} of {LAYERS} layers, fc" in said, said
    assert re.search(r"w8a8 +stored ", plan(database, options)), plan(database, options)


def killed_and_resumed(number, wanted, options, reference):
    """A run is killed as soon as so many layers are stored; the same command, or resume, goes on behind them."""
    database = job.database(f"kill{number}.db")
    process = start("run", job.file, "--db", database, "--progress", "none", *options)
    while layers_done(database) < wanted and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = LAYERS - layers_done(database)
    assert left < LAYERS, "nothing was stored"
    if left > 0:
        assert f" {left} of {LAYERS} layers" in plan(database, options), plan(database, options)
    if number % 2:
        qeval("resume", "--db", database, "--progress", "none")
    job.run(database, *options)
    assert job.hashes(database) == reference, number
    database.unlink()
    return left > 0


job.run(job.database("plain.db"), *PLAIN)
results = {str(job.hashes(job.database("plain.db")))}
amid = 0
for title, options in TUNINGS.items():
    database = job.database(f"{title}.db")
    announced_and_done(title, options, database)
    reference = job.hashes(database)
    shown = qeval("show", "@last", "--db", database).stdout
    assert re.search(r"^network +(AdaRound \(12 iterations, |biases corrected \(empirical\))", shown, re.M), shown
    results.add(str(reference))
    job.run(job.database("threads.db"), *options, "--set", "run.threads=3")
    assert job.hashes(job.database("threads.db")) == reference
    job.database("threads.db").unlink()
    amid += sum(killed_and_resumed(number, wanted, options, reference) for number, wanted in enumerate((1, 13)))

    # Other activations take the same changed layers; other weights do not.
    said = plan(database, (*options, "--set", f"{Q}activation.bits=10"))
    assert f"{title} 0 of {LAYERS} layers" in said, said
    assert f"{title} {LAYERS} of {LAYERS} layers" in plan(database, (*options, "--set", f"{Q}param.bits=5"))

    # The exported network has the changed layers: it predicts as the simulation does.
    net = job.folder / f"{title}.onnx"
    message = qeval("export", job.file, *options, "--format", "onnx-qdq", "-o", net, "--db", job.database("plain.db"), expect=3).stderr
    assert "qeval run" in message, message
    qeval("export", job.file, *options, "--format", "onnx-qdq", "-o", net, "--db", database)
    job.run_onnx(net.name, f"{title} onnx.db")
    same = sum(a == b for a, b in zip(job.best(f"{title}.db"), job.best(f"{title} onnx.db"), strict=True))
    assert same >= 115, f"{same} of 120"

    # Sensitivity compares with the changed network, and finds the layers stored.
    said = qeval("sensitivity", job.file, *options, "--db", database, "--limit", 8, "--progress", "lines")
    assert "conv1" in said.stdout and "layers, fc" not in said.stderr and "note: " in said.stderr, said.stderr
print(f"{amid} of 4 killed amid the layers")
assert amid >= 2
job.run(job.database("more.db"), *TUNINGS["AdaRound"], "--set", f"{Q}adaround.iterations=13")
results.add(str(job.hashes(job.database("more.db"))))
assert len(results) == 4, "every setting makes another result"

# Ctrl-C amid a layer leaves it undone, and says how far it came.
process = subprocess.Popen([sys.argv[1], "run", job.file, "--db", job.database("long.db"), "--progress", "none", *PLAIN,
                            "--set", f"{Q}rounding=adaround", "--set", f"{Q}adaround.iterations=1000000"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
time.sleep(3)
process.send_signal(signal.SIGINT)
said = process.communicate()[1]
assert process.returncode == 130 and f"committed 0 of {LAYERS} layers of AdaRound, 0 of 120 images" in said, said

# More bad images than allowed end it before a layer is changed, and say which.
broken = job.data / "class0" / "00000.jpg"
broken.unlink()
broken.write_bytes(b"no photo")
database, options = job.database("broken.db"), TUNINGS["bias correction"]
failed = qeval("run", job.file, "--db", database, *options, "--progress", "none", expect=None)
assert failed.returncode != 0 and "00000.jpg" in failed.stderr, failed.stderr
assert f"{LAYERS} of {LAYERS} layers" in plan(database, options), plan(database, options)
tolerant = job.run(database, *options, "--set", "run.bad_images.max=1")
assert "120 " in tolerant.stdout, tolerant.stdout
job.remove()
