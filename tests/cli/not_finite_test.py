"""Logits that are NaN or infinite are counted and traced to a node; nothing is learned from such values."""
import json
import re
import struct

from fixture import Job, find_shared, pathlib, qeval


def set_weights(file, tensor, value):
    """All values of one tensor of a safetensors file."""
    data = bytearray(file.read_bytes())
    size = struct.unpack("<Q", data[:8])[0]
    begin, end = json.loads(data[8:8 + size])[tensor]["data_offsets"]
    data[8 + size + begin:8 + size + end] = struct.pack("<f", value) * ((end - begin) // 4)
    file.write_bytes(data)


def shown(text, pattern):
    found = re.search(pattern, text, re.M)
    assert found, f"no {pattern!r} in\n{text}"
    return found.group(1)


job = Job(images=12)
database = job.database()
one = ["--variant", "fp32"]

# A truncated image is no answer of the network's: it stays a failed image, and counts towards run.bad_images alone.
broken = job.data / "class1" / "00001.jpg"
content = broken.read_bytes()
broken.unlink()
broken.write_bytes(content[:len(content) // 2])
set_weights(job.weights, "fc.weight", 3e38)
allowed = ["--set", "run.bad_images.max=1"]
for computed in (True, False):
    done = job.run(database, *one, *allowed, expect=1)
    cells = dict(zip(*[re.split(r"  +", line.strip()) for line in done.stdout.splitlines()[:2]]))
    assert (cells["failed"], cells["not finite"]) == ("1", "11"), cells
    assert (cells["images/s"] == "stored") != computed, cells
    assert "11 of 12 images have no usable answer" in done.stderr and "from node fc on" in done.stderr, done.stderr
summary = qeval("show", "@last", "--db", database).stdout
assert shown(summary, r"^run .*, (\w+)$") == "done"
assert shown(summary, r"^failed +(.*)$") == "1"
assert "11 images: the logits are NaN or infinite, in class0/00000.jpg from node fc on" in shown(summary, r"^not finite (.*)$")
assert summary.count("00001.jpg") == 1 and "class2/00002.jpg" not in summary, "only the file that could not be used is listed"
rows = json.loads(qeval("show", "@last", "--db", database, "--predictions", "--format", "json").stdout)
assert sorted({str(row["status"]) for row in rows}) == ["not_finite", "truncated"], rows
assert all(not row["top1"] for row in rows), rows

# Where all is finite, nothing of this is seen.
sound = Job(images=8)
assert "not finite" not in sound.run(sound.database(), *one).stdout
assert "not finite" not in qeval("show", "@last", "--db", sound.database()).stdout

# What is learned on images: one error that names the tensor or the layer, and the batch.
set_weights(sound.weights, "layer1.0.conv2.weight", 1e38)
# A ReLU that is computed with its convolution makes zero of a NaN, so that the logits end as numbers.
assert "8 of 8 images have no usable answer" in sound.run(sound.database(), *one, expect=1).stderr


def settings(*texts):
    return sum((["--set", "variants.w8a8.quantization." + text] for text in texts), [])


def refused(name, *texts):
    done = sound.run(sound.database(), "--variant", "w8a8", *settings(*texts), expect=4)
    assert name in done.stderr and "infinities or NaN" in done.stderr and "batch 0" in done.stderr, done.stderr


refused("layer1.0.relu:output: ", "scheme=tf")
refused("layer layer1.0.conv2, batch 0: ", "bias_correction=empirical")
refused("layer layer1.0.conv2, batch 0: ", "rounding=adaround", "adaround.iterations=10")

# With encodings from a file nothing is calibrated, and a grid makes a number of a NaN; the image is told of.
given = Job(images=8)
export = given.folder / "out.encodings"
given.run(given.database(), "--variant", "w8a8", "--set", f"output.export_encodings={export}")
set_weights(given.weights, "layer2.0.bn2.running_var", -1)  # folding takes its root
source = f"encodings={{import: {export}, policy: partial, missing: leave_float}}"
for mode in ("aimet-1.24", "aimet-1.31", "aimet-2024", "aimet-onnx-2", "aimet-torch-2"):
    for executor in ("simulated", "simulated-exact"):
        done = given.run(given.database(f"{mode}-{executor}.db"), "--variant", "w8a8",
                         *settings("scheme=tf", f"mode={mode}", f"executor={executor}", source), expect=1)
        assert "8 of 8 images have no usable answer" in done.stderr, done.stderr
        assert "from node layer2.0.conv2 on" in done.stderr, done.stderr

# Comparisons with what is not finite mean nothing: sensitivity ends as a run does that has no usable answer. One thread,
# because of two batches that are measured at once either may be told of first.
done = qeval("sensitivity", given.file, "--db", given.database(), "--variant", "w8a8", "--progress", "none",
             *settings("scheme=tf", source), "--set", "run.threads=1", expect=1)
said = "class0/00000.jpg: its logits without quantizers, from node layer2.0.conv2 on, cannot be compared"
assert said in done.stderr, done.stderr

shared = find_shared("cases/onnx/nan_logits/job.yaml")
if shared:
    done = qeval("run", shared, "--db", job.database("shared.db"), "--progress", "none", expect=1)
    assert "20 of 20 images have no usable answer" in done.stderr and "from node c1 (its output: q) on" in done.stderr, done.stderr

job.remove()
sound.remove()
given.remove()
