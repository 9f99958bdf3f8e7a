"""The model zoo's evaluation: images in either form of folder, what was published or a calibration in its place, and the
ready-made job without what is not at hand."""
import json
import os
import re
import shutil
import struct

from fixture import SOURCE, Job, qeval

LINES = re.compile(r"FP32 accuracy: (\d+\.\d{3})%\nQuantized quantized accuracy: (\d+\.\d{3})%\n")
PARAMETERS = "{block: bottleneck, layers: [1, 1, 1, 1], groups: 4, width_per_group: 4, num_classes: 4, input_size: 64}"
SMALL = ["--set", "model.arch=resnet", "--set", f"model.parameters={PARAMETERS}", "--set", "preprocess.resize.short_side=72",
         "--set", "preprocess.center_crop=64"]
for variable in ("RESNEXT101_W8A8_STATE_DICT", "RESNEXT101_W8A8_ENCODINGS"):
    os.environ.pop(variable, None)
EPSILON = 1e-5


def as_float(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def read_tensors(file):
    content = file.read_bytes()
    size = int.from_bytes(content[:8], "little")
    return {name: (entry["shape"], [value for value, in struct.iter_unpack("<f", content[8 + size:][slice(*entry["data_offsets"])])])
            for name, entry in json.loads(content[8:8 + size]).items() if name != "__metadata__"}


def write_tensors(tensors, file):
    header, data = {}, b""
    for name, (shape, values) in sorted(tensors.items()):
        content = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + data)


def norms_of(tensors):
    """Each batch norm with its convolution, as torchvision's ResNet names them."""
    for name in [name for name in tensors if name.endswith(".running_var")]:
        norm = name.removesuffix(".running_var")
        yield norm, re.sub(r"downsample\.1$", "downsample.0", re.sub(r"bn(\d)$", r"conv\1", norm))


def make_norms_exact(tensors):
    """Variances whose root is 1, factors that are powers of two, no means: folding is then exact in any order."""
    variance = next(value for value in (as_float(1 - EPSILON + step * 2**-25) for step in range(-8, 8))
                    if as_float(value + as_float(EPSILON)) == 1)
    for norm, _ in norms_of(tensors):
        shape, scales = tensors[norm + ".weight"]
        tensors[norm + ".weight"] = (shape, [2.0**-(index % 2) for index in range(len(scales))])
        tensors[norm + ".running_mean"] = (shape, [0.0] * len(scales))
        tensors[norm + ".running_var"] = (shape, [variance] * len(scales))


