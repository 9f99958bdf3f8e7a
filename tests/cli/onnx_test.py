"""A quantized network goes out as ONNX, comes in again as a network of its own, and predicts the same."""
import json
import re

from fixture import Job, qeval

job = Job(images=40)
job.file.write_text(job.file.read_text().replace("mode: aimet-1.24", "mode: aimet-torch-2"))
net = job.folder / "net.onnx"
database = job.database("a.db")

# Encodings first: an export computes none.
job.run(database, "--variant", "fp32")
message = qeval("export", job.file, "--format", "onnx-qdq", "-o", net, "--db", database, expect=3).stderr
assert "qeval run" in message and "--variant w8a8" in message, message
assert not net.exists()
job.run(database, "--variant", "w8a8")
said = qeval("export", job.file, "--format", "onnx-qdq", "-o", net, "--db", database).stdout
assert "w8a8 of tiny" in said and net.exists(), said

imported = job.run_onnx("net.onnx", "b.db")
same = sum(a == b for a, b in zip(job.best("a.db"), job.best("b.db"), strict=True))
assert same >= 38, f"{same} of 40"  # a value half-way between two codes may be rounded to the other one

# The file says itself that it is quantized; quantizers on top are refused unless they are meant.
row = json.loads(qeval("history", "--db", job.database("b.db"), "--format", "json").stdout)[0]
assert row["precision"] == "w8a8", row
said = qeval("run", imported, "--db", job.database("again.db"), "--progress", "none").stderr
assert re.search(r"quantization  quantized in the file: \d+ Q/DQ pairs, weights int8 per tensor, "
                 r"activations uint8$", said, re.M), said
on_top = job.folder / "on_top.yaml"
on_top.write_text(imported.read_text().replace("quantization: none", "quantization: {encodings: {calibrate: "
                                               "{samples: {first: 8}}}}"))
message = qeval("validate", on_top, expect=2).stderr
assert "the network is quantized in its file already: " in message, message
assert "set quantization.requantize: true" in message, message
qeval("validate", on_top, "--set", "variants.back.quantization.requantize=true")

# A network from ONNX has its tensors' names: its encodings are written, and read back, under them.
(job.folder / "none.encodings").write_text('{"version": "2.0.0", "encodings": []}')
text = job.file.read_text()
model = text[text.index("model:"):text.index("dataset:")]
calibrate = "{calibrate: {samples: {first: 60}}}"
bare = job.folder / "bare.yaml"
bare.write_text(text.replace(calibrate, "{import: none.encodings, policy: partial}"))
qeval("export", bare, "--variant", "w8a8", "--format", "onnx-qdq", "-o", job.folder / "float.onnx")
quantized = job.folder / "quantized.yaml"
quantized.write_text(text.replace(model, "model: {arch: onnx, weights: float.onnx}\n")
                     + "output: {export_encodings: own.encodings}\npreflight: off\n")
qeval("run", quantized, "--db", job.database("d.db"), "--progress", "none", "--variant", "w8a8")
own = json.loads((job.folder / "own.encodings").read_text())
assert all(isinstance(entries, list) for entries in own["activation_encodings"].values()), own["activation_encodings"]
assert len(own["activation_encodings"]) > 10 and own["param_encodings"]
qeval("encodings", "export", "@last", "--db", job.database("d.db"), "-o", job.folder / "set.encodings")
stored = json.loads((job.folder / "set.encodings").read_text())
for section in ("activation_encodings", "param_encodings"):
    assert stored[section].keys() == own[section].keys(), stored[section].keys() ^ own[section].keys()
qeval("encodings", "diff", "@last", job.folder / "own.encodings", "--db", job.database("d.db"))
quantized.write_text(text.replace(model, "model: {arch: onnx, weights: float.onnx}\n")
                     .replace(calibrate, "{import: own.encodings}") + "preflight: off\n")
qeval("run", quantized, "--db", job.database("e.db"), "--progress", "none", "--variant", "w8a8")
assert job.best("d.db") == job.best("e.db")

# The arithmetic whose sums have no order: same command, another file.
usual = net.read_bytes()
exact = ["--set", "variants.w8a8.quantization.executor=simulated-exact"]
job.run(job.database("g.db"), "--variant", "w8a8", *exact)
qeval("export", job.file, "--format", "onnx-qdq", "-o", net, "--db", job.database("g.db"), *exact)
assert net.read_bytes() != usual
qeval("run", imported, "--db", job.database("h.db"), "--progress", "none")
same = sum(a == b for a, b in zip(job.best("g.db"), job.best("h.db"), strict=True))
assert same >= 39, f"{same} of 40"

message = qeval("export", job.file, "--format", "tflite", "-o", net, expect=2).stderr
assert "'tflite' is not one of onnx-qdq" in message, message
message = qeval("export", job.file, "--variant", "fp32", "--format", "onnx-qdq", "-o", net, expect=2).stderr
assert "no quantized variant" in message, message

net.write_bytes(net.read_bytes()[:5000])
message = qeval("run", imported, "--db", job.database("c.db"), expect=3).stderr
assert "net.onnx: " in message and "truncated" in message, message
job.remove()
