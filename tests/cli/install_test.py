"""What cmake --install makes works where it is moved to, without the tree that it was built from: the program runs the
ready-made demonstration, and a program of another project is built against it and runs the same job in its process."""
import os
import re
import shutil
import subprocess
import sys

from fixture import SOURCE, demo_folder, pathlib, tempfile

build, cmake, generator, compiler = sys.argv[2:]
demo = demo_folder()
# A folder that the caller names, and a moved library in the caller's search path, would hide what is missing.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in ("QEVAL_LIBDIR", "LD_LIBRARY_PATH")}
ENVIRONMENT["QEVAL_DEMO"] = str(demo)


def done(*command, expect=0):
    ran = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=ENVIRONMENT, timeout=900)
    assert ran.returncode == expect, (command, ran.returncode, ran.stdout, ran.stderr)
    return ran


with tempfile.TemporaryDirectory(prefix="qeval-cli-") as name:
    folder = pathlib.Path(name).resolve()
    prefix = folder / "moved"
    done(cmake, "--install", build, "--prefix", folder / "installed")
    (folder / "installed").rename(prefix)

    # Whatever is not the executor library's way to LibTorch is free of the build's paths.
    for file in (*prefix.rglob("*.cmake"), *prefix.rglob("*.h")):
        assert build not in file.read_text() and str(folder / "installed") not in file.read_text(), file
    headers = {file.relative_to(prefix / "include/qeval").as_posix() for file in prefix.rglob("*.h")}
    assert "jobs/run/run_job.h" in headers and "stages/infer/executor_library.h" in headers, sorted(headers)
    for header in headers:
        text = (prefix / "include/qeval" / header).read_text()
        missing = set(re.findall(r'^#include "(.*)"', text, re.M)) - headers
        assert not missing, (header, missing)

    program, job = prefix / "bin/qeval", prefix / "share/qeval/jobs/demo.yaml"
    database = folder / "results.db"
    done(program, "run", job, "--db", database, "--progress", "none")
    rows = done(program, "history", "--db", database, "--format", "csv", "--columns", "variant,top1,n_total").stdout
    in_table = dict(line.split(",", 1) for line in rows.splitlines()[1:])
    assert set(in_table) == {"fp32", "w8a8", "w8a8_per_channel"}, rows
    # The zoo's job is the installed one.
    (prefix / "share/qeval/jobs/resnext101_w8a8.yaml").write_text("qeval: 1\nnothing: here\n")
    (folder / "val/class0").mkdir(parents=True)
    zoo = done(program, "zoo", "resnext101_w8a8", "--dataset-path", folder / "val", "--calibration-path", folder / "val",
               "--weights", "absent", expect=2).stderr
    assert f"{prefix}/share/qeval/jobs/resnext101_w8a8.yaml:2:1: error: unknown key 'nothing'" in zoo, zoo

    example = folder / "example"
    done(cmake, "-S", SOURCE / "tests/install", "-B", example, "-G", generator, f"-DCMAKE_PREFIX_PATH={prefix}",
         f"-DCMAKE_CXX_COMPILER={compiler}")
    done(cmake, "--build", example)
    said = done(example / "top1", job, folder / "example.db").stdout
    printed = re.findall(r"^(\w+) ([\d.]+) %$", said, re.M)
    assert len(printed) == 3 and {variant: float(score) for variant, score in printed} == {
        variant: float(row.split(",")[0]) for variant, row in in_table.items()}, (said, rows)
    # The file is one like any other: the program has nothing left to compute.
    again = done(program, "run", job, "--db", folder / "example.db", "--progress", "none").stderr
    assert again.count("nothing to compute") == 3, again

    # Neither program knows another library than the moved one.
    shutil.move(prefix / "lib/libqeval_infer.so", folder / "hidden.so")
    for command in ((program, "run", job, "--db", folder / "other.db"), (example / "top1", job, folder / "other.db")):
        refusal = done(*command, expect=4).stderr
        assert f"\n  {prefix}/lib/libqeval_infer.so\n" in refusal, refusal
        assert build not in refusal and "QEVAL_LIBDIR" in refusal, refusal
