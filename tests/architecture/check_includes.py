#!/usr/bin/env python3
"""Checks every #include of the tree against the dependency direction.

    tools -> jobs/report -> jobs/run -> jobs/compare -> jobs/prepare -> {jobs/language, stages, storage} -> pipeline

(jobs/language, stages and storage never see each other) and, below stages, the column "may include" of ARCHITECTURE.md.

Usage: check_includes.py ROOT. Prints one line per breach and exits 1 if there is any.
"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from tree_check import run_check  # noqa: E402

# What a file below the folder may include with quotes; the longest matching folder decides. Generated headers count as part of the folder they are written for.
MAY_SEE = {
    "pipeline/base": ("pipeline/base",),
    "pipeline": ("pipeline",),
    "stages/image": ("stages/image", "pipeline"),
    "stages/dataset": ("stages/dataset", "pipeline"),
    "stages/model": ("stages/model", "pipeline"),
    "stages/quant": ("stages/quant", "stages/model", "pipeline"),
    "stages/infer/kernels": ("stages/infer/kernels", "pipeline"),
    "stages/infer": ("stages/infer", "stages/quant", "stages/model", "pipeline"),
    "stages/metrics": ("stages/metrics", "pipeline"),
    "stages/flow": ("stages", "pipeline"),
    "storage": ("storage", "pipeline"),
    "jobs/language": ("jobs/language", "pipeline"),
    "jobs/prepare": ("jobs/prepare", "jobs/language", "storage", "stages", "pipeline"),
    "jobs/compare": ("jobs/compare", "jobs/prepare", "jobs/language", "storage", "stages", "pipeline"),
    "jobs/run": ("jobs/run", "jobs/compare", "jobs/prepare", "jobs/language", "storage", "stages", "pipeline"),
    "jobs/report": ("jobs/report", "jobs/run", "jobs/compare", "jobs/prepare", "jobs/language", "storage", "stages", "pipeline"),
    "tools": ("tools", "jobs", "storage", "stages", "pipeline"),
    "tests": ("tests", "tools", "jobs", "storage", "stages", "pipeline"),
}
TOPS = {folder.split("/")[0] for folder in MAY_SEE}

# Headers with one owner: a pattern of the included name, and the folders that may include it: the owner, its tests, and
# the benchmark, which compares with the bare library.
OWNERS = (
    (r"(oneapi/)?tbb/flow_graph\.h", ("pipeline",)),
    (r"(oneapi/)?tbb(/.*)?(\.h)?", ("pipeline",)),
    (r"(jpeglib|jerror|jmorecfg|turbojpeg)\.h", ("stages/image", "tests/image")),
    (r"sqlite3(ext)?\.h", ("storage", "tests/storage")),
    (r"libfyaml\.h", ("jobs/language",)),
    (r"(torch|ATen|c10|caffe2)/.*", ("stages/infer", "tests/infer", "tools/bench")),
    (r"(onnx|google/protobuf)/.*", ("stages/model/onnx", "stages/quant/onnx", "tests/onnx", "tests/support")),
    (r"boost/.*", ("tools/qeval", "tools/bench")),
    # What x86 alone has stands behind pipeline/base/processor.h.
    (r"(cpuid|x86intrin|x86gprintrin)\.h", ("pipeline/base",)),
    (r"[a-z]+mmintrin\.h|immintrin\.h", ("stages/image", "stages/infer/kernels")),
)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".h", ".hpp", ".cpp", ".cc", ".cu", ".cuh", ".in"}


def is_below(path, folder):
    return path == folder or path.startswith(folder + "/")


def breach_of_direction(path, included, root):
    if included.split("/")[0] not in TOPS:
        beside = pathlib.PurePosixPath(path).parent / included
        if (root / beside).exists():
            return f'writes its path from the folder instead of the root: "{beside}"'
        return None
    folder = max((folder for folder in MAY_SEE if is_below(path, folder)), key=len, default=None)
    if folder is None:
        return "this folder has no row in MAY_SEE yet, nor in ARCHITECTURE.md"
    if any(is_below(included, seen) for seen in MAY_SEE[folder]):
        return None
    return f"{folder} may include only {', '.join(MAY_SEE[folder])}"


def breach_of_ownership(path, included):
    for pattern, folders in OWNERS:
        if re.fullmatch(pattern, included) and not any(is_below(path, folder) for folder in folders):
            return f"only {' and '.join(folders)} may include it"
    return None


def includes_of(file):
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def source_files(root):
    for top in sorted(TOPS):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in SOURCES and file.is_file():
                yield file


def breaches(root):
    """Messages for all breaches, and how many #include lines were looked at."""
    root = pathlib.Path(root).resolve()
    found, looked_at = [], 0
    for file in source_files(root):
        path = file.relative_to(root).as_posix()
        for number, quote, included in includes_of(file):
            looked_at += 1
            why = breach_of_ownership(path, included)
            if why is None and quote == '"':
                why = breach_of_direction(path, included, root)
            if why is None and quote == "<" and included.split("/")[0] in TOPS and (root / included).exists():
                why = "a file of this tree is included with quotes"
            if why is not None:
                found.append(f"{path}:{number}: {included}: {why}")
    return found, looked_at


def main(arguments):
    return run_check(arguments, __doc__, breaches, "#include")


if __name__ == "__main__":
    sys.exit(main(sys.argv))
