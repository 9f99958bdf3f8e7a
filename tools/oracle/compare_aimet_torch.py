"""Compares parameter encodings and quantize-dequantize results of mode aimet-torch-2 with aimet-torch's own quantizers:
per tensor, per channel along either axis, and per block of input channels.

usage: compare_aimet_torch.py PROBE [--cases N] [--seed S]

PROBE is the built quantizer_probe. Needs aimet-torch and torch in the running Python, best in an environment of its
own.
Prints the bit-equal shares per granularity and scheme; exits 1 unless everything is bit-equal.
"""
import collections
import sys

import numpy as np
import torch
from aimet_torch.quantization.affine import QuantizeDequantize
from aimet_torch.quantization.encoding_analyzer import MinMaxEncodingAnalyzer, TfEnhancedEncodingAnalyzer

from probe import answered_cases

SCHEMES = {"tf": MinMaxEncodingAnalyzer, "tf_enhanced": TfEnhancedEncodingAnalyzer}
GRANULARITIES = ("tensor", "channel 0", "channel 1", "block 0", "block 1")


def shape_of(random, blocks):
    """OIHW, IOHW or a matrix; what blocks divide gets several of them."""
    shape = [int(random.integers(1, 9)), int(random.integers(1, 9))]
    size = int(random.choice([1, 2, 4, 8]))
    if blocks is not None:
        shape[blocks] *= size
    if random.random() < 0.7:
        shape += [int(random.integers(1, 4)), int(random.integers(1, 4))]
    return shape, size


def make_case(random):
    granularity = str(random.choice(GRANULARITIES))
    kind, _, axis = granularity.partition(" ")
    channel_axis = -1 if kind == "tensor" else int(axis)
    block_axis = 1 - channel_axis if kind == "block" else None
    shape, size = shape_of(random, block_axis)
    values = random.standard_normal(shape) * 10 ** random.uniform(-4, 4)
    if random.random() < 0.3:
        values = values**3
    if random.random() < 0.1:
        values = np.abs(values)
    return {
        "granularity": kind if kind == "tensor" else granularity,
        "scheme": str(random.choice(list(SCHEMES))),
        "bits": int(random.integers(2, 17)),
        "symmetric": bool(random.random() < 0.6),
        "channel_axis": channel_axis,
        "block_size": size if block_axis is not None else 0,
        "values": values.astype("<f4"),
    }


def aimet_answer(case):
    values = torch.from_numpy(case["values"])
    shape, block = [1] * values.dim(), None
    if case["channel_axis"] >= 0:
        shape[case["channel_axis"]] = values.shape[case["channel_axis"]]
    if case["block_size"]:
        block_axis = 1 - case["channel_axis"]
        shape[block_axis] = values.shape[block_axis] // case["block_size"]
        block = [-1] * values.dim()
        block[case["channel_axis"]], block[block_axis] = 1, case["block_size"]
    analyzer = SCHEMES[case["scheme"]](shape=tuple(shape), block_size=block)
    quantizer = QuantizeDequantize(tuple(shape), case["bits"], case["symmetric"], analyzer, block)
    with torch.no_grad():
        with quantizer.compute_encodings():
            quantizer(values)
        # Encodings of one channel's blocks are neighbours in the probe's answer.
        turn = 1 if case["channel_axis"] == 1 else 0
        order = (lambda x: x.transpose(0, 1)) if turn else (lambda x: x)
        offset = quantizer.get_offset() - (2 ** (case["bits"] - 1) if case["symmetric"] else 0)
        numbers = [order(x).reshape(-1) for x in (quantizer.get_scale(), offset)]
        return [x.numpy() for x in numbers], quantizer(values).numpy()


def request_of(case):
    flags = f"{case['bits']} {int(case['symmetric'])} {case['channel_axis']} {case['block_size']}"
    shape = case["values"].shape
    shape_text = " ".join(map(str, shape))
    request = f"parameter aimet-torch-2 {case['scheme']} {flags} {len(shape)} {shape_text}\n"
    return request.encode() + case["values"].tobytes()


def read_answer(answer, case):
    count = int(answer.take("<f8", 1)[0])
    numbers = answer.take("<f8", 4 * count).reshape(count, 4)
    return numbers, answer.take("<f4", case["values"].size).reshape(case["values"].shape)


def main():
    seen, equal_encodings, equal_outputs = (collections.Counter() for _ in range(3))
    for case, (numbers, output) in answered_cases(__doc__, 1000, make_case, request_of, read_answer):
        (scale, offset), their_output = aimet_answer(case)
        key = f"{case['granularity']}, {case['scheme']}"
        same = np.array_equal(numbers[:, 2], scale.astype("f8")) and np.array_equal(numbers[:, 3], offset.astype("f8"))
        seen[key] += 1
        equal_encodings[key] += bool(same)
        equal_outputs[key] += np.array_equal(output, their_output)
    for key, count in sorted(seen.items()):
        print(f"{key}: encodings bit-equal in {equal_encodings[key]} of {count}, "
              f"quantize-dequantize in {equal_outputs[key]}")
    print(f"all: {sum(equal_encodings.values())} and {sum(equal_outputs.values())} of {sum(seen.values())}")
    return equal_encodings != seen or equal_outputs != seen


if __name__ == "__main__":
    sys.exit(main())
