"""Predictions made elsewhere are compared like a run of ours: CSV, JSON lines and safetensors, by name and by order, of
classes and of scores; the cache never takes them for a run. With them, drops that are real and exit codes that say so."""
import csv
import io
import json
import re
import struct

from fixture import Job, find_shared, qeval

job = Job(images=160)
database = job.database()
job.run(database, "--variant", "fp32")
(run,) = json.loads(qeval("history", "--db", database, "--format", "json").stdout)
ours = list(csv.DictReader(io.StringIO(qeval("show", "@last", "--db", database, "--predictions", "--format", "csv").stdout)))
images = sorted(path.relative_to(job.data).as_posix() for path in job.data.rglob("*.jpg"))
labels = [int(row["label"]) for row in ours]


def imported(name, content, *arguments, expect=0):
    file = job.folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return qeval("import", "predictions", file, "--like", run["name"], "--db", database, *arguments, expect=expect)


def name_of(done):
    return re.match(r"[a-z]+-[a-z]+-\d+", done.stdout).group()


def compared(other, baseline=run["name"]):
    (row,) = json.loads(qeval("compare", baseline, other, "--db", database, "--format", "json").stdout)
    return row["images"], row["top1_broke"], row["top1_fixed"]


def safetensors(name, dtype, shape, data):
    header = json.dumps({name: {"dtype": dtype, "shape": shape, "data_offsets": [0, len(data)]}}).encode()
    return struct.pack("<Q", len(header)) + header + data


def one_hot(classes):
    return [[5.0 if index == wanted else 0.0 for index in range(4)] for wanted in classes]


# Our own predictions come back as they were, whatever the format and the order.
best = [int(row["top1"]) for row in ours]
own = "image,label,top1,top2\n" + "".join(
    f"{image},{row['label']},{row['top1']},{row['top2']}\n" for image, row in reversed(list(zip(images, ours))))
by_name = imported("own.csv", own)
assert "160 of 160 images by name" in by_name.stdout and compared(name_of(by_name)) == (160, 0, 0), by_name.stdout
lines = "".join(json.dumps({"file": image.split("/")[-1], "logits": row}) + "\n"
                for image, row in zip(images, one_hot(best)))
assert compared(name_of(imported("own.jsonl", lines))) == (160, 0, 0)
classes = imported("classes.safetensors", safetensors("top", "I64", [160], struct.pack("<160q", *best)))
assert "by order" in classes.stdout and compared(name_of(classes)) == (160, 0, 0)
scores = struct.pack("<640f", *sum(one_hot(best), []))
assert compared(name_of(imported("logits.safetensors", safetensors("out", "F32", [160, 4], scores)))) == (160, 0, 0)
shown = qeval("show", name_of(by_name), "--db", database, "--predictions", "--format", "csv").stdout
assert [row["top1"] for row in csv.DictReader(io.StringIO(shown))] == [row["top1"] for row in ours]

# What is exported by `show` is imported by order.
exported = qeval("show", run["name"], "--db", database, "--predictions", "--format", "csv").stdout
assert compared(name_of(imported("exported.csv", exported))) == (160, 0, 0)

# Once is enough; a part is a part; an answer that is none is counted.
assert "stored already" in imported("own.csv", own).stdout
part = "path,top1\n" + "".join(f"{image},{top}\n" for image, top in zip(images[:40], best)) + "elsewhere.jpg,1\n"
done = imported("part.csv", part)
assert "40 of 160 images" in done.stdout and "1 rows name images" in done.stderr, done
text = qeval("compare", run["name"], name_of(done), "--db", database).stdout
assert "40 of 160 images" in text and "40 that both evaluated, 120 only A" in text, text
with_nan = struct.pack("<640f", *([float("nan")] * 4 + sum(one_hot(best), [])[4:]))
broken = name_of(imported("nan.safetensors", safetensors("out", "F32", [160, 4], with_nan)))
text = " ".join(qeval("compare", run["name"], broken, "--db", database).stdout.split())
assert "images without an answer count as wrong: 1 of B are not finite" in text, text

# A drop that is real, and one that is not.
perfect = name_of(imported("perfect.csv", "image,top1\n" + "".join(f"{i},{l}\n" for i, l in zip(images, labels))))
flipped = [(label + 1) % 4 if index % 10 == 0 else label for index, label in enumerate(labels)]
worse = name_of(imported("worse.csv", "image,top1\n" + "".join(f"{i},{l}\n" for i, l in zip(images, flipped))))
assert compared(worse, perfect) == (160, 16, 0)


def gate(*arguments, expect):
    return qeval("compare", perfect, worse, "--db", database, *arguments, expect=expect)


