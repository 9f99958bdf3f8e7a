"""Compares encodings and quantize-dequantize results of mode aimet-onnx-2 with aimet-onnx's own compiled quantizer.

usage: compare_aimet_onnx.py PROBE [--cases N] [--seed S]

PROBE is the built quantizer_probe. Needs aimet-onnx and numpy in the running Python, best in an environment of its own.
Prints the bit-equal shares per scheme and every class of difference; exits 1 if an encoding differs by more than a step.
"""
import argparse
import collections
import subprocess
import sys

import numpy as np
from aimet_onnx.common import libpymo

SCHEMES = {
    "tf": libpymo.QuantizationMode.QUANTIZATION_TF,
    "tf_enhanced": libpymo.QuantizationMode.QUANTIZATION_TF_ENHANCED,
    "percentile": libpymo.QuantizationMode.QUANTIZATION_PERCENTILE,
}
SHAPES = ("normal", "positive", "negative", "shifted", "relu", "heavy", "constant", "tiny", "zeros", "uniform", "sparse")


def values_of(random, shape, size):
    values = random.standard_normal(size) * 10 ** random.uniform(-4, 4)
    if shape == "positive":
        values = np.abs(values)
    elif shape == "negative":
        values = -np.abs(values)
    elif shape == "shifted":
        values += random.uniform(-15, 15) * values.std()
    elif shape == "relu":
        values = np.maximum(values, 0)
    elif shape == "heavy":
        values = values**3
    elif shape == "constant":
        values[:] = values[0]
    elif shape == "tiny":
        values = random.standard_normal(size) * 10 ** random.uniform(-12, -5)
    elif shape == "zeros":
        values[:] = 0
    elif shape == "uniform":
        values = random.uniform(-1, 1) + random.random(size)
    elif shape == "sparse":
        values *= random.random(size) < 0.1
    return values.astype("<f4")


def make_case(random):
    shape = str(random.choice(SHAPES))
    size = int(random.integers(1, 3000))
    batches = [values_of(random, shape, size)]
    for _ in range(int(random.integers(0, 4))):
        part = batches[0][: int(random.integers(1, size + 1))]
        batches.append((part * np.float32(random.uniform(0.2, 6))).astype("<f4"))
    symmetric = bool(random.random() < 0.6)
    strict = symmetric and bool(random.random() < 0.4)
    return {
        "shape": shape,
        "scheme": str(random.choice(list(SCHEMES))),
        "bits": int(random.integers(2, 17)),
        "symmetric": symmetric,
        "strict": strict,
        "unsigned": symmetric and not strict and bool(random.random() < 0.5),
        "percentile": float(random.choice([90, 95, 99, 99.9, 99.99, 100])),
        "batches": batches,
    }


def aimet_answer(case):
    quantizer = libpymo.BlockTensorQuantizer([], case["bits"], SCHEMES[case["scheme"]])
    quantizer.setStrictSymmetric(case["strict"])
    quantizer.setUnsignedSymmetric(case["unsigned"])
    if case["scheme"] == "percentile":
        quantizer.setPercentileValue(case["percentile"])
    for batch in case["batches"]:
        quantizer.updateStats(batch)
    encodings = quantizer.computeEncodings(case["symmetric"])
    quantizer.setEncodings(encodings)
    numbers = [getattr(encodings[0], key) for key in ("min", "max", "delta", "offset")]
    return np.array(numbers), quantizer.quantizeDequantize(case["batches"][-1])


def probe_answers(probe, cases):
    request = bytearray()
    for case in cases:
        flags = " ".join(str(int(case[key])) for key in ("bits", "symmetric", "strict", "unsigned"))
        request += f"aimet-onnx-2 {case['scheme']} {flags} {case['percentile']} {len(case['batches'])}\n".encode()
        for batch in case["batches"]:
            request += f"{batch.size}\n".encode() + batch.tobytes()
    answer = subprocess.run([probe], input=bytes(request), stdout=subprocess.PIPE, check=True).stdout
    at = 0
    for case in cases:
        size = case["batches"][-1].size
        numbers = np.frombuffer(answer, "<f8", 4, at)
        yield numbers, np.frombuffer(answer, "<f4", size, at + 32)
        at += 32 + 4 * size


def class_of(case, ours, theirs):
    """What kind of difference two encodings show."""
    steps = abs(ours - theirs)[:2].max() / max(theirs[2], 1e-300)
    size = "rounding" if steps < 1e-3 else "up to a step" if steps <= 1 else "more than a step"
    return f"{case['scheme']}, {case['shape']}: {size}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("probe")
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    cases = [make_case(random) for _ in range(options.cases)]
    seen, equal, no_grid, outputs_equal = (collections.Counter() for _ in range(4))
    classes = collections.Counter()
    for case, (ours, our_output) in zip(cases, probe_answers(options.probe, cases)):
        theirs, their_output = aimet_answer(case)
        seen[case["scheme"]] += 1
        if np.array_equal(ours, theirs, equal_nan=True):
            equal[case["scheme"]] += 1
            is_grid = theirs[2] > 0  # a constant so large that 0.01 vanishes beside it has none in AIMET either
            no_grid[case["scheme"]] += not is_grid
            outputs_equal[case["scheme"]] += bool(is_grid and np.array_equal(our_output, their_output))
        else:
            classes[class_of(case, ours, theirs)] += 1
    for scheme, count in sorted(seen.items()):
        same = equal[scheme]
        print(f"{scheme}: {same} of {count} encodings bit-equal ({100 * same / count:.2f} %); "
              f"quantize-dequantize bit-equal in {outputs_equal[scheme]} of the {same - no_grid[scheme]} that are grids")
    for name, count in sorted(classes.items()):
        print(f"  {count} × {name}")
    return any("more than" in name for name in classes)


if __name__ == "__main__":
    sys.exit(main())
