"""`report` writes one HTML file that is whole, fetches nothing, says what `show` and `compare` say, is harmless
whatever things are called, says of a half run that it is half, and takes no other file's place."""
import contextlib
import csv
import io
import json
import os
import re
import sqlite3
import unicodedata

from fixture import Job, qeval, signal, start
from held_runs import empty_database, hold, let_go, wait_for
from html_page import Page, jpeg_size, rows_of

SCRIPT = "</script><script>alert(1)<!--"
QUOTES = "'\"><img src=x onerror=alert(2)>&lt;"
CONTROLS = "a\x1b[2J\x07\n\u202e\u2028"
BYTES = os.fsdecode(b"lone\xff\x9b")
SHOWN_CONTROLS, SHOWN_BYTES = r"a\x1b[2J\x07\n\u202e\u2028", r"lone\xff\x9b"

job = Job(images=160)
database = job.database()
(job.data / "class1" / "broken.jpg").write_bytes(b"no photo")
# A slash is the only character that no name has.
classes = [f"0{SCRIPT}".replace("/", "|"), f"1{QUOTES}", f"2{CONTROLS}", f"3{BYTES}"]
for number, name in enumerate(classes):
    (job.data / f"class{number}").rename(job.data / name)
for number, name in enumerate(classes):
    photos = sorted((job.data / name).glob("*.jpg"))
    photos[0].rename(photos[0].with_name(f"{classes[number]}.jpg"))
text = job.file.read_text().replace("name: photos", f"name: {json.dumps('photos ' + SCRIPT)}")
comment = f"# {SCRIPT} {QUOTES}\n"
gates = "metrics: {top1: {reference: 0.2, tolerance: 0.5}, top5: {reference: 0.5, tolerance: 0.1}}\n"
job.file.write_text(comment + text.replace("run:\n", gates + "run:\n"))
FEWER_BITS = ("--set", "run.bad_images.max=1", "--set", "variants.w8a8.quantization.param.bits=4")
job.run(database, *FEWER_BITS, expect=1)
history = json.loads(qeval("history", "--db", database, "--format", "json").stdout)
names = {row["variant"]: row["name"] for row in history}
fp32, w4a8 = names["fp32"], names["w8a8"]
# The job language has no such tags; the database's owner may write them.
with contextlib.closing(sqlite3.connect(database)) as connection, connection:
    connection.execute("UPDATE run SET tags = ?", (f"zoo <b>{SCRIPT}",))


def report(*arguments, to="report.html", expect=0, **keywords):
    """The page, or the message to stderr."""
    done = qeval("report", *arguments, "-o", job.folder / to, "--db", database, expect=expect, **keywords)
    return Page(job.folder / to) if expect == 0 else done.stderr


def compare(*arguments):
    return qeval("compare", fp32, w4a8, *arguments, "--db", database).stdout


page = report(fp32, w4a8)

# What is hostile is text: no element, no attribute and no script is of its making, and nothing hides.
for tag, attributes in page.elements:
    assert tag not in ("b", "img"), (tag, attributes)