assert "−10.00 points" in gate(expect=0).stdout or "-10.00 points" in gate(expect=0).stdout
assert "a real drop" in gate(expect=0).stdout
assert "larger, and real" in gate("--max-drop", "0.05", expect=1).stderr
assert "is not larger" in gate("--max-drop", "0.1", expect=0).stderr
assert "cannot be told from noise" in gate("--max-drop", "0.05", "--alpha", "1e-9", expect=0).stderr
qeval("compare", worse, perfect, "--db", database, "--max-drop", "0")

# It is no run: nothing is taken for it, resumed from it or measured against it.
again = job.run(database)
assert "fp32: finished before as " + run["name"] in again.stderr, again.stderr
assert "imported" in qeval("show", worse, "--db", database).stdout
assert "was imported" in qeval("resume", worse, "--db", database, expect=2).stderr
imported("fp32.csv", part.replace("elsewhere.jpg", "nowhere.jpg"), "--variant", "fp32")
assert f"w8a8 vs fp32 ({run['name']})" in qeval("show", "@2", "--db", database).stdout

# Every fault is named with its line, and what would mend it.
for content, wanted in (
        ("image,top1\nclass0/00000.jpg,4\n", "faulty.csv:2: class 4 is none of the run's 4, 0 to 3; does the file count"),
        ("image,top1\nclass0/00000.jpg,x\n", "faulty.csv:2: \"x\" is not a number"),
        ("image,top1\nclass0/00000.jpg,1,2\n", "faulty.csv:2: 3 fields, and the header has 2"),
        ("image,best\nclass0/00000.jpg,1\n", "faulty.csv:1: the header names neither top1 nor one score for each of 4"),
        ("image,label,top1\nclass0/00000.jpg,3,1\n", "faulty.csv:2: label 3, and the run has 0 for class0/00000.jpg"),
        ("image,top1\nclass0/00000.jpg,1\n00000.jpg,1\n", "faulty.csv:3: 00000.jpg has a prediction already"),
        ("image,top1\nother.jpg,1\n", 'none of its images is one of the run; "other.jpg" there'),
        ("top1\n1\n", "1 predictions for the run's 160 images"),
        ("image,top1\n", "holds no prediction")):
    said = imported("faulty.csv", content, expect=3).stderr
    assert wanted in said, (content, said)
for content, wanted in (('{"image": "a"}\n', "faulty.jsonl:1: neither \"top\""), ("[1]\n", "faulty.jsonl:1: not a JSON object"),
                        ('{"image": "class0/00000.jpg", "logits": [1, 2]}\n', "2 scores, and the run has 4 classes"),
                        ('{"image": "a", "top": ["cat"]}\n', "expected numbers")):
    said = imported("faulty.jsonl", content, expect=3).stderr
    assert wanted in said, (content, said)
said = imported("faulty.safetensors", safetensors("other", "F32", [2, 4], bytes(32)), expect=3).stderr
assert "no tensor is a row of classes" in said and "--tensor takes one of other" in said, said
assert "ends early" in imported("faulty.safetensors", b"\xff\0\0\0\0\0\0\0{", expect=3).stderr
assert ".csv, .jsonl and .safetensors" in imported("faulty.txt", "x", expect=3).stderr
assert "is missing" in qeval("import", "predictions", "--db", database, expect=2).stderr
job.remove()

# The oracle's own answers to real photos are those of our float run.
oracle = find_shared("oracle/efficientnet-lite0/fp32.safetensors")
if oracle:
    job = Job(images=4)
    photos = find_shared("data/imagenet-sample")
    rows = list(csv.DictReader(open(photos / "labels.csv")))[:64]
    (job.folder / "labels.csv").write_text("path,label\n" + "".join(f"{row['path']},{row['class_index']}\n" for row in rows))
    weights = next(job.photos[0].parents[1].glob("efficientnet-lite0-*.pth"))
    (job.folder / "lite0.yaml").write_text(f"""qeval: 1
name: lite0
model: {{arch: efficientnet_lite0, weights: {weights}}}
dataset: {{kind: list, root: {photos}, labels: labels.csv}}
preprocess: [{{resize: {{short_side: 256}}}}, {{center_crop: 224}}, {{normalize: {{range: bytes, mean: 127, std: 128}}}}]
variants: {{fp32: {{quantization: none}}}}
run: {{batch_size: 16}}
""")
    database = job.database()
    qeval("run", job.folder / "lite0.yaml", "--db", database, "--progress", "none", resumed=False)
    run = {"name": "@1"}
    theirs = name_of(imported("oracle.safetensors", oracle.read_bytes()))
    assert compared(theirs, "@2") == (64, 0, 0), compared(theirs, "@2")
    (row,) = json.loads(qeval("compare", "@2", "@1", "--db", database, "--format", "json").stdout)
    assert (row["top5_broke"], row["top5_fixed"], row["moved"]) == (0, 0, 0), row
    job.remove()
