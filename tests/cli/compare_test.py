"""`compare` says what its runs' stored rows say: counts, flips, classes, confusions; it refuses what cannot be compared,
and names half runs and images without an answer."""
import csv
import io
import json
import re

from fixture import Job, qeval, start, signal
from held_runs import empty_database, hold, let_go, wait_for

job = Job(images=160)
database = job.database()
broken = job.data / "class1" / "broken.jpg"
broken.write_bytes(b"no photo")
job.run(database, "--set", "run.bad_images.max=1", "--set", "variants.w8a8.quantization.param.bits=4")
names = {row["variant"]: row["name"] for row in json.loads(qeval("history", "--db", database, "--format", "json").stdout)}
fp32, w4a8 = names["fp32"], names["w8a8"]


def compare(*arguments, **keywords):
    return qeval("compare", *arguments, "--db", database, **keywords)


def predictions(run):
    return list(csv.DictReader(io.StringIO(qeval("show", run, "--db", database, "--predictions", "--format", "csv").stdout)))


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


# Counts are those of the rows, in every format.
pairs = list(zip(predictions(fp32), predictions(w4a8), strict=True))
right = [tuple(row["top1"] == row["label"] and row["status"] == "ok" for row in pair) for pair in pairs]
cells = {name: right.count(cell) for name, cell in (("both_right", (True, True)), ("broke", (True, False)),
                                                    ("fixed", (False, True)), ("both_wrong", (False, False)))}
moved = sum(not a and not b and x["top1"] != y["top1"] for (a, b), (x, y) in zip(right, pairs))
assert cells["broke"] and cells["fixed"] and moved, ("the job shows nothing", cells, moved)
(summary,) = json.loads(compare(fp32, w4a8, "--format", "json").stdout)
assert {name: summary[f"top1_{name}"] for name in cells} == cells, (summary, cells)
assert (summary["moved"], summary["images"]) == (moved, 161), summary
assert (summary["failed_baseline"], summary["failed_run"]) == (1, 1), summary
difference = (cells["fixed"] - cells["broke"]) / 161
assert abs(summary["top1_difference"] - difference) < 1e-12 and summary["top1_low"] < difference < summary["top1_high"]
assert json.loads(compare(fp32, w4a8, "--format", "jsonl").stdout) == summary
assert rows(compare(fp32, w4a8, "--format", "csv").stdout)[0]["top1_broke"] == str(cells["broke"])
assert f"| {cells['broke']} |" in compare(fp32, w4a8, "--format", "md").stdout

# For people, in a locale with signs and in one without.
text = compare(fp32, w4a8, env={"LC_ALL": "C.UTF-8"}).stdout
assert re.search(rf"^A right +{cells['both_right']} +{cells['broke']} +broke$", text, re.M), text
assert re.search(rf"^A wrong +{cells['fixed']} +{cells['both_wrong']} +{moved} moved", text, re.M), text
assert "images without an answer count as wrong: 1 of A failed, 1 of B failed" in " ".join(text.split()), text
assert "Tango's score interval" in text and "→" in text, text
plain = compare(fp32, w4a8, env={"LC_ALL": "C"}).stdout
assert plain.isascii() and "->" in plain and " .. " in plain, plain
assert all(len(line) <= 80 for line in text.splitlines()), text

# Flips have names and classes; a kind may be asked for.
flips = rows(compare(fp32, w4a8, "--flips", "--format", "csv").stdout)
assert [sum(row["change"] == kind for row in flips) for kind in ("broke", "fixed", "moved")] == \
    [cells["broke"], cells["fixed"], moved], flips
