"""Networks of ../shared/cases give onnxruntime's classes and probabilities, or end in one clear message."""
import csv
import json
import math
import pathlib
import tempfile

from fixture import SOURCE, qeval, skip

CASES = SOURCE.parent / "shared" / "cases"
if not CASES.exists():
    skip("no ../shared/cases")
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

networks = json.loads((CASES / "onnx" / "expected.json").read_text())
for name in ["max_ceil_asym_k2", "avg_k2_asym_ceil_0"]:
    same_first_and_classes(CASES / "onnx" / name, networks[name])
