"""Runs clang-tidy on sources, as many at a time as there are processors, and remembers which were clean.

Usage: tidy.py CLANG-TIDY BUILD-FOLDER SOURCE…     exit 1 if there is a finding

What is remembered is a hash of the configuration, of clang-tidy's version, of how the file is compiled and of the
contents of the file and of every header of the tree that it includes; the clone's place is not in it.
"""
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path.cwd()
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "qeval-check"
FINDING = re.compile(r"^(\S+?):(\d+):(\d+): (?:warning|error): .* \[([\w.,-]+)\]$", re.MULTILINE)


def compile_commands(build):
    entries = json.loads(pathlib.Path(build, "compile_commands.json").read_text())
    return {str(pathlib.Path(entry["file"]).relative_to(ROOT)): entry for entry in entries
            if pathlib.Path(entry["file"]).is_relative_to(ROOT)}


def own_files(entry):
    """The source and the headers of the tree that it includes, and the command without the compiler cache."""
    command = shlex.split(entry["command"])
    command = command[next(i for i, word in enumerate(command) if word.endswith("++")):]
    listed = subprocess.run(command[:command.index("-o")] + ["-MM", "-MF", "-", entry["file"]], cwd=entry["directory"],
                            capture_output=True, text=True, check=True).stdout
    names = listed.replace("\\\n", " ").split(":", 1)[1].split()
    return sorted({pathlib.Path(entry["directory"], name).resolve() for name in names}), command


def content_key(entry, tool_version):
    files, command = own_files(entry)
    digest = hashlib.sha256(f"{tool_version}\n{' '.join(command).replace(str(ROOT), '.')}".encode())
    for file in [ROOT / ".clang-tidy", *files]:
        digest.update(b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def examine(tool, build, source, entry, tool_version):
    """What clang-tidy says; nothing if the file is clean."""
    known = CACHE / content_key(entry, tool_version)
    if known.exists():
        return ""
    # GCC, with which the tree is built without a warning, names what Clang does not know, and lets its own library use
    # what that deprecates.
    ignored = ("--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-deprecated-declarations")
    done = subprocess.run([tool, "-p", build, "--quiet", *ignored, source], capture_output=True, text=True)
    if done.returncode == 0 and not FINDING.search(done.stdout):
        CACHE.mkdir(parents=True, exist_ok=True)
        known.touch()
        return ""
    return done.stdout or done.stderr


def main(tool, build, *sources):
    commands = compile_commands(build)
    tool_version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    wanted = [source for source in sources if source in commands]
    counts = collections.Counter()
    bad = 0
    seen = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(examine, tool, build, source, commands[source], tool_version) for source in wanted]
        for said in (job.result() for job in jobs):
            bad += bool(said)
            # A finding in a header comes with every file that includes it.
            found = {match.groups() for match in FINDING.finditer(said)} - seen
            seen |= found
            counts.update(check for *_, check in found)
            if said and (found or not FINDING.search(said)):
                print(said, end="", flush=True)
    print(f"{len(wanted)} sources, {bad} with findings", *(f"{n} {c}" for c, n in counts.most_common()), sep="\n  ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
