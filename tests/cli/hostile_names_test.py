"""Names of files, folders, data sets, tensors and encoding sets cannot act on the terminal, and keep their types in JSON."""
import csv
import json
import os
import shutil
import unicodedata

from fixture import QEVAL, Job, expect_resumable, qeval, subprocess

NAME = "a\x1b[2J\x07\nfake 99 %\t\u009b31m\u202egpj.\u2066"
SHOWN = r"a\x1b[2J\x07\nfake 99 %\t\u009b31m\u202egpj.\u2066"
BYTES = b"lone\xff\x9b"
BYTES_SHOWN = r"lone\xff\x9b"


def run(*arguments, expect=0):
    """Both outputs as text, after a look at every character of theirs."""
    done = subprocess.run([QEVAL, *arguments], capture_output=True)
    assert done.returncode == expect, (arguments, done.returncode, done.stderr)
    for stream in (done.stdout, done.stderr):
        text = stream.decode("utf-8")
        hostile = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"}
        assert not hostile, (arguments, hostile, text)
    done.stdout = done.stdout.decode()
    expect_resumable(arguments, done)
    return done.stdout, done.stderr.decode()


job = Job(images=8)
home = job.folder / NAME
shutil.copytree(job.data, home / "val")
shutil.copy(job.weights, home)
database = home / f"{NAME}.db"
(home / "val" / "class1" / f"{NAME}.jpg").write_bytes(b"not an image")
(home / "val" / "class2" / os.fsdecode(BYTES + b".jpg")).write_bytes(b"nor this")
# The job language refuses control characters, in the name of its file's folder, too; but not what reorders a line.
text = job.file.read_text().replace("name: photos", 'name: "soto\\u202ehp"').replace("name: tiny", 'name: "1e5"')
(home / "job.yaml").write_text(text)
_, message = run("run", home / "job.yaml", "--db", database, expect=2)
assert message.startswith(f"qeval: {job.folder}/{SHOWN}/job.yaml:1:1: error: the name of the job file's folder"), message
# A link is a name without them.
(job.folder / "plain").symlink_to(home)
file = job.folder / "plain" / "job.yaml"

# Too many bad images: each example is one line.
_, message = run("run", file, "--db", database, "--variant", "fp32", expect=4)
lines = message.splitlines()
assert sum(line.lstrip().startswith(f"class1/{SHOWN}.jpg: ") for line in lines) == 1, message
assert sum(line.lstrip().startswith(f"class2/{BYTES_SHOWN}.jpg: ") for line in lines) == 1, message
assert any(line.endswith(f"{job.folder}/{SHOWN}/{SHOWN}.db") for line in lines), message

_, message = run("run", file, "--db", database, "--progress", "lines", "--set", "run.bad_images.max=2")
assert any(f"images of {job.folder}/plain/val, batch" in line for line in message.splitlines()), message
for arguments in (["plan", file], ["plan", file, "--quantizers"], ["resume"], ["encodings", "list"]):
    run(*arguments, "--db", database)

shown, _ = run("show", "@2", "--db", database)
failed = shown[shown.index("failed images"):].splitlines()
assert [line.split(f"class1/{SHOWN}.jpg")[0].strip() for line in failed if SHOWN in line], shown
assert any(f"class2/{BYTES_SHOWN}.jpg" in line for line in failed), shown
assert not any(line.startswith("fake 99 %") for line in shown.splitlines()), shown
resolved, _ = run("show", "@last", "--db", database, "--job", "--format", "json")
assert "name: \"soto\\u202ehp\"" in run("show", "@last", "--db", database, "--job")[0]
assert '"soto\u202ehp"' in json.dumps(json.loads(resolved), ensure_ascii=False), resolved

# A cell keeps the type it has in SQL, whatever it looks like.
rows = json.loads(run("history", "--db", database, "--format", "json")[0])
assert [row["variant"] for row in rows] == ["w8a8", "fp32"], rows
for row in rows:
    assert row["job"] == "1e5" and row["dataset"] == "soto\u202ehp" and row["tags"] == "", row
    assert row["n_done"] == 10 and isinstance(row["top1"], float), row
assert [row["mode"] for row in rows] == ["aimet-1.24", ""], rows
everything = run("history", "--db", database, "--format", "csv", "--columns", "all")[0]
assert next(csv.DictReader(everything.splitlines()))["job"] == "1e5"
table = run("history", "--db", database, "--columns", "job,n_done")[0].splitlines()
assert table == ["job  n_done", "1e5      10", "1e5      10"], table
run("history", "--db", database, "--format", "md", "--columns", "all")
predictions = json.loads(run("show", "@last", "--db", database, "--predictions", "--format", "json")[0])
bad = [row for row in predictions if row["status"] != "ok"]
assert len(bad) == 2 and all(row[key] is None for row in bad for key in ("top1", "top5", "probability", "margin")), bad
assert all(isinstance(row["probability"], float) and isinstance(row["top1"], int) for row in predictions if row not in bad)

encodings = json.loads(run("show", "@last", "--db", database, "--encodings", "--format", "json")[0])
assert all(isinstance(row["scale"], float) and row["channel"] is None for row in encodings), encodings[0]

# Names in files: a set, tensors, a name map.
sets = home / f"{NAME}.encodings"
sets.write_text(json.dumps({"version": "2.0.0", "encodings": [
    {"name": NAME, "output_dtype": "uint8", "y_scale": 0.5}, {"name": "1e5", "output_dtype": "uint8", "y_scale": 2}]}))
assert SHOWN in run("encodings", "import", sets, "--db", database)[0]
assert [row["tensor"] for row in json.loads(run("encodings", "show", sets, "--format", "json")[0])] == [NAME, "1e5"]
assert SHOWN in run("encodings", "show", f"{NAME}.encodings", "--db", database)[0]
assert f"only in A (2)\n  {SHOWN}\n" in run("encodings", "diff", sets, "@last", "--db", database, expect=1)[0]
_, message = run("encodings", "show", NAME, "--db", database, expect=2)
assert len(message.splitlines()) == 1 and SHOWN in message, message
_, message = run("encodings", "show", NAME + 300 * "x", "--db", database, expect=2)
assert len(message.splitlines()) == 1 and SHOWN in message, message
_, message = run("history", "--db", f"{database}.none", expect=5)
assert len(message.splitlines()) == 1 and SHOWN in message, message
job.remove()
