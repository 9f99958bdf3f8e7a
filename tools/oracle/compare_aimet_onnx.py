"""Compares encodings and quantize-dequantize results of mode aimet-onnx-2 with aimet-onnx's own compiled quantizer:
activations over several batches, and parameters per tensor, per channel along either axis and per block.

usage: compare_aimet_onnx.py PROBE [--cases N] [--seed S]

PROBE is the built quantizer_probe. Needs aimet-onnx and numpy in the running Python, best in an environment of its own.
Prints the bit-equal shares per scheme and every difference. Of a tf_enhanced encoding that differs it computes the
expected errors of both candidates from AIMET's own histogram: where float arithmetic cannot tell them apart, the search
met a tie, and either is an answer. Exits 1 if a difference is neither rounding nor such a tie.
"""
import collections
import sys

import numpy as np
from aimet_onnx.common import libpymo

from probe import answered_cases, grid_of, parameter_case, parameter_request, read_parameter_answer

SCHEMES = {
    "tf": libpymo.QuantizationMode.QUANTIZATION_TF,
    "tf_enhanced": libpymo.QuantizationMode.QUANTIZATION_TF_ENHANCED,
    "percentile": libpymo.QuantizationMode.QUANTIZATION_PERCENTILE,
}
SHAPES = ("normal", "positive", "negative", "shifted", "relu", "heavy", "constant", "tiny", "zeros", "uniform",
          "sparse")


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


def activation_case(random):
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


def make_case(random):
    return activation_case(random) if random.random() < 0.7 else parameter_case(random, ["tf", "tf_enhanced"])


def is_parameter(case):
    return "granularity" in case


def name_of(case):
    return f"{case['scheme']}, {case['granularity']}" if is_parameter(case) else case["scheme"]


def aimet_answer(case):
    """Rows of min, max, scale and offset, the last batch or the parameter after it, and a histogram per row."""
    grid = [] if not is_parameter(case) or case["granularity"] == "tensor" else grid_of(case)
    batches = [case["values"]] if is_parameter(case) else case["batches"]
    quantizer = libpymo.BlockTensorQuantizer(grid, case["bits"], SCHEMES[case["scheme"]])
    quantizer.setStrictSymmetric(case.get("strict", False))
    quantizer.setUnsignedSymmetric(case.get("unsigned", False))
    if case["scheme"] == "percentile":
        quantizer.setPercentileValue(case["percentile"])
    for batch in batches:
        quantizer.updateStats(batch)
    encodings = quantizer.computeEncodings(case["symmetric"])
    quantizer.setEncodings(encodings)
    rows = np.array([[getattr(one, key) for key in ("min", "max", "delta", "offset")] for one in encodings])
    histograms = quantizer.getStatsHistogram() if case["scheme"] == "tf_enhanced" else None
    return rows, quantizer.quantizeDequantize(batches[-1]), histograms


def expected_error(histogram, encoding, bits):
    """What the search of tf_enhanced minimizes, 3 × the clipped bins' squared error + that of the others at bin middles:
    the smallest and largest number that float arithmetic can make of it. An end of the range so near to a bin's edge
    that rounding decides which bin it is in counts as both."""
    start, step = histogram[0][0], histogram[1][0] - histogram[0][0]
    share = np.array([bin_[1] for bin_ in histogram])
    bins = np.arange(share.size)
    middle = start + bins * step + step / 2
    delta, offset = encoding[2], encoding[3]
    code = np.floor(middle / delta - offset + 0.5)
    rounded = middle - delta * (code + offset)
    unit = np.finfo(np.float32).eps
    slack = 4 * unit * np.maximum(np.abs(middle), abs(start))  # of a middle, a product and their difference

    def bins_at(end):
        position, doubt = (end - start) / step, 4 * unit * max(abs(end), abs(start)) / step
        return {int(np.clip(np.floor(x), 0, share.size - 1)) for x in (position - doubt, position + doubt)}

    smallest, largest = np.inf, 0.0
    for low in bins_at(delta * offset):
        for high in bins_at(delta * (offset + 2**bits - 1)):
            below, above = bins < low, bins >= high
            error = np.abs(np.where(below, middle - middle[low], np.where(above, middle - middle[high], rounded)))
            weight = share * np.where(below | above, 3, 1)
            smallest = min(smallest, float(np.sum(weight * np.maximum(error - slack, 0) ** 2)))
            largest = max(largest, float(np.sum(weight * (error + slack) ** 2)))
    return smallest, largest


