"""validate, plan and run say the same of a wrong job, all at once, before anything is opened or computed."""

from fixture import Job, qeval

job = Job(images=40)
good = job.file.read_text()
wrong = job.folder / "wrong.yaml"
database = job.database("none.db")


def complaints(text, code, *arguments):
    """What all three verbs print on stderr; none of them makes a database."""
    wrong.write_text(text)
    said = {verb: qeval(verb, wrong, *arguments, *([] if verb == "validate" else ["--db", database]), expect=code)
            for verb in ("validate", "plan", "run")}
    texts = {verb: done.stderr.removeprefix("qeval: ").strip() for verb, done in said.items()}
    assert texts["plan"] == texts["validate"] == texts["run"], texts
    assert not database.exists() and not any(done.stdout for done in said.values()), said
    return texts["validate"]


def line_of(text, word):
    number = next(i for i, line in enumerate(text.splitlines(), 1) if word in line)
    return f"{number}:{text.splitlines()[number - 1].index(word) + 1}"


# A right job is right without images and without LibTorch.
right = {"QEVAL_LIBDIR": "absent"}
assert qeval("validate", job.file, env=right).stdout == f"{job.file}: ok, 2 variants\n"

# Mistakes of three kinds, of which the second variant has two: nothing of the first is run.
text = good.replace("arch: resnet\n", "arch: resnets\n").replace("mode: aimet-1.24", "config: htp_v67")
text = text.replace("weights.safetensors", "absent.safetensors")
said = complaints(text, 2)
for place, message in [("resnets", "error: model.arch: unknown architecture 'resnets'; did you mean 'resnet'"),
                       ("absent.safe", f"error: model.weights: {job.folder}/absent.safetensors: no such weights file"),
                       ("htp_v67", "error: variant 'w8a8': quantization.config: there is no file")]:
    assert f"{wrong}:{line_of(text, place)}: {message}" in said, said
assert said.endswith("3 errors; nothing was run."), said

# A missing input alone is exit 3; with a mistake of the job's text it is 2 again, and both are told.
text = good.replace("root: val", "root: vals")
said = complaints(text, 3)
assert f"{wrong}:{line_of(text, 'vals')}: error: dataset.root: {job.folder}/vals: no such folder" in said, said
said = complaints(text + "metrcs: {}\n", 2)
assert "did you mean 'metrics'" in said and "no such folder" in said and said.endswith("2 errors; nothing was run.")
assert "--set quantization.disable=[fcc]: error: variant 'w8a8': quantization.disable: no module 'fcc'" in complaints(
    good, 2, "--set", "quantization.disable=[fcc]")

# Of several files the wrong ones are told, each by itself.
text = qeval("validate", job.file, wrong, "--set", "quantization.disable=[]")
assert text.stdout.count(": ok, 2 variants\n") == 2, text.stdout
wrong.write_text(good.replace("root: val", "root: vals"))
done = qeval("validate", job.file, wrong, expect=3)
assert done.stdout == f"{job.file}: ok, 2 variants\n" and done.stderr.count("error:") == 1, done

# What only the images can tell has the same form; the first variant's run stays.
qeval("run", job.file, "--db", job.database(), "--progress", "none", "--variant", "fp32")
(job.data / "class3").rename(job.data / "class4")
(job.data / "class3").mkdir()
said = qeval("plan", job.file, "--db", job.database(), expect=3).stderr
place = f"{job.file}:{line_of(good, 'val}')}"
assert f"{place}: error: dataset.root: {job.data}/class3: class folder without images" in said, said

# Of a stored job the lines are those of what was stored.
unfinished = job.database("unfinished.db")
(job.data / "class3").rmdir()
(job.data / "class4").rename(job.data / "class3")
next((job.data / "class3").iterdir()).unlink()
(job.data / "class3" / "broken.jpg").write_bytes(b"no image")
qeval("run", job.file, "--db", unfinished, "--progress", "none", "--variant", "fp32", expect=4)
job.weights.unlink()
said = qeval("resume", "--db", unfinished, expect=3).stderr
assert f"{job.file} as stored with " in said and "error: model.weights: " in said, said
job.remove()
