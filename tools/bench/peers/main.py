"""Driver of tools/bench/compare-peers, which says what it does."""
import argparse
import datetime
import importlib.metadata
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import results
from machine import NAMES, Machine
from contenders import run_command
from material import BATCH, SOURCE, Material
from parts import HERE, PARTS

PACKAGES = ("torch", "torchvision", "aimet-torch", "onnxruntime", "openvino", "pillow")
# Programs of others that were running say so in the load average.
BUSY = 0.7
BUSY_REMARK = ("**The machine had other work: no figure of this section is to be quoted.** Engines whose threads wait "
               "for each other – LibTorch, aimet-torch – lose more by it than those that compute a batch per thread.\n")
# Of these alone nothing needs a network.
WITHOUT_NETWORK = {"kernels"}


def make_parser():
    parser = argparse.ArgumentParser(prog="compare-peers", description="qeval beside its peers")
    parser.add_argument("--arch", default="resnext101_32x8d")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="may be repeated; default: all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int, default=200, help="photos end to end")
    parser.add_argument("--agreement", type=int, default=40, help="photos on which classes are compared, whole batches")
    parser.add_argument("--seconds", type=float, default=1.5, help="of one measurement, at least")
    parser.add_argument("--slow-rounds", type=int, default=2, help="of commands that take long")
    parser.add_argument("--isa", choices=NAMES, help="nobody may use what is above it")
    parser.add_argument("--results", type=pathlib.Path, default=SOURCE / "tools/bench/RESULTS.md")
    return parser


def arguments(parser):
    options = parser.parse_args()
    if options.agreement % BATCH or not 0 < options.agreement <= options.images:
        parser.error(f"--agreement takes a multiple of {BATCH} up to --images")
    if min(options.rounds, options.slow_rounds) < 1:
        parser.error("there has to be a round")
    return options


def revision():
    said = subprocess.run(["git", "describe", "--always", "--dirty", "--exclude", "*"], capture_output=True, text=True,
                          cwd=SOURCE)
    return said.stdout.strip() or "unknown"


def command_of(options, part, parser):
    """The command that measures this part again."""
    settings = {"only": part} | {name: value for name, value in vars(options).items()
                                 if name not in ("only", "results") and value != parser.get_default(name)}
    return " ".join(["tools/bench/compare-peers", *(f"--{name.replace('_', '-')} {value}"
                                                    for name, value in settings.items())])


def provenance(part, command, machine, built, before, seconds):
    """`before`: the load average before this program did anything."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    text = (f"\n`{command}`, {datetime.date.today()}, {seconds:.0f} s, load average beforehand {before:.1f}; qeval "
            f"{built}, {versions}; {machine.numbers}.\n")
    if before > BUSY:
        text += BUSY_REMARK
    if machine.limited and part not in WITHOUT_NETWORK:
        text += "onnxruntime is left out: its kernels have no switch for instruction sets.\n"
    return text


def main():
    parser = make_parser()
    options = arguments(parser)
    machine = Machine(options.isa)
    parts = options.only or list(PARTS)
    built, before = revision(), os.getloadavg()[0]
    print(f"== {machine.heading}: {options.arch}, {', '.join(parts)}", flush=True)
    with tempfile.TemporaryDirectory(prefix="qeval-peers-") as scratch:
        material = Material(pathlib.Path(scratch) / "network", options.arch, options.images, machine)
        if set(parts) - WITHOUT_NETWORK:
            material.make()
            run_command([sys.executable, HERE / "photos.py", material.folder, options.agreement], machine.environment,
                        material.folder)
        for part in parts:
            print(f"== {part}", flush=True)
            begin = time.monotonic()
            body = PARTS[part](material, machine, options, lambda line: print(f"   {line}", flush=True))
            body += provenance(part, command_of(options, part, parser), machine, built, before,
                               time.monotonic() - begin)
            section = part if part in WITHOUT_NETWORK else f"{options.arch}, {part}"
            results.write_section(options.results, machine.heading, section, body)
            print(body, flush=True)


if __name__ == "__main__":
    sys.exit(main())