def tie_between(case, histogram, ours, theirs):
    """Both candidates' expected errors as text, if float arithmetic cannot tell them apart."""
    our_error, their_error = (expected_error(histogram, encoding, case["bits"]) for encoding in (ours, theirs))
    if our_error[1] < their_error[0] or their_error[1] < our_error[0]:
        return None
    return (f"expected error {our_error[0]:.6g} … {our_error[1]:.6g} of ours [{ours[0]:.9g}, {ours[1]:.9g}], "
            f"{their_error[0]:.6g} … {their_error[1]:.6g} of AIMET's [{theirs[0]:.9g}, {theirs[1]:.9g}]")


def request_of(case):
    if is_parameter(case):
        return parameter_request("aimet-onnx-2", case)
    flags = " ".join(str(int(case[key])) for key in ("bits", "symmetric", "strict", "unsigned"))
    request = f"aimet-onnx-2 {case['scheme']} {flags} {case['percentile']} {len(case['batches'])}\n".encode()
    for batch in case["batches"]:
        request += f"{batch.size}\n".encode() + batch.tobytes()
    return request


def read_answer(answer, case):
    if is_parameter(case):
        return read_parameter_answer(answer, case)
    return answer.take("<f8", 4).reshape(1, 4), answer.take("<f4", case["batches"][-1].size)


def class_of(case, ours, theirs):
    """What kind of difference two encodings show that is no tie."""
    steps = abs(ours - theirs)[:2].max() / max(theirs[2], 1e-300)
    size = "rounding" if steps < 1e-3 else "up to a step" if steps <= 1 else "more than a step"
    return f"{name_of(case)}{'' if is_parameter(case) else ', ' + case['shape']}: {size}"


def main():
    seen, equal, no_grid, outputs_equal = (collections.Counter() for _ in range(4))
    classes = collections.Counter()
    ties = []
    for case, (ours, our_output) in answered_cases(__doc__, 3000, make_case, request_of, read_answer):
        theirs, their_output, histograms = aimet_answer(case)
        name = name_of(case)
        seen[name] += 1
        # A constant so large that 0.01 vanishes beside it has a grid neither here nor there, whatever stands in it.
        grids = (ours[:, 2] > 0) | (theirs[:, 2] > 0)
        different = np.any(ours != theirs, axis=1) & grids
        if not different.any():
            equal[name] += 1
            no_grid[name] += not grids.all()
            outputs_equal[name] += bool(grids.all() and np.array_equal(our_output, their_output))
            continue
        for row in np.flatnonzero(different):
            errors = histograms and tie_between(case, histograms[row], ours[row], theirs[row])
            if errors:
                ties.append(f"{name}, {case['bits']} bit: {errors}")
            else:
                classes[class_of(case, ours[row], theirs[row])] += 1
    for name, count in sorted(seen.items()):
        same = equal[name]
        print(f"{name}: {same} of {count} encodings bit-equal ({100 * same / count:.2f} %); "
              f"quantize-dequantize bit-equal in {outputs_equal[name]} of the {same - no_grid[name]} that are grids")
    print(f"{len(ties)} ties" + "".join(f"\n  {tie}" for tie in ties))
    for name, count in sorted(classes.items()):
        print(f"  {count} × {name}")
    return any("rounding" not in name for name in classes)


if __name__ == "__main__":
    sys.exit(main())