by_name = {row["image"]: row for row in flips}
wanted = [index for index, cell in enumerate(right) if cell == (True, False)]
images = sorted(path.relative_to(job.data).as_posix() for path in job.data.rglob("*.jpg"))
assert {images[index] for index in wanted} == {row["image"] for row in flips if row["change"] == "broke"}
one, (first, second) = by_name[images[wanted[0]]], pairs[wanted[0]]
assert one["class"] == f"class{first['label']}" and one["class_run"] == f"class{second['top1']}", (one, first, second)
assert one["margin_run"] == second["margin"] and one["margin_baseline"] == first["margin"], (one, first, second)
only = rows(compare(fp32, w4a8, "--flips=fixed", "--format", "csv").stdout)
assert len(only) == cells["fixed"] and {row["change"] for row in only} == {"fixed"}
short = compare(fp32, w4a8, "--flips=broke", "--limit", 1).stdout
assert f"1 of {cells['broke']}; --limit shows more" in short, short

# Classes and confusions add up to the rows.
classes = rows(compare(fp32, w4a8, "--by", "class", "--format", "csv").stdout)
assert sum(int(row["broke"]) for row in classes) == cells["broke"] and len(classes) == 4
lost = [int(row["broke"]) - int(row["fixed"]) for row in classes]
assert lost == sorted(lost, reverse=True), classes
confusions = json.loads(compare(fp32, w4a8, "--by", "confusion", "--format", "json").stdout)
top = confusions[0]
count = [sum(r["label"] == str(top["label"]) and r["top1"] == str(top["taken_for"]) for r in rows_of)
         for rows_of in zip(*pairs)]
assert [top["images_baseline"], top["images_run"]] == count, (top, count)
assert "taken for" in compare(fp32, w4a8, "--by", "class").stdout

# Several runs; what is asked for wrongly. Exit codes of real drops: import_predictions_test.py.
assert len(json.loads(compare(fp32, w4a8, fp32, "--format", "json").stdout)) == 2
same = compare(fp32, "@last", fp32).stdout
assert "no image differs" in same, same
refused = compare(fp32, w4a8, "--max-drop", "1", expect=2).stderr
assert "'1' is not a share from 0 up to but not 1; write 0.01" in refused, refused
assert "write 0.005" in compare(fp32, w4a8, "--max-drop", "0.5%", expect=2).stderr
assert "two runs or more" in compare(fp32, expect=2).stderr
assert "did you mean 'broke'" in compare(fp32, w4a8, "--flips=brok", expect=2).stderr

# Other pictures are refused by name, and compared where they are common.
job.run(database, "--variant", "fp32", "--limit", 40)
refused = compare(fp32, "@1", expect=2).stderr
assert "did not see the same pictures" in refused and "121 vanished" in refused and "--common" in refused, refused
common = compare(fp32, "@1", "--common")
assert "40 that both evaluated, 121 only A" in " ".join(common.stdout.split()), common.stdout
assert "no image differs" in common.stdout and "121 vanished" in common.stderr, (common.stdout, common.stderr)
qeval("run", job.file, "--db", database, "--progress", "none", "--variant", "fp32", "--limit", 40, "--set",
      "preprocess=[{resize: {short_side: 80}}, {center_crop: 64},"
      " {normalize: {mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}}]")
refused = compare("@2", "@1", expect=2, env={"LC_ALL": "C.UTF-8"}).stderr
assert "preprocess.resize.short_side 72 → 80" in refused, refused

# A run that was killed is compared as far as it is, and is said to be half.
half = job.database("half.db")
empty_database(half)
qeval("run", job.file, "--db", half, "--progress", "none", "--variant", "fp32", "--set", "run.bad_images.max=1",
      resumed=False)
hold(half, "batch_done", "NEW.batch_number = 7 AND NEW.run_id = 2")
process = start("run", job.file, "--db", half, "--progress", "none", "--variant", "w8a8", "--set",
                "run.bad_images.max=1")
wait_for(process, half, "SELECT count(*) FROM run", 2)
wait_for(process, half, "SELECT count(*) FROM batch_done WHERE run_id = 2", 7)
process.send_signal(signal.SIGKILL)
process.wait()
text = qeval("compare", "@2", "@1", "--db", half).stdout
assert "not through (interrupted): 28 of 161 images" in text and "28 that both evaluated, 133 only A" in text, text
let_go(half)
job.remove()
