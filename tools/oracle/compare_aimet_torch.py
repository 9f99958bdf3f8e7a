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

from probe import answered_cases, grid_of, parameter_case, parameter_request, read_parameter_answer

SCHEMES = {"tf": MinMaxEncodingAnalyzer, "tf_enhanced": TfEnhancedEncodingAnalyzer}


def aimet_answer(case):
    values = torch.from_numpy(case["values"])
    shape, block = grid_of(case), None
    if case["block_size"]:
        block_axis = 1 - case["channel_axis"]
        block = [-1] * values.dim()
        block[case["channel_axis"]], block[block_axis] = 1, case["block_size"]
    analyzer = SCHEMES[case["scheme"]](shape=tuple(shape), block_size=block)
    quantizer = QuantizeDequantize(tuple(shape), case["bits"], case["symmetric"], analyzer, block)
    with torch.no_grad():
        with quantizer.compute_encodings():
            quantizer(values)
        offset = quantizer.get_offset() - (2 ** (case["bits"] - 1) if case["symmetric"] else 0)
        return [x.reshape(-1).numpy() for x in (quantizer.get_scale(), offset)], quantizer(values).numpy()


def make_case(random):
    return parameter_case(random, list(SCHEMES))


def request_of(case):
    return parameter_request("aimet-torch-2", case)


def main():
    seen, equal_encodings, equal_outputs = (collections.Counter() for _ in range(3))
    for case, (numbers, output) in answered_cases(__doc__, 1000, make_case, request_of, read_parameter_answer):
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