hidden = {c for c in page.bytes.decode() if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"}
assert not hidden, hidden
for shown in (SCRIPT.replace("/", "|"), QUOTES, SHOWN_CONTROLS, SHOWN_BYTES):
    assert shown in page.text, shown
assert f"photos {SCRIPT}" in page.text and f"zoo <b>{SCRIPT}" in page.text and comment in page.text
(policy,) = [a["content"] for t, a in page.elements if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-") and "unsafe" not in policy, policy

# It says what `show` says of both runs, and of the drop.
for run in (fp32, w4a8):
    shown = qeval("show", run, "--db", database, env={"LC_ALL": "C.UTF-8"}).stdout
    (row,) = [row for row in page.table("Each run by itself") if run in row["run"]]
    for metric in ("top-1", "top-5"):
        share, interval = re.search(rf"^{metric} +([\d.]+) % (\([\d.–]+\))", shown, re.M).groups()
        assert row[f"{metric} % (95 %)"] == f"{share} {interval}", (row, shown)
    content = re.search(r"^content +(\w+)$", shown, re.M).group(1)
    assert content in [row["value"] for row in page.table("All that can change") if run in row["run"]]
shown = qeval("show", w4a8, "--db", database, env={"LC_ALL": "C.UTF-8"}).stdout
drop = " ".join(re.search(r"^drop +(.*?p = [^:]*):", shown, re.M | re.S).group(1).split())
assert drop in page.words(), (drop, page.words()[:2000])

# The data are those of `compare --format json`, and so are the tables.
(summary,) = json.loads(compare("--format", "json"))
(data,) = page.data["comparisons"]
assert {key: data[key] for key in summary} == summary, (data, summary)
counts = page.table(f"{summary['images']} images that both evaluated")
assert [list(row.values())[1:] for row in counts] == [[str(summary["top1_both_right"]), str(summary["top1_broke"])],
                                                      [str(summary["top1_fixed"]), str(summary["top1_both_wrong"])]]
for name, by in (("classes", "class"), ("confusions", "confusion")):
    wanted = json.loads(compare("--by", by, "--format", "json"))
    assert rows_of(data[name]) == [{k: v for k, v in row.items() if k != "run"} for row in wanted], name
assert len(page.table("Classes, the most hurt first")) == 4
flips = json.loads(compare("--flips", "--format", "json"))
assert len(flips) == len({row["image"] for row in flips}) > 10
reported = {row["image"]: row for row in rows_of(data["flips"])}
assert reported and all(reported[row["image"]].items() <= row.items() for row in flips if row["image"] in reported)
by_kind = {kind: [row["image"] for row in flips if row["change"] == kind] for kind in ("broke", "fixed", "moved")}
assert list(reported) == sum((images[:60] for images in by_kind.values()), []), "the surest of each kind come first"
assert [row["change"] for row in page.table("Those of which A was surest")] == \
    [row["change"] for row in reported.values()]
few = report(fp32, w4a8, "--limit", 2)
assert len(few.table("Classes, the most hurt first: 2 of 4")) == 2
assert "--by class --format csv" in few.words()

# Reliability is the stored probabilities'.
predictions = [row for row in csv.DictReader(io.StringIO(
    qeval("show", w4a8, "--db", database, "--predictions", "--format", "csv").stdout)) if row["status"] == "ok"]
(run,) = [run for run in page.data["runs"] if run["run"] == w4a8]
bins = rows_of(run["reliability"])
assert sum(row["images"] for row in bins) == len(predictions) == 160
for row in bins:
    inside = [p for p in predictions if row["low"] < float(p["probability"]) <= row["high"]]
    assert (len(inside), sum(p["top1"] == p["label"] for p in inside)) == (row["images"], row["right"]), row

# Encodings are those of the run; gates have their verdicts; settings differ where they do.
encodings = list(csv.DictReader(io.StringIO(
    qeval("show", w4a8, "--db", database, "--encodings", "--format", "csv").stdout)))
ranges = rows_of(run["encodings"])
assert [(row["tensor"], row["min"], row["max"]) for row in ranges] == \
    [(row["tensor"], float(row["min"]), float(row["max"])) for row in encodings]
assert len(page.table("Ranges of w8a8")) == len(ranges) > 20
verdicts = page.table("Gates of the job")
assert [row["verdict"].split(":")[0] for row in verdicts] == ["met", "missed"] * 2, verdicts
assert "top5 is 99.38 %, not 50.00 ± 10.00 %" in verdicts[1]["verdict"], verdicts
settings = {row["setting"]: row for row in page.table("What differs")}
assert settings["quantization.param.bits"][f"w8a8 ({w4a8})"] == "4", settings
assert {row["setting"]: row["value"] for row in page.table("The same for all runs")}["model.arch"] == "resnet"
assert job.file.read_text().split("variants:")[1].strip() in page.text, "the job's text"
assert "class1" not in page.text and f"1{QUOTES}/broken.jpg" in page.text, "failed images"

# One run brings its baseline; the same database gives the same bytes, in any locale.
assert report(w4a8, to="alone.html").bytes == page.bytes
assert report(fp32, w4a8, to="plain.html", env={"LC_ALL": "C", "TZ": "Asia/Tokyo"}).bytes == page.bytes
alone = report(fp32, to="baseline.html")
assert alone.data["comparisons"] == [] and "No run to compare with" in alone.text

# Sensitivity that was measured is there.
qeval("sensitivity", job.file, "--db", database, "--progress", "none", "--limit", 8, *FEWER_BITS)
groups = report(w4a8).table("Groups, the most to blame first")
assert [row["kind"] for row in groups[:2]] == ["float", "quantized"] and len(groups) > 20, groups
places = sorted(int(row["place"]) for row in groups if row["place"])
assert places == list(range(1, len(groups) - 2)), places

# Pictures are those that were evaluated, or none.
assert not page.pictures
with_pictures = report(fp32, w4a8, "--thumbnails")
assert len(with_pictures.pictures) == len(reported)
assert {max(jpeg_size(picture)) for picture in with_pictures.pictures} == {64}
other, gone = list(reported)[:2]
paths = [path for path in job.data.rglob("*.jpg")
         if any(path.name == os.path.basename(name) and path.name[0] == "0" for name in (other, gone))]
assert len(paths) == 2, (other, gone)
photo = bytearray(paths[0].read_bytes())
photo[len(photo) // 2] ^= 1  # as long as before
paths[0].unlink()  # other images are links to the same file
paths[0].write_bytes(photo)
paths[1].unlink()
assert len(report(fp32, w4a8, "--thumbnails").pictures) == len(reported) - 2
assert "exclude each other" in report(fp32, "--thumbnails", "--no-thumbnails", expect=2)

shown = next(path for path in job.data.rglob("*.jpg") if path.relative_to(job.data).as_posix() in reported)
kept = shown.read_bytes()
assert "is read here (an image of the data set)" in report(fp32, w4a8, "--thumbnails", "--force", to=shown, expect=2)
assert shown.read_bytes() == kept

# Ranges beside another set's.
qeval("encodings", "export", w4a8, "--db", database, "-o", job.folder / "set.json")
changed = json.loads((job.folder / "set.json").read_text())
first = next(iter(changed["param_encodings"]))
changed["param_encodings"][first][0]["max"] *= 2
(job.folder / "set.json").write_text(json.dumps(changed))
other_set = report(w4a8, "--encodings", job.folder / "set.json")
assert [row["tensor"] for row in other_set.table("Ranges that differ")] == [first]

# Nobody's file is overwritten, and nothing is written for what is refused.
theirs = job.folder / "theirs.html"
theirs.write_text("mine")
assert "--force" in report(w4a8, to="theirs.html", expect=2) and theirs.read_text() == "mine"
assert "the results database" in report(w4a8, "--force", to="results.db", expect=2)
assert report(w4a8, "--force", to="theirs.html").bytes == report(w4a8, to="own.html").bytes
assert "run or output is missing" in qeval("report", w4a8, "--db", database, expect=2).stderr
job.run(database, "--variant", "fp32", "--limit", 40, *FEWER_BITS[:2], expect=None)
assert "did not see the same pictures" in report(fp32, "@1", to="none.html", expect=2)
assert not (job.folder / "none.html").exists()
common = report(fp32, "@1", "--common", to="common.html")
assert "121 that only A evaluated" in common.words()

# A run that was killed is said to be half.
database = job.database("half.db")
empty_database(database)
qeval("run", job.file, "--db", database, "--progress", "none", "--variant", "fp32", "--limit", 40, expect=None,
      resumed=False)
hold(database, "batch_done", "NEW.batch_number = 7 AND NEW.run_id = 2")
process = start("run", job.file, "--db", database, "--progress", "none", "--variant", "w8a8", "--limit", 40)
wait_for(process, database, "SELECT count(*) FROM run", 2)
wait_for(process, database, "SELECT count(*) FROM batch_done WHERE run_id = 2", 7)
process.send_signal(signal.SIGKILL)
process.wait()
half = report("@last", to="half.html")
begin = half.words()[:900]
assert re.search(r"Half a run: w8a8 \(\S+\) has evaluated 28 of 40 images \(interrupted\)", begin), begin
assert "on the 28 images that both evaluated" in begin, begin
assert {row["verdict"] for row in half.table("Gates of the job") if row["run"].startswith("w8a8")} == {
    "not judged: the run is not through"}
let_go(database)
job.remove()
