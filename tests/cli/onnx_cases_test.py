"""Networks of ../shared/cases give onnxruntime's classes and probabilities, or end in one clear message."""
import csv
import json
import math
import pathlib
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


def same_as_onnxruntime(case, variant, logits):
    """One row of `logits` per image."""
    rows = predictions(case, variant)
    assert len(rows) == len(logits), (case.name, len(rows))
    for row, expected in zip(rows, logits, strict=True):
        best = max(range(len(expected)), key=expected.__getitem__)
        assert row["top1"] == str(best), (case.name, variant, row, best)
        right = probability(expected, best)
        assert abs(float(row["probability"]) - right) < 1e-5, (case.name, variant, row, right)


graphs = json.loads((CASES / "graphs" / "expected.json").read_text())
for name in ["fold_matmul4_add_scalar", "fold_matmul4_bn", "rank1_mul_segv", "rank1_reshape_rc4"]:
    for variant in ["fold", "nofold"]:
        same_as_onnxruntime(CASES / "graphs" / name, variant, graphs[name]["logits"])
