"""Files of aimet-onnx with 32-bit biases are imported in every version; further sides of modules are left out where the
policy says so; a configuration that AIMET refuses is refused."""
import json
import pathlib
import shutil
import tempfile

from fixture import SOURCE, Job, qeval, skip

CASES = SOURCE.parent / "shared" / "cases" / "encodings"
if not CASES.exists():
    skip("no ../shared/cases")
temporary = tempfile.TemporaryDirectory(prefix="qeval-cli-")
folder = pathlib.Path(temporary.name)
for file in CASES.iterdir():
    shutil.copy(file, folder / file.name)


def job_for(version):
    file = folder / f"{version}.yaml"
    file.write_text(f"""qeval: 1
name: biases
model: {{arch: onnx, weights: default_{version}_bias.onnx}}
dataset: {{root: {SOURCE.parent / "shared" / "data" / "cifar10-test-500"}, subset: {{per_class: 1}}}}
preprocess:
  - resize: {{size: 32}}
  - normalize: {{mean: 0.5, std: 0.5}}
quantization:
  mode: aimet-onnx-2
  config: default_per_channel
  encodings: {{import: default_{version}_bias.encodings, policy: partial}}
""")
    return file


predictions = []
for version in ["0.6.1", "1.0.0"]:
    job = job_for(version)
    database = folder / f"{version}.db"
    said = qeval("run", job, "--db", database, "--progress", "none").stderr
    assert "3 integer encodings of biases are not applied" in said and "b1, fcb, nb" in said, said
    assert "without an encoding" not in said, said
    predictions.append(qeval("show", "@last", "--db", database, "--predictions", "--format", "csv").stdout)
assert predictions[0] == predictions[1]

# What no quantizer stands at: strict names it, partial leaves it out.
small = Job(images=8)
database = small.database()
exported = small.folder / "own.encodings"
small.file.write_text(small.file.read_text() + "output: {export_encodings: own.encodings}\n")
small.run(database, "--variant", "w8a8")
content = json.loads(exported.read_text())
module, sides = next((name, value) for name, value in content["activation_encodings"].items() if "output" in value)
sides.setdefault("input", {})["1"] = sides["output"]["0"]
sides["output"]["1"] = sides["output"]["0"]
(small.folder / "more.encodings").write_text(json.dumps(content))
small.file.write_text(small.file.read_text().replace("calibrate: {samples: {first: 60}}", "import: more.encodings"))
message = qeval("validate", small.file, expect=3).stderr
assert f"encodings without a quantizer (2): {module}:input[1], {module}:output[1]" in message, message
partial = "import: more.encodings, policy: partial"
small.file.write_text(small.file.read_text().replace("import: more.encodings", partial))
said = small.run(small.database("partial.db"), "--variant", "w8a8").stderr
assert f"encodings without a quantizer (2, left out): {module}:input[1], {module}:output[1]" in said, said

# Two flags that exclude each other.
(small.folder / "both.json").write_text(json.dumps({
    "defaults": {"ops": {"is_output_quantized": "True"}, "params": {"is_quantized": "True", "is_symmetric": "True"},
                 "strict_symmetric": "True", "unsigned_symmetric": "True"},
    "params": {}, "op_type": {}, "supergroups": [], "model_input": {}, "model_output": {}}))
job_text = small.file.read_text().replace("mode: aimet-1.24", "mode: aimet-torch-2\n      config: both.json")
small.file.write_text(job_text)
message = qeval("validate", small.file, expect=3).stderr
assert "both.json: strict_symmetric and unsigned_symmetric exclude each other" in message, message
small.remove()
