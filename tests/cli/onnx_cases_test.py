"""Networks of ../shared/cases give onnxruntime's classes and probabilities, or end in one clear message."""
import csv
import json
import math
import pathlib
import shutil
import tempfile

from fixture import qeval, shared

CASES = shared("cases")
temporary = tempfile.TemporaryDirectory(prefix="qeval-cli-")
folder = pathlib.Path(temporary.name)


def probability(logits, index):
    highest = max(logits)
    return math.exp(logits[index] - highest) / sum(math.exp(value - highest) for value in logits)


def predictions(case, variant, *arguments):
    database = folder / f"{case.parent.name}-{case.name}-{variant}.db"
    chosen = ["--variant", variant] if variant else []
    qeval("run", case / "job.yaml", "--db", database, "--progress", "none", *chosen, *arguments)
    text = qeval("show", "@last", "--db", database, "--predictions", "--format", "csv").stdout
    return list(csv.DictReader(text.splitlines()))


def check_row(row, logits, of):
    best = max(range(len(logits)), key=logits.__getitem__)
    right = probability(logits, best)
    assert row["top1"] == str(best) and abs(float(row["probability"]) - right) < 1e-5, (of, row, best, right)


def same_as_onnxruntime(case, variant, logits):
    """One row of `logits` per image."""
    for row, expected in zip(predictions(case, variant), logits, strict=True):
        check_row(row, expected, (case.name, variant))


def same_first_and_classes(case, expected, *arguments):
    """Of onnxruntime's answers, the first image's logits and the classes of all are known."""
    rows = predictions(case, None, *arguments)
    check_row(rows[0], expected["logits_first_image"], case.name)
    assert [row["top1"] for row in rows] == [str(best) for best in expected["top1"]], (case.name, rows)


graphs = json.loads((CASES / "graphs" / "expected.json").read_text())
for name in ["fold_matmul4_add_scalar", "fold_matmul4_bn", "rank1_mul_segv", "rank1_reshape_rc4",
             "maxpool_k3_pad2_rc4", "averagepool_ceil_asym_gap1", "maxpool_ceil_asym_flatten",
             "clip_min_inf_value_float"]:
    for variant in ["fold", "nofold"]:
        same_as_onnxruntime(CASES / "graphs" / name, variant, graphs[name]["logits"])

# Single networks, whose job files each say what is right: the best class of every image, and the first one's numbers.
onnx = json.loads((CASES / "onnx" / "expected.json").read_text())
DATA = CASES.parent / "data" / "cifar10-test-500"


def same_classes(case, probability_of_best, *arguments):
    expected = onnx[case.name]
    rows = predictions(case, None, "--set", f"dataset.root={DATA}", *arguments)
    assert [int(row["top1"]) for row in rows] == expected["top1"], (case.name, [row["top1"] for row in rows])
    best = expected["top1"][0]
    right = probability_of_best(expected["logits_first_image"], best)
    assert abs(float(rows[0]["probability"]) - right) < 1e-5, (case.name, rows[0], right)


def own_number(scores, index):
    return scores[index]


def complaint(case, code, *arguments):
    """What `validate` says: nothing is run."""
    return qeval("validate", case / "job.yaml", *arguments, expect=code).stderr


same_classes(CASES / "onnx" / "nhwc_opset9", probability)
same_classes(CASES / "onnx" / "rectangular", probability)
same_classes(CASES / "onnx" / "ends_in_softmax", own_number)

# Two outputs: the file's own order is no choice, and classes by number are no scores.
argmax = CASES / "onnx" / "argmax_softmax"
message = complaint(argmax, 3)
assert "has 2 outputs" in message and "choose one with model.parameters.output: NAME" in message, message
numbers, scores = [part.split("'")[0] for part in message.split("outputs, '")[1].split(", '")][:2]
message = complaint(argmax, 3, "--set", f"model.parameters.output={numbers}")
assert "holds no floating-point numbers" in message and f"the others are '{scores}'" in message, message
message = complaint(argmax, 2, "--set", f"model.parameters.output={scores}x")
assert f"model.parameters.output: the graph has no output '{scores}x'; did you mean '{scores}'?" in message, message
same_classes(argmax, own_number, "--set", f"model.parameters.output={scores}")

