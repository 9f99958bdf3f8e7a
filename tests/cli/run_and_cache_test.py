"""A run prints its table, is found in history, and is not computed twice; show and plan say so."""
import json
import re

from fixture import Job, qeval

job = Job(images=60)
database = job.database()
plan = qeval("plan", job.file, "--db", database).stdout
assert "15 of 15" in plan and "calibrate 15 of 15 batches" in plan and "Nothing was run" in plan, plan
assert not database.exists(), "plan must not create a database"

first = job.run(database)
assert "fp32" in first.stdout and "w8a8" in first.stdout and "top-1" in first.stdout, first.stdout
rows = json.loads(qeval("history", "--db", database, "--format", "json").stdout)
assert [row["state"] for row in rows] == ["done", "done"], rows
assert {row["n_done"] for row in rows} == {60}

second = job.run(database)
assert second.stderr.count("nothing to compute") == 2, second.stderr
assert "stored" in second.stdout
assert len(json.loads(qeval("history", "--db", database, "--format", "json").stdout)) == 2
assert "0 of 15" in qeval("plan", job.file, "--db", database).stdout

# The drop stands under every table, computed or stored, and in show; a job may allow one.
drop = re.search(r"^w8a8 vs fp32: .* broke, .* fixed,\s+p = [^:]*:", first.stdout, re.M)
assert drop and drop.group() in second.stdout, (first.stdout, second.stdout)
shown = qeval("show", "@1", "--db", database).stdout
assert re.search(r"^drop +w8a8 vs fp32 \([a-z]+-[a-z]+-\d+\): ", shown, re.M), shown
assert "vs fp32" not in qeval("show", "@2", "--db", database).stdout
alone = job.run(database, "--variant", "w8a8")
assert drop.group() in alone.stdout, "the stored baseline of the job"
allowed = ("--variant", "w8a8", "--set", "metrics.top1.max_drop=0.5")
job.run(database, *allowed, resumed=False)  # in another database there is no baseline, as in the next call
lonely = job.run(job.database("lonely.db"), *allowed, expect=1)
assert "gate missed: w8a8: the drop of top1 is not known: fp32 was not run; add --variant fp32" in lonely.stdout

limited = job.run(database, "--limit", 8, "--variant", "fp32")
assert " 8 " in limited.stdout, limited.stdout

# A second w8a8 with other batches is another result; the encodings of the first are not reused for it.
plan = qeval("plan", job.file, "--db", database, "--set", "run.batch_size=5").stdout
assert "differs in: run.batch_size 4 → 5" in " ".join(plan.split()) and "calibration batch size 4 → 5" in " ".join(plan.split()), plan

# Equalization changes the graph, hence the result; what it leaves alone is said before anything runs.
plan = qeval("plan", job.file, "--db", database, "--variant", "w8a8", "--set",
             "variants.w8a8.quantization.equalize=true").stdout
assert "differs in: quantization.equalize false → true" in " ".join(plan.split()), plan
assert "equalize: left alone, grouped convolution (4): layer1.0.conv2" in plan, plan

one = json.loads(qeval("history", "--db", database, "--format", "json", "--where", "variant = 'w8a8'").stdout)
assert len(one) == 1
name = one[0]["name"]
predictions = json.loads(qeval("show", name, "--db", database, "--predictions", "--format", "json").stdout)
assert len(predictions) == 60 and all(row["status"] == "ok" for row in predictions)
right = sum(row["top1"] == row["label"] for row in predictions)
assert f"{right} of 60" in qeval("show", name, "--db", database).stdout
encodings = json.loads(qeval("show", name, "--db", database, "--encodings", "--format", "json").stdout)
assert any(row["tensor"] == "conv1.weight" for row in encodings), encodings[:3]

# Bias correction changes it too; the same job again finds its run, since biases follow from weights.
corrected = ("--variant", "w8a8", "--set", "variants.w8a8.quantization.bias_correction=analytic")
plan = qeval("plan", job.file, "--db", database, *corrected).stdout
assert "differs in: quantization.bias_correction none → analytic" in " ".join(plan.split()), plan
assert "bias correction: corrected (8): layer1.0.conv2, layer1.0.conv3" in plan, plan
assert "bias correction: left alone, fed by max_pool (2): layer1.0.conv1" in plan, plan
limited = job.run(database, "--limit", 8, *corrected)
assert "biases corrected" in limited.stderr and "bias correction: corrected (8)" in limited.stderr, limited.stderr
assert "nothing to compute" in job.run(database, "--limit", 8, *corrected).stderr

# What was typed when the run began holds for its resumption: an output elsewhere, one of two variants.
elsewhere = job.folder.parent / f"{job.folder.name}-encodings.json"
job.run(database, "--variant", "w8a8", "--set", f"output.export_encodings={elsewhere}", "--set", "run.batch_size=6")
elsewhere.unlink()
resumed = qeval("resume", "@last", "--db", database, "--progress", "none")
assert "nothing to compute" in resumed.stderr and elsewhere.exists(), resumed.stderr
elsewhere.unlink()
job.remove()
