"""Help, version, validate and schema work without model, data or LibTorch."""
import json
import os
import re
import subprocess

from fixture import QEVAL, SOURCE, qeval, tempfile, pathlib

help_text = qeval("--help").stdout
for verb in ["run", "resume", "validate", "plan", "history", "show", "encodings", "zoo", "make-weights"]:
    assert f"\n  {verb} " in help_text, f"{verb} is missing from help"
    assert "usage: qeval " + verb in qeval(verb, "--help").stdout
# All help fits 80 columns, also where the locale has no signs beyond ASCII.
verbs = re.findall(r"^  ([a-z-]+) ", help_text, re.M)
assert len(verbs) >= 18 and "status" in verbs, verbs
for locale in ("C", "C.UTF-8"):
    for arguments in [["help"], *([verb, "--help"] for verb in verbs), ["encodings", "diff", "--help"]]:
        text = qeval(*arguments, env={"LC_ALL": locale}).stdout
        assert text and [line for line in text.splitlines() if len(line) > 80] == [], (arguments, text)
        assert text.isascii() or locale != "C", (arguments, text)
assert qeval("--version").stdout.startswith("qeval ")
qeval(expect=2)
json.loads(qeval("schema").stdout)
assert "resnext101_32x8d" in qeval("list", "archs").stdout.split()

with tempfile.TemporaryDirectory() as folder:
    bad = pathlib.Path(folder) / "bad.yaml"
    bad.write_text("qeval: 1\nname: x\nmodel:\n  arch: resnet18\n  wieghts: a.pth\n")
    done = qeval("validate", bad, expect=2)
    assert f"{bad}:5:3: error: unknown key 'wieghts'" in done.stderr and "did you mean 'weights'" in done.stderr, done.stderr

# What the system refuses is no bug of the program.
with tempfile.TemporaryDirectory() as folder:
    gone = subprocess.run(["/bin/sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$0" history', QEVAL],
                          cwd=folder, capture_output=True, text=True,
                          env={name: value for name, value in os.environ.items() if name != "QEVAL_DB"})
assert gone.returncode == 4 and "No such file or directory" in gone.stderr and "bug" not in gone.stderr, gone
