"""Compares the statistics of paired tables with SciPy's and statsmodels'.

usage: compare_paired_statistics.py PROBE [--cases N] [--seed S] [--print-tests]

PROBE is the built paired_probe. Needs numpy, scipy and statsmodels in the running Python, best in an environment of its
own. Exact p and chi-squared are statsmodels' mcnemar (chi-squared is 0 here where both counts are equal, as in R); mid-p
is made of SciPy's binomial distribution; Tango's interval is found again from the likelihood alone, maximized by SciPy at
every difference that its root finder tries; the number of images is Connor's formula with SciPy's quantiles.
--print-tests prints 40 of the tables with their answers, as lines of tests/metrics/paired_tables.inc.
Prints how many tables agree and the largest error; exits 1 unless all do.
"""
import argparse
import math
import subprocess
import sys

import numpy as np
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import mcnemar

NAMES = ("exact p", "mid-p", "chi-squared", "its p", "difference", "low", "high", "images")
EXTREME = [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (0, 5, 0, 0), (0, 0, 9, 0), (0, 7, 7, 0),
           (50000, 0, 0, 0), (0, 0, 0, 50000), (0, 50000, 0, 0), (0, 25000, 25000, 0), (49999, 1, 0, 0),
           (38460, 1155, 920, 9465), (17, 1, 0, 2), (12, 12, 12, 0), (20, 13, 12, 5), (0, 24, 1, 0), (0, 24, 0, 1)]


def likelihood_maximum(delta, broke, fixed, others):
    """The share of images that only the first has right, where the second's share minus it is delta."""
    low, high = max(0.0, -delta), (1 - delta) / 2
    if high - low < 1e-15:
        return low

    def loss(q):
        parts = ((broke, q), (fixed, q + delta), (others, 1 - 2 * q - delta))
        return -sum(count * math.log(share) if share > 0 else -math.inf for count, share in parts if count)
    found = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-14})
    return min((found.x, low, high), key=loss)


def tango(table):
    n, broke, fixed = sum(table), table[1], table[2]
    estimate, z = (fixed - broke) / n, stats.norm.ppf(0.975)

    def distance(delta):
        q = likelihood_maximum(delta, broke, fixed, n - broke - fixed)
        variance = n * (2 * q + delta * (1 - delta))
        if delta == estimate:
            return -z
        return math.inf if variance <= 0 else abs(fixed - broke - n * delta) / math.sqrt(variance) - z
    ends = []
    for side in (-1, 1):
        far = side * (1 - 1e-12)
        if abs(estimate) == 1 and side == estimate:
            ends.append(float(side))
            continue
        ends.append(optimize.brentq(lambda delta: min(distance(delta), 1e6), estimate, far, xtol=1e-14))
    return estimate, *ends


def images_that_would_tell(table):
    n, broke, fixed = sum(table), table[1], table[2]
    if broke == fixed:
        return 0
    rate, difference = (broke + fixed) / n, (fixed - broke) / n
    root = stats.norm.ppf(0.975) * math.sqrt(rate) + stats.norm.ppf(0.8) * math.sqrt(max(0, rate - difference**2))
    return math.ceil(root**2 / difference**2)


def expected(table):
    broke, fixed = table[1], table[2]
    square = [[table[0], broke], [fixed, table[3]]]
    exact = mcnemar(square, exact=True).pvalue if broke + fixed else 1.0
    fewer, trials = min(broke, fixed), broke + fixed
    mid = min(1.0, 2 * stats.binom.cdf(fewer, trials, 0.5) - stats.binom.pmf(fewer, trials, 0.5))
    chi = (0.0, 1.0)
    if broke != fixed:
        found = mcnemar(square, exact=False, correction=True)
        chi = found.statistic, found.pvalue
    return exact, mid, *chi, *tango(table), images_that_would_tell(table)


def random_table(random):
    n = int(10 ** random.uniform(0, math.log10(50000)))
    shares = random.dirichlet([8, 10 ** random.uniform(-2, 1), 10 ** random.uniform(-2, 1), 3])
    return tuple(int(count) for count in random.multinomial(n, shares))


def agrees(name, ours, theirs):
    if name in ("low", "high"):
        return abs(ours - theirs) <= 2e-7  # as far as a maximum can be found from the likelihood's values
    if name == "images":
        return abs(ours - theirs) <= 1  # a ceiling of what two programs round
    return abs(ours - theirs) <= 1e-9 * abs(theirs) + 1e-300


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("probe")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--print-tests", action="store_true")
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    tables = EXTREME + [random_table(random) for _ in range(options.cases - len(EXTREME))]
    text = "".join(" ".join(map(str, table)) + "\n" for table in tables)
    lines = subprocess.run([options.probe], input=text, capture_output=True, text=True, check=True).stdout.splitlines()
    agreeing, worst = 0, dict.fromkeys(NAMES, 0.0)
    for index, (table, line) in enumerate(zip(tables, lines, strict=True)):
        ours, theirs = list(map(float, line.split())), expected(table)
        wrong = [name for name, a, b in zip(NAMES, ours, theirs) if not agrees(name, a, b)]
        for name, a, b in zip(NAMES, ours, theirs):
            error = abs(a - b) if name in ("low", "high", "images") else abs(a - b) / (abs(b) or 1)
            worst[name] = max(worst[name], error)
        agreeing += not wrong
        if wrong:
            print(f"{table}: {wrong}: {ours} and {theirs}")
        if options.print_tests and index < 40:
            print("{{" + ", ".join(map(str, table)) + "}, " + ", ".join(f"{x:.11g}" for x in theirs) + "},")
    print(f"{agreeing} of {len(tables)} tables agree; largest error: "
          + ", ".join(f"{name} {error:.1e}" for name, error in worst.items()))
    return agreeing != len(tables)


if __name__ == "__main__":
    sys.exit(main())
