#!/usr/bin/env python3
"""Times `qeval run` beside the bare LibTorch forward pass, in turn, and prints ratios and peak memory.

    tools/bench/end_to_end.py --qeval build/release/bin/qeval --bench build/release/tools/bench/qeval_bench \\
        --arch resnext101_32x8d --weights FILE --job jobs/x.yaml --variant fp32 --variant w8a8 --limit 64

Each round runs the yardstick, then every variant into a fresh database, so that a slow moment of the machine hits all
of them. A variant's time is that of the whole command: start, loading, calibration if it has one, images, commits.
Everything after `--` is given to every `qeval run`, e.g. `-- --set run.batch_size=8`.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time


def timed(command):
    """Wall seconds, peak resident bytes and standard output of a command that must succeed."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):  # 1: a gate of the job was missed, the run is complete
        sys.exit(f"exit code {process.returncode} from: {' '.join(command)}")
    return time.monotonic() - start, usage.ru_maxrss * 1024, output


def bare_images_per_second(options):
    command = [options.bench, options.arch, "--bare-only", "--rounds", "1", "--batches", str(options.bare_batches),
               "--batch-size", str(options.batch_size)]
    if options.weights:
        command += ["--weights", options.weights]
    output = timed(command)[2]
    return float(re.search(r"^bare LibTorch\s+([\d.]+)", output, re.MULTILINE).group(1))


def run_variant(options, variant, folder, number):
    database = os.path.join(folder, f"{variant}-{number}.db")
    command = [options.qeval, "run", options.job, "--variant", variant, "--db", database, "--limit", str(options.limit)]
    seconds, peak, _ = timed(command + options.qeval_arguments)
    return options.limit / seconds, peak


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qeval", required=True)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--arch", default="resnext101_32x8d")
    parser.add_argument("--weights")
    parser.add_argument("--job", required=True)
    parser.add_argument("--variant", action="append", required=True)
    parser.add_argument("--limit", type=int, default=64, help="images per run")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--bare-batches", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("qeval_arguments", nargs="*")
    options = parser.parse_args()

    speeds = {"bare LibTorch": []}
    peaks = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            speeds["bare LibTorch"].append(bare_images_per_second(options))
            for variant in options.variant:
                speed, peak = run_variant(options, variant, folder, number)
                speeds.setdefault(variant, []).append(speed)
                peaks[variant] = max(peak, peaks.get(variant, 0))

    bare = statistics.median(speeds["bare LibTorch"])
    print(f"{'':<18}{'images/s':>10}{'slowest':>10}{'fastest':>10}{'vs bare':>10}{'peak MiB':>10}")
    for name, values in speeds.items():
        middle = statistics.median(values)
        memory = f"{peaks[name] / 2**20:>10.0f}" if name in peaks else ""
        print(f"{name:<18}{middle:>10.2f}{min(values):>10.2f}{max(values):>10.2f}{100 * middle / bare:>9.1f}%{memory}")


if __name__ == "__main__":
    main()
