"""Compares parameter encodings and quantize-dequantize results of mode aimet-torch-2 with aimet-torch's own quantized
modules: per tensor, per channel along either axis, and per block of input channels; a quarter of the parameters lie on a
grid already, stored in single, half or brain precision. One case in ten is half precision on f32 numbers of random bits.

usage: compare_aimet_torch.py PROBE [--cases N] [--seed S]

PROBE is the built quantizer_probe. Needs aimet-torch and torch in the running Python, best in an environment of its
own.
Prints the bit-equal shares per granularity and scheme; exits 1 unless everything is bit-equal, scales of recovered grids
within 1e-4.
"""
import collections
import sys

import numpy as np
import torch
from aimet_torch.nn import QuantizedLinear
from aimet_torch.quantization.affine import QuantizeDequantize
from aimet_torch.quantization.encoding_analyzer import MinMaxEncodingAnalyzer, TfEnhancedEncodingAnalyzer
from aimet_torch.quantization.float import FloatQuantizeDequantize

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
    module = QuantizedLinear(1, 1)
    module.weight = torch.nn.Parameter(values)
    module.param_quantizers["weight"] = quantizer
    with torch.no_grad():
        module.compute_param_encodings()
        offset = quantizer.get_offset() - (2 ** (case["bits"] - 1) if case["symmetric"] else 0)
        return [x.reshape(-1).numpy() for x in (quantizer.get_scale(), offset)], quantizer(values).numpy()


def on_grids(random, case):
    """Values on a grid for every slice, but for a few."""
    steps = 10 ** random.uniform(-5, 0, grid_of(case))
    highest = int(random.integers(1, 2 ** (case["bits"] - 1) + 1))
    codes = random.integers(-highest, highest + 1, case["values"].shape)
    for axis, (size, count) in enumerate(zip(codes.shape, steps.shape)):
        steps = np.repeat(steps, size // count, axis)
    values = torch.from_numpy((codes * steps).astype("<f4"))
    precision = [torch.float32, torch.float16, torch.bfloat16][int(random.integers(0, 3))]
    values = values.to(precision).to(torch.float32)
    return (values * torch.from_numpy(random.random(codes.shape) > 0.002)).numpy().astype("<f4")


def make_case(random):
    if random.random() < 0.1:
        bits = random.integers(0, 2**32, 1000, dtype=np.uint32)
        return {"half": True, "values": bits.view("<f4")}
    case = parameter_case(random, list(SCHEMES))
    if random.random() < 0.25:
        case["values"] = on_grids(random, case)
        case["granularity"] += ", on a grid"
    return case


def request_of(case):
    if "half" in case:
        return f"half aimet-torch-2 {case['values'].size}\n".encode() + case["values"].tobytes()
    return parameter_request("aimet-torch-2", case)


def read_answer(answer, case):
    return answer.take("<f4", case["values"].size) if "half" in case else read_parameter_answer(answer, case)


def is_halved_alike(case, ours):
    theirs = FloatQuantizeDequantize(dtype=torch.float16)(torch.from_numpy(case["values"])).numpy()
    return np.array_equal(ours, theirs, equal_nan=True) and np.array_equal(np.signbit(ours), np.signbit(theirs))


def is_near(ours, theirs):
    """Of a recovered grid the last bits depend on the order in which torch sums."""
    return ours.shape == theirs.shape and np.all(np.abs(ours - theirs) <= 1e-4 * np.abs(theirs))


def main():
    seen, equal_encodings, equal_outputs, near = (collections.Counter() for _ in range(4))
    for case, answer in answered_cases(__doc__, 1000, make_case, request_of, read_answer):
        if "half" in case:
            seen["half precision"] += 1
            equal_encodings["half precision"] += 1
            equal_outputs["half precision"] += is_halved_alike(case, answer)
            continue
        numbers, output = answer
        (scale, offset), their_output = aimet_answer(case)
        key = f"{case['granularity']}, {case['scheme']}"
        same = np.array_equal(numbers[:, 2], scale.astype("f8")) and np.array_equal(numbers[:, 3], offset.astype("f8"))
        seen[key] += 1
        equal_encodings[key] += bool(same)
        equal_outputs[key] += np.array_equal(output, their_output)
        if not same and "on a grid" in key:
            near[key] += bool(is_near(numbers[:, 2], scale.astype("f8")))
    for key, count in sorted(seen.items()):
        print(f"{key}: encodings bit-equal in {equal_encodings[key]} of {count}, "
              f"quantize-dequantize in {equal_outputs[key]}" + (f"; {near[key]} within 1e-4" if near[key] else ""))
    print(f"all: {sum(equal_encodings.values())} and {sum(equal_outputs.values())} of {sum(seen.values())}, "
          f"{sum(near.values())} within 1e-4")
    return equal_encodings + near != seen or equal_outputs + near != seen


if __name__ == "__main__":
    sys.exit(main())
