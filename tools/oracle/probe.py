"""What the comparisons with AIMET's own quantizers share: random cases of one seed, put to quantizer_probe in one run.
The probe's protocol: quantizer_probe.cpp."""
import argparse
import subprocess

import numpy as np


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