# The layout of a download cache: names are links to contents.
cache = folder / "hf_cache"
shutil.copytree(CASES / "onnx" / "hf_cache", cache)
for name in ["model.onnx", "model.onnx_data"]:
    link = cache / "models--x" / "snapshots" / "abc" / name
    if not link.is_symlink():  # a copy without links holds their targets as text
        target = link.read_text().strip()
        link.unlink()
        link.symlink_to(target)
same_classes(cache, probability)

# One channel: gray pictures, and of three means and deviations the first. Computed with NumPy in double, from RGB pixels
# as L = (19595 R + 38470 G + 7471 B + 2^15) >> 16.
gray = CASES / "onnx" / "chan_1"
rows = predictions(gray, None)
assert [int(row["top1"]) for row in rows] == [0, 0, 2, 0, 2, 2, 2, 0, 2, 2, 2, 0, 2, 2, 2, 0, 0, 0, 0, 2], rows
assert abs(float(rows[0]["probability"]) - 0.46616364987338405) < 1e-6, rows[0]
plan = qeval("plan", gray / "job.yaml", "--db", folder / "plan.db").stdout
assert "takes one channel, gray: of preprocess.normalize the first mean, 0.485" in plan, plan
plain = predictions(gray, None, "--set", "preprocess.normalize.mean=0.485", "--set", "preprocess.normalize.std=0.229")
assert [row["probability"] for row in plain] == [row["probability"] for row in rows]


# What no file of the cases is: pictures of other sizes, averaged per channel.
def encoded(number, content):
    """A protobuf field: a small number, text, or a message's bytes."""
    if isinstance(content, int):
        return bytes([number << 3, content])
    content = content.encode() if isinstance(content, str) else content
    return bytes([number << 3 | 2, len(content)]) + content


def node(operator, source, target):
    return encoded(1, encoded(1, source) + encoded(2, target) + encoded(4, operator))


def job_averaging(name, sizes, resize):
    """Its network takes pictures of these sizes; a word leaves one open."""
    dims = b"".join(encoded(1, encoded(1 if isinstance(size, int) else 2, size)) for size in sizes)
    picture = encoded(11, encoded(1, "x") + encoded(2, encoded(1, encoded(1, 1) + encoded(2, dims))))
    graph = (node("GlobalAveragePool", "x", "means") + node("Flatten", "means", "row") + picture
             + encoded(12, encoded(1, "row")))
    (folder / f"{name}.onnx").write_bytes(encoded(1, 8) + encoded(7, graph) + encoded(8, encoded(2, 17)))
    job = folder / f"{name}.yaml"
    job.write_text((gray / "job.yaml").read_text().replace("m.onnx", f"{name}.onnx")
                   .replace("size: 32", f"size: {resize}").replace("../../../data/cifar10-test-500", str(DATA)))
    return job


# Four channels: no image has them, which is known before anything runs.
message = qeval("validate", job_averaging("four", [1, 4, 8, 8], 8), expect=3).stderr
assert "four.yaml:5:12: error: model.weights: the network takes pictures of 4 channels" in message, message

# Height and width are two numbers where the file leaves both open, and compared with what the steps give.
job = job_averaging("open", ["N", 3, "h", "w"], [24, 48])
message = qeval("validate", job, expect=3).stderr
assert "set model.parameters.input_size, a number or [height, width]" in message, message
message = qeval("validate", job, "--set", "model.parameters.input_size=[48, 24]", expect=2).stderr
assert "the steps give 48×24 pixels, but onnx takes 24×48; change the last crop or resize" in message, message
qeval("validate", job, "--set", "model.parameters.input_size=[24, 48]")


for name in ["max_ceil_asym_k2", "avg_k2_asym_ceil_0"]:
    same_first_and_classes(CASES / "onnx" / name, onnx[name])