def folded(tensors):
    folded = dict(tensors)
    for norm, conv in norms_of(tensors):
        shape, weights = tensors[conv + ".weight"]
        scales = tensors[norm + ".weight"][1]
        taps = len(weights) // len(scales)
        folded[conv + ".weight"] = (shape, [weight * scales[index // taps] for index, weight in enumerate(weights)])
        folded[conv + ".bias"] = folded.pop(norm + ".bias")
        for part in ("weight", "running_mean", "running_var"):
            del folded[f"{norm}.{part}"]
    return folded


job = Job(images=16)
folder = job.folder
weights, quantized = folder / "float.safetensors", folder / "folded.safetensors"
tensors = read_tensors(job.weights)
make_norms_exact(tensors)
write_tensors(tensors, weights)
write_tensors(folded(tensors), quantized)
shutil.copytree(job.data, folder / "train")


def zoo(dataset, *arguments, database, env=None, expect=0):
    return qeval("zoo", "resnext101_w8a8", "--dataset-path", dataset, "--use-cuda", "false", "--weights", weights, "--db",
                 folder / database, "--progress", "none", *SMALL, *arguments, env=env, expect=expect)


def answers(database):
    """By variant, the answers to all images."""
    runs = json.loads(qeval("history", "--db", folder / database, "--format", "json").stdout)
    return {run["variant"]: qeval("show", run["name"], "--db", folder / database, "--predictions", "--format", "csv").stdout
            for run in runs}


# Without what was published: calibrated, on the images of train/ beside val/.
done = zoo(folder, "--set", f"output.export_encodings={folder}/${{variant}}.encodings", database="calibrated.db")
assert LINES.fullmatch(done.stdout), done.stdout
assert f"zoo: evaluates the class folders of {folder}/val, which --dataset-path holds\n" in done.stderr, done.stderr
assert f"recalibrates on images of {folder}/train\n" in done.stderr, done.stderr
assert f"from 8 images of {folder}/train, batch 32" in done.stderr, done.stderr
calibrated = answers("calibrated.db")
assert set(calibrated) == {"fp32", "w8a8_calibrated"}
encodings = folder / "w8a8_calibrated.encodings"

# Published: a state dict whose norms are folded, and encodings; the class folders themselves.
published = ["--quantized-weights", quantized, "--encodings", encodings]
done = zoo(job.data, *published, database="published.db")
assert LINES.fullmatch(done.stdout), done.stdout
assert f"zoo: evaluates the class folders of {folder}/val, which is --dataset-path itself\n" in done.stderr, done.stderr
assert f"zoo: quantized as published: state dict {quantized}, encodings {encodings}\n" in done.stderr, done.stderr
assert "in the weights file: batch norms folded into their convolutions: 17\n" in done.stderr, done.stderr
assert answers("published.db") == {"fp32": calibrated["fp32"], "w8a8": calibrated["w8a8_calibrated"]}

# The same by variables; an option of the command line counts more. valid/ is val/, and class folders may be elsewhere.
variables = {"RESNEXT101_W8A8_STATE_DICT": str(quantized), "RESNEXT101_W8A8_ENCODINGS": str(encodings)}
other = folder / "other"
other.mkdir()
(other / "valid").symlink_to(job.data)
done = zoo(other, database="variables.db", env=variables)
assert f"evaluates the class folders of {other}/valid, which" in done.stderr, done.stderr
assert answers("variables.db") == answers("published.db")
done = zoo(other, "--calibration-path", folder / "train", database="asked.db", env=variables)
assert LINES.fullmatch(done.stdout) and f"recalibrates on images of {folder}/train\n" in done.stderr, done.stderr
assert answers("asked.db") == calibrated
assert "recalibrates on images of" in zoo(f"{job.data}/", database="calibrated.db").stderr  # train/ beside it

# What is missing is said with the option that gives it.
for arguments, env, said in (
        ([], {}, f"no train/ beside {other}/valid; give --calibration-path DIR"),
        (published[:2], {}, "give --encodings FILE too"),
        (published[2:], {}, "give --quantized-weights FILE too"),
        ([], {"RESNEXT101_W8A8_ENCODINGS": str(encodings)}, "set RESNEXT101_W8A8_STATE_DICT"),
        ([*published, "--calibration-path", folder / "train"], {}, "keep one")):
    done = zoo(other, *arguments, database="never.db", env=env, expect=2)
    assert said in done.stderr, (arguments, done.stderr)
assert "no folder" in zoo(folder / "nowhere", database="never.db", expect=2).stderr
(other / "val").symlink_to(job.data)
assert "holds val/ and valid/" in zoo(other, database="never.db", expect=2).stderr
done = zoo(folder, "--quantized-weights", folder / "gone.pth", *published[2:], database="never.db", expect=3)
assert "gone.pth" in done.stderr, done.stderr
half = {name: tensor for name, tensor in folded(tensors).items() if name != "layer2.0.conv2.bias"}
write_tensors(half, folder / "half.safetensors")
done = zoo(folder, "--quantized-weights", folder / "half.safetensors", *published[2:], database="never.db", expect=3)
assert "neither the batch norm nor the bias it leaves is there (1): layer2.0.conv2.bias" in done.stderr, done.stderr
assert not (folder / "never.db").exists()

# The ready-made job without the published files, and without anything to calibrate on.
ready_made = SOURCE / "jobs/resnext101_w8a8.yaml"
paths = {"IMAGENET": str(folder), "RESNEXT101_WEIGHTS": str(weights)}
missing = ("w8a8: left out, model.weights: variable RESNEXT101_W8A8_STATE_DICT is not set; "
           "quantization.encodings.import: variable RESNEXT101_W8A8_ENCODINGS is not set\n")
done = qeval("run", ready_made, *SMALL, "--set", "run.device=cpu", "--db", folder / "job.db", "--progress", "none", env=paths)
assert missing in done.stderr and done.stdout.endswith(missing), (done.stdout, done.stderr)
assert answers("job.db") == calibrated
assert missing in qeval("plan", ready_made, *SMALL, "--db", folder / "job.db", env=paths).stdout
assert qeval("validate", ready_made, *SMALL, env=paths).stdout == f"{ready_made}: ok, 2 variants\n{missing}"
shutil.rmtree(folder / "train")
said = qeval("validate", ready_made, *SMALL, env=paths).stdout
assert said == (f"{ready_made}: ok, 1 variant\n{missing}w8a8_calibrated: left out, quantization.encodings.calibrate.root: "
                f"{folder}/train is not there\n"), said
done = qeval("validate", ready_made, *SMALL, env={**paths, **variables})
assert f"{ready_made}: ok, 2 variants\nw8a8_calibrated: left out" in done.stdout, done.stdout
done = qeval("run", ready_made, *SMALL, "--db", folder / "never.db", "--variant", "w8a8", env=paths, expect=2)
assert "variable RESNEXT101_W8A8_STATE_DICT is not set; run 'export" in done.stderr, done.stderr
nothing = folder / "nothing.yaml"
text = job.file.read_text()
nothing.write_text(text.replace(text[text.index("variants:"):text.index("run:")],
                                "variants: {other: {needs: [model.weights], model: {weights: gone.pth}}}\n"))
for verb in ("validate", "plan", "run"):
    done = qeval(verb, nothing, *([] if verb == "validate" else ["--db", folder / "never.db"]), expect=3)
    assert done.stderr.endswith(f"{nothing}: nothing that its variants need is at hand; nothing was run.\n"
                                f"  other: model.weights: {folder}/gone.pth is not there\n"), done.stderr
job.remove()
