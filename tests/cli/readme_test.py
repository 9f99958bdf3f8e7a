"""README's job, its output and all blocks of commands are what a fresh shell has after tools/quickstart."""
import os
import re
import shutil
import sqlite3
import subprocess

from fixture import QEVAL, SOURCE, demo_folder, pathlib, tempfile

PROGRAM = "build/release/bin/qeval"


def fresh_shell(script, folder, **variables):
    """Runs `script` as a new user's shell would, in `folder`; returns what it printed."""
    done = subprocess.run(["/bin/bash", "-eu", "-o", "pipefail", "-x", "-c", script], cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=1500,
                          env={"PATH": os.environ["PATH"], "HOME": str(folder / "home"), **variables})
    assert done.returncode == 0, f"exit {done.returncode} of the last command:\n{done.stdout}"
    return done.stdout


def blocks(page, language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", (SOURCE / page).read_text(), re.M | re.S)
    return [text for name, text in found if name == language]


def without_speed_and_name(table):
    """Lines of a run table without the columns that differ from run to run, and what follows as it is."""
    return [re.sub(r" +\S+  (run|[a-z]+-[a-z]+-\d+)$", "", line).rstrip() for line in table.splitlines()]


def quickstart_run():
    """The line that fills the database; setting up, fetching and building were done before this test."""
    (line,) = [line for line in (SOURCE / "tools/quickstart").read_text().splitlines() if f"{PROGRAM} run " in line]
    return line


with tempfile.TemporaryDirectory(prefix="qeval-cli-") as scratch:
    clone = pathlib.Path(scratch) / "clone"
    for folder in (clone / "home", (clone / PROGRAM).parent):
        folder.mkdir(parents=True)
    (clone / PROGRAM).symlink_to(pathlib.Path(QEVAL).resolve())
    (clone / "demo").symlink_to(demo_folder().resolve())
    shutil.copytree(SOURCE / "jobs", clone / "jobs")

    fresh_shell(quickstart_run(), clone)
    # Bash's "set -e" of a pasted block: the first command that fails ends the shell with its exit code.
    commands = "".join(blocks("README.md", "sh"))
    verbs = re.findall(r"^\$qeval (\w+)", commands, re.M)
    assert verbs == ["plan", "run", "resume", "history", "show", *2 * ["compare"], "report", "sensitivity",
                     "export", "compare"], verbs
    output = fresh_shell(commands, clone)
    assert "nothing to resume: no run in " in output, output
    assert re.search(r"^content +[0-9a-f]{64}$", output, re.M), output
    # All of it went into the database that quickstart had filled, and nothing of it into the home folder.
    assert [path.name for path in (clone / "home").iterdir()] == [".cache"]
    listed = fresh_shell(f"{PROGRAM} history --format csv --columns variant,n_total", clone).splitlines()
    assert listed.count("w8a8,20") == 1 and listed.count("w8a8,8") == 1, listed
    assert (clone / ".qeval/lite0.onnx").stat().st_size > 1_000_000
    # Nothing new is left for version control to find.
    ignored = [line.strip("/") for line in (SOURCE / ".gitignore").read_text().split()]
    assert ".qeval" in ignored, ignored
    assert {path.name for path in clone.iterdir()} == {"home", "build", "demo", "jobs", ".qeval"}, list(clone.iterdir())

    (job,) = blocks("README.md", "yaml")
    (clone / "lite0.yaml").write_text(job)
    printed = fresh_shell(f"{PROGRAM} run lite0.yaml --db lite0.db --progress none 2>/dev/null", clone,
                           LANG="C.UTF-8").splitlines()
    printed = "\n".join(line for line in printed if not line.startswith("+ "))
    assert without_speed_and_name(printed) == without_speed_and_name(blocks("README.md", "")[0]), printed

    # Run 1 and run 2 of the queries are quickstart's.
    with sqlite3.connect(f"file:{clone / '.qeval/results.db'}?mode=ro", uri=True) as database:
        found = [len(database.execute(query).fetchall()) for query in blocks("docs/database.md", "sql")]
    assert found == [10, 2, 10, 0], found
