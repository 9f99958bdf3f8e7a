"""`show` prints every part of a run: images with their files and classes, scores of classes, ranges of layers, what it ran
with, the images it was calibrated on, and its job as YAML that gives the same keys again; `history` is filtered by options."""
import csv
import io
import json
import re

from fixture import Job, qeval
from held_runs import empty_database

job = Job(images=40)
database = job.database()
named = job.folder / "named"
named.mkdir()
emoji = "photos of \\U0001F600: \\\"1e5\\\" # no"
job.file.write_text(job.file.read_text().replace("name: tiny", f'name: tiny\ndescription: "{emoji}"\ntags: [zoo, small]') +
                    "output:\n  export_encodings: out/${variant}.encodings\n")
broken = job.data / "class1" / "broken.jpg"
broken.write_bytes(b"no photo")
job.run(database, "--set", "run.bad_images.max=1")
history = json.loads(qeval("history", "--db", database, "--format", "json").stdout)
names = {row["variant"]: row["name"] for row in history}
fp32, w8a8 = names["fp32"], names["w8a8"]


def show(*arguments, **keywords):
    return qeval("show", *arguments, "--db", database, **keywords).stdout


def rows(*arguments):
    return list(csv.DictReader(io.StringIO(show(*arguments, "--format", "csv"))))


# Every image by its file and its classes' names; for people in few columns.
images = rows(w8a8, "--predictions")
files = sorted(str(path.relative_to(job.data)) for path in job.data.rglob("*.jpg"))
assert [row["image"] for row in images] == files and len(files) == 41
for row in images:
    assert row["class"] == row["image"].split("/")[0] == f"class{row['label']}", row
    for k in range(1, 6):
        assert row[f"class_top{k}"] == (f"class{row[f'top{k}']}" if row[f"top{k}"] else ""), row
(bad,) = [row for row in images if row["status"] != "ok"]
assert bad["image"] == "class1/broken.jpg" and bad["class_top1"] == bad["margin"] == "", bad
people = show(w8a8, "--predictions").splitlines()
assert people[0].split() == ["image", "class", "answer", "probability", "margin"], people[0]
assert re.fullmatch(rf"class1/broken.jpg +class1 +{bad['status']}", people[1 + images.index(bad)]), people

# Scores of classes are those of their images.
for row in rows(w8a8, "--classes"):
    own = [image for image in images if image["label"] == row["label"]]
    right = sum(image["top1"] == image["label"] for image in own)
    top5 = sum(image["label"] in [image[f"top{k}"] for k in range(1, 6)] for image in own)
    assert (int(row["images"]), int(row["right_top1"]), int(row["right_top5"])) == (len(own), right, top5), row
    assert int(row["failed"]) == sum(image["status"] != "ok" for image in own) and row["class"] == f"class{row['label']}"
assert [row["label"] for row in rows(w8a8, "--classes")] == ["0", "1", "2", "3"]

# Ranges of layers lie around their encodings, and every quantizer is there once.
encodings = rows(w8a8, "--encodings")
layers = {row["tensor"]: row for row in rows(w8a8, "--layers")}
assert set(layers) == {row["tensor"] for row in encodings} and len(layers) == len(rows(w8a8, "--layers"))
for tensor, row in layers.items():
    own = [e for e in encodings if e["tensor"] == tensor]
    assert float(row["min"]) == min(float(e["min"]) for e in own) and float(row["max"]) == max(float(e["max"]) for e in own)
    assert int(row["encodings"]) == len(own) and {e["bits"] for e in own} == {row["bits"]}
    assert float(row["scale_max"]) == max(float(e["scale"]) for e in own), row
assert rows(fp32, "--layers") == []

# What it ran with; the images it was calibrated on, in their order.
env = dict(csv.reader(io.StringIO(show(w8a8, "--env", "--format", "csv"))))
assert env["device"] == "cpu" and env["executor"] == "simulated" and env["libtorch"] and env["host"], env
assert env["qeval"] == qeval("--version").stdout.split()[1]
calibration = rows(w8a8, "--calibration")
assert [row["image"] for row in calibration] == files and len(calibration[0]["sha256"]) == 64
assert rows(fp32, "--calibration") == []
assert "no encodings that were computed from images" in qeval("show", fp32, "--db", database, "--calibration").stderr

