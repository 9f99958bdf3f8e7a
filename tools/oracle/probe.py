"""What the comparisons with AIMET's own quantizers share: random cases of one seed, put to quantizer_probe in one run.
The probe's protocol: quantizer_probe.cpp."""
import argparse
import subprocess

import numpy as np

GRANULARITIES = ("tensor", "channel 0", "channel 1", "block 0", "block 1")


class Answer:
    """The probe's output, read front to back."""

    def __init__(self, content):
        self._content = content
        self._at = 0

    def take(self, dtype, count):
        numbers = np.frombuffer(self._content, dtype, count, self._at)
        self._at += numbers.nbytes
        return numbers


def answered_cases(description, default_count, make_case, request_of, read_answer):
    """Takes PROBE, --cases and --seed from the command line; yields every case with the probe's answer.

    make_case(random) gives a case, request_of(case) its bytes, read_answer(answer, case) what an Answer holds for it.
    """
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("probe")
    parser.add_argument("--cases", type=int, default=default_count)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    cases = [make_case(random) for _ in range(options.cases)]
    output = subprocess.run([options.probe], input=b"".join(map(request_of, cases)), stdout=subprocess.PIPE,
                            check=True).stdout
    answer = Answer(output)
    for case in cases:
        yield case, read_answer(answer, case)


def shape_of(random, blocks):
    """OIHW, IOHW or a matrix; what blocks divide gets several of them."""
    shape = [int(random.integers(1, 9)), int(random.integers(1, 9))]
    size = int(random.choice([1, 2, 4, 8]))
    if blocks is not None:
        shape[blocks] *= size
    if random.random() < 0.7:
        shape += [int(random.integers(1, 4)), int(random.integers(1, 4))]
    return shape, size


def parameter_case(random, schemes):
    """A parameter quantized per tensor, per channel along either axis, or per block of the other axis."""
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
        "scheme": str(random.choice(schemes)),
        "bits": int(random.integers(2, 17)),
        "symmetric": bool(random.random() < 0.6),
        "channel_axis": channel_axis,
        "block_size": size if block_axis is not None else 0,
        "values": values.astype("<f4"),
    }


def grid_of(case):
    """The shape of the parameter's encodings, which the probe answers in the order of its elements."""
    shape = [1] * case["values"].ndim
    if case["channel_axis"] >= 0:
        shape[case["channel_axis"]] = case["values"].shape[case["channel_axis"]]
    if case["block_size"]:
        block_axis = 1 - case["channel_axis"]
        shape[block_axis] = case["values"].shape[block_axis] // case["block_size"]
    return shape


def parameter_request(mode, case):
    flags = f"{case['bits']} {int(case['symmetric'])} {case['channel_axis']} {case['block_size']}"
    shape = case["values"].shape
    request = f"parameter {mode} {case['scheme']} {flags} {len(shape)} {' '.join(map(str, shape))}\n"
    return request.encode() + case["values"].tobytes()


def read_parameter_answer(answer, case):
    count = int(answer.take("<f8", 1)[0])
    numbers = answer.take("<f8", 4 * count).reshape(count, 4)
    return numbers, answer.take("<f4", case["values"].size).reshape(case["values"].shape)
