#!/usr/bin/env python3
"""Checks that one module alone writes to standard output and standard error, so that control characters in names are
written out, a full disk is noticed, and nothing aborts, whoever says something.

Usage: check_output.py ROOT. Prints one line per breach and exits 1 if there is any.
"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from tree_check import run_check  # noqa: E402

FOLDERS = ("pipeline", "stages", "storage", "jobs", "tools/qeval")
SOURCES = {".h", ".cpp", ".in"}

# What writes, and the files that may.
WRITERS = (
    (r"\bstd::(cout|cerr|clog|wcout|wcerr)\b|<iostream>", ()),
    (r"\bfmt::v?print(ln)?\b", ()),
    (r"\b(f?printf|v?dprintf|f?puts|f?putc|putchar|perror|psignal)\s*\(", ()),
    # A file that goes to standard output has to come behind what was printed before.
    (r"\bstd(out|err)\b", ("pipeline/base/atomic_file.cpp",)),
    # The signal handler can do no more than this.
    (r"\bwritev?\s*\(\s*(STD(OUT|ERR)_FILENO|[12]\b)", ("tools/qeval/interrupt.cpp",)),
    (r"\bwrite_all\s*\(\s*STD(OUT|ERR)_FILENO", ("tools/qeval/text/terminal.cpp",)),
)
COMMENT = re.compile(r"//.*")


def breaches(root):
    """Messages for all breaches, and how many lines were looked at."""
    root = pathlib.Path(root).resolve()
    found, looked_at = [], 0
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in SOURCES or not file.is_file():
                continue
            path = file.relative_to(root).as_posix()
            for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
                looked_at += 1
                code = COMMENT.sub("", line)
                for pattern, allowed in WRITERS:
                    if re.search(pattern, code) and path not in allowed:
                        found.append(f"{path}:{number}: {line.strip()}: only tools/qeval/text/terminal.cpp writes to "
                                     "standard output and standard error")
    return found, looked_at


def main(arguments):
    return run_check(arguments, __doc__, breaches, "source line")


if __name__ == "__main__":
    sys.exit(main(sys.argv))