# The job, run again from another folder and in another database, has the same keys and the same results.
text = show(w8a8, "--job")
assert text.isascii() and f"--variant w8a8\n" in text and "- resize:\n" in text, text
again = named / "again.yaml"
again.write_text(text)
other = job.database("other.db")
qeval("run", again, "--db", other, "--progress", "none")
assert job.hashes(other) == job.hashes(database)
planned = qeval("plan", again, "--db", database).stdout
assert planned.count(" done as ") == 2 and "no run with this key" not in planned, planned
described = json.loads(show(w8a8, "--job", "--format", "json"))["description"]
assert described == 'photos of \U0001F600: "1e5" # no', described
assert (named / "out" / "w8a8.encodings").exists(), "an output below the job's folder stays below it"

# An output elsewhere is named by whoever types it; so is a limit.
elsewhere = job.folder.with_suffix(".encodings")
job.run(job.database("limit.db"), "--limit", 8, "--variant", "w8a8", "--set", "run.bad_images.max=1",
        "--set", f"output.export_encodings={elsewhere}")
text = qeval("show", "@last", "--db", job.database("limit.db"), "--job").stdout
(command,) = re.findall(r"^# run it again: qeval run FILE (.*)$", text, re.M)
assert command == f"--variant w8a8 --limit 8 --set output.export_encodings={elsewhere}", command
again.write_text(text)
said = qeval("run", again, "--db", job.database("limit.db"), *command.split(), "--force", resumed=False).stderr
assert "finished before" in said, said
elsewhere.unlink()
qeval("show", w8a8, "--job", "--env", "--db", database, expect=2)


# History by options; csv and json are exact.
def listed(*arguments):
    return [row["variant"] for row in json.loads(qeval("history", "--db", database, "--format", "json", *arguments).stdout)]


assert listed("--arch", "resnet") == listed("--arch", "res*") == listed("--dataset", "photos") == ["w8a8", "fp32"]
assert listed("--tag", "zoo") == listed("--tag", "small", "--since", "1d") == ["w8a8", "fp32"]
assert listed("--arch", "res") == listed("--tag", "z") == listed("--since", "2999-01-01") == []
assert listed("--arch", "resnet", "--where", "variant = 'fp32' or 0") == ["fp32"]
assert listed("--tag", "x' or '1' = '1") == listed("--dataset", "x%' --") == []
qeval("history", "--db", database, "--since", "soon", expect=2)
(row,) = [row for row in history if row["variant"] == "w8a8"]
assert row["n_correct1"] == sum(image["top1"] == image["label"] for image in images), row
ALL = ["run", "state", "created", "arch", "variant", "dataset", "images", "top-1 %", "95 %", "top-5 %", "images/s"]
for columns, least in ((200, ALL), (80, ["run", "state", "created", "variant", "images", "top-1 %"])):
    lines = qeval("history", "--db", database, env={"COLUMNS": str(columns)}).stdout.splitlines()
    named = re.split(r" {2,}", lines[0])
    assert set(least) <= set(named) and named == [name for name in ALL if name in named], lines
    assert len(lines) == 3 and all(len(line) < columns for line in lines), lines
lines = qeval("history", "--db", database, env={"COLUMNS": "40", "TZ": "EAST-2"}).stdout.splitlines()
assert len(lines) == 2 * 11 + 1 and all(len(line) < 40 for line in lines), lines
hour = int(row["created_at"][11:13])
(created,) = (line.split(None, 1)[1] for line in lines[:11] if line.startswith("created"))
assert int(created[11:13]) == (hour + 2) % 24 and created[13:] == row["created_at"][13:16], (created, row)

# A table of nothing says so; files for programs keep their form.
empty = job.database("empty.db")
empty_database(empty)
assert qeval("history", "--db", empty).stdout == f"no run yet in {empty}\n"
assert qeval("history", "--db", database, "--arch", "none*").stdout == f"no such run in {database}\n"
assert json.loads(qeval("history", "--db", empty, "--format", "json").stdout) == []
job.remove()
