"""Presets and QuantSim configuration files in a job: what plan lists, and what a broken or missing file says."""
import json
import re

from fixture import Job, qeval

CONFIG = """{
  "defaults": {"ops": {"is_output_quantized": "True"}, "params": {"is_quantized": "True", "is_symmetric": "True"}},
  "params": {"bias": {"is_quantized": "False"}},
  "op_type": {"Gemm": {"is_output_quantized": "False"}},
  "supergroups": [{"op_list": ["Conv", "Relu"]}],
  "model_input": {},
  "model_output": {}
}
"""
job = Job(images=4)
job.file.write_text(job.file.read_text().replace(
    "aimet-1.24", "aimet-torch-2\n      share_module_quantizers: false\n      config: CONFIG"))
template = job.file.read_text()


def plan(config, *arguments, expect=0):
    job.file.write_text(template.replace("CONFIG", config))
    return qeval("plan", job.file, "--db", job.database(), "--quantizers", *arguments, expect=expect)


def row(text, tensor):
    """The cells of a table row; they stand two or more spaces apart."""
    line = next(line for line in text.splitlines() if re.match(rf"\W*{re.escape(tensor)}\s", line))
    return [cell for cell in re.split(r"\s{2,}|\s*[│|]\s*", line) if cell]


text = plan("htp_v66").stdout
assert row(text, "layer1.0.conv1:output")[1:5] == ["8", "[0, …]", "per tensor", "layer1.0.relu:output"], text
assert row(text, "layer1.0.conv1.bias")[1] == "float", text
assert "htp_v66, params.bias: is not quantized" in text, text

# One quantizer behind both goes off by either's name; the plan says with what.
for name, other in (("layer1.0.conv1", "layer1.0.relu"), ("layer1.0.relu", "layer1.0.conv1")):
    text = plan("htp_v66", "--set", f'variants.w8a8.quantization.disable=["{name}"]').stdout
    assert f"disabling {name} also disables the activation quantizer of {other}: they share it" in text, text
    for tensor in ("layer1.0.conv1:output", "layer1.0.relu:output"):
        assert row(text, tensor)[1] == "float" and row(text, tensor)[-1] == "quantization.disable", text

# default is the file that the mode's AIMET takes by itself, and what it is is said.
text = plan("default").stdout
assert row(text, "layer1.0.conv1.weight")[3] == "per channel" and "default_per_tensor is per tensor" in text, text
assert row(plan("default_per_tensor").stdout, "layer1.0.conv1.weight")[3] == "per tensor"

# A set holds a shared quantizer under all of its names, so that an exported file has them, and no comparison misses one.
job.file.write_text(template.replace("CONFIG", "htp_v66") + "output: {export_encodings: own.encodings}\n")
job.run(job.database(), "--variant", "w8a8")
own = json.loads((job.folder / "own.encodings").read_text())["activation_encodings"]
assert own["layer1.0.conv1"]["output"] == own["layer1.0.relu"]["output"], own
qeval("encodings", "export", "@last", "--db", job.database(), "-o", job.folder / "set.encodings")
stored = json.loads((job.folder / "set.encodings").read_text())["activation_encodings"]
assert stored.keys() == own.keys() and stored["layer1.0.relu"] == own["layer1.0.relu"], stored.keys() ^ own.keys()
qeval("encodings", "diff", "@last", job.folder / "own.encodings", "--db", job.database())

(job.folder / "mine.json").write_text(CONFIG)
text = plan("mine.json").stdout
assert row(text, "fc:output")[1] == "float" and "mine.json, op_type Gemm: is not quantized" in text, text
assert "conv1:input" not in text, text

(job.folder / "mine.json").write_text(CONFIG.replace('"Relu"', '"ReLu"'))
done = plan("mine.json", expect=3)
assert re.search(r"mine\.json:5:40: /supergroups/0/op_list/1: \"ReLu\" is no ONNX operator type; did you mean 'Relu'\?",
                 done.stderr), done.stderr

# A misspelt word is a mistake of the job, a file that is missing is a missing input.
done = plan("htp_v67", expect=2)
assert "no preset of that name; did you mean" in done.stderr and "'htp_v66'" in done.stderr, done.stderr
done = plan("theirs", expect=2)
assert "no preset of that name" in done.stderr and "did you mean" not in done.stderr, done.stderr
done = plan("theirs.json", expect=3)
assert f"there is no file {job.folder}/theirs.json, and no preset of that name\n" in done.stderr, done.stderr
job.remove()
