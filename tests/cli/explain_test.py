"""`explain` says what a run's key consists of, and names what differs from another run or from the job file as it is now,
field by field, in the words that `plan` has for "why not stored"."""
import json

from fixture import Job, qeval

UTF8 = {"LC_ALL": "C.UTF-8"}
job = Job(images=24)
database = job.database()


def runs():
    return json.loads(qeval("history", "--db", database, "--format", "json").stdout)


def explain(*arguments, **keywords):
    return qeval("explain", *arguments, "--db", database, env=UTF8, **keywords).stdout


def changes(run, other):
    rows = json.loads(explain(run, "--against", other, "--format", "json"))
    return {row["input"]: (row["before"], row["after"]) for row in rows}


def planned(*arguments):
    text = qeval("plan", job.file, "--db", database, *arguments, env=UTF8).stdout
    return " ".join(text.split())


job.run(database)
fp32, w8a8 = ({row["variant"]: row["name"] for row in runs()}[variant] for variant in ("fp32", "w8a8"))
OTHER = ("--variant", "fp32", "--set", "run.batch_size=6",
         "--set", "preprocess=[{resize: {short_side: 80}}, {center_crop: 64}, {normalize: {mean: [0.485, 0.456, 0.406],"
                  " std: [0.229, 0.224, 0.225]}}]")
BOTH = "run.batch_size 4 → 6, preprocess.resize.short_side 72 → 80"
assert f"differs in: {BOTH}" in planned(*OTHER), planned(*OTHER)
job.run(database, *OTHER, resumed=False)
other = runs()[0]["name"]

# Against another run: the fields, as `plan` named them, and nothing else.
assert changes(fp32, other) == {"run.batch_size": ("4", "6"), "preprocess.resize.short_side": ("72", "80")}
assert explain(fp32, "--against", other).splitlines() == [f"{fp32} (fp32) → {other} (fp32)",
                                                          *("  " + change for change in BOTH.split(", "))]
assert changes(other, fp32)["run.batch_size"] == ("6", "4")
assert explain(fp32, "--against", fp32).startswith(f"{fp32} and {fp32} have the same key ")
(kind,) = (change for name, change in changes(fp32, w8a8).items() if name == "quantization")
assert kind[0] == "none" and "scheme tf_enhanced" in kind[1], kind

# Alone: every component of the key, and of the encodings' key; since then nothing has changed.
parts = [(row["part"], row["component"]) for row in json.loads(explain(w8a8, "--format", "json"))]
assert {("run", "batch_size"), ("run", "encodings"), ("encodings", "calibration_manifest")} <= set(parts), parts
text = explain(w8a8)
assert text.endswith(f"changed since in {job.file}, and in what it names\n  nothing\n"), text
assert all(len(line) <= 80 for line in text.splitlines() if str(job.folder) not in line), text
assert explain(other).endswith("  nothing\n"), "what the command line had changed is still part of it"

# Against the job file and the files it names, as they are now.
job.file.write_text(job.file.read_text().replace("short_side: 72", "short_side: 76").replace("first: 60", "first: 12"))
image = job.data / "class1" / "00001.jpg"
image.unlink()
image.write_bytes((job.data / "class2" / "00002.jpg").read_bytes())
since = explain(w8a8).partition("and in what it names\n")[2]
SINCE = ["quantization.encodings.calibrate.samples.first 60 → 12",
         "calibration images (1 changed (class1/00001.jpg), 12 vanished (class2/00002.jpg, class2/00006.jpg,"
         " class2/00010.jpg, …))", "preprocess.resize.short_side 72 → 76", "images (1 changed (class1/00001.jpg))"]
assert " ".join(since.split()) == " ".join(SINCE), since
assert f"{w8a8} differs in: {', '.join(SINCE)}" in planned("--variant", "w8a8"), planned("--variant", "w8a8")
content = bytearray(job.weights.read_bytes())
content[-1] ^= 1
job.weights.write_bytes(bytes(content))
assert "\n  model.weights (another content, SHA-256 " in explain(fp32), explain(fp32)

# A job file that is gone or wrong is no error: what is stored is told.
job.file.write_text("qeval: 1\nnmae: x\n")
text = explain(fp32)
assert "what has changed since is not known: " in text and "unknown key 'nmae'" in text, text
job.file.unlink()
assert "what has changed since is not known: " in explain(fp32)
qeval("explain", "nobody", "--db", database, expect=2)
qeval("explain", "--db", database, expect=2)
job.remove()
