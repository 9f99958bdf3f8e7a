"""What a run tells is chosen by options: little, much, a log of every event, and its result for programs."""
import json

from fixture import Job, qeval

job = Job(images=24)
database, log = job.database(), job.folder / "log.jsonl"
done = qeval("run", job.file, "--db", database, "--quiet", "--format", "json",
             "--log-file", log, "--log-format", "jsonl", resumed=False)  # as every job of the usual table is
(remark,) = done.stderr.splitlines()  # what must be known is said all the same
assert remark.startswith("note: 24 of 24 calibration images are also evaluated"), remark
rows = {row["variant"]: row for row in json.loads(done.stdout)}
assert list(rows) == ["fp32", "w8a8"]
assert all(row["computed"] == "yes" and row["state"] == "done" for row in rows.values())
assert all(row["top1"] == row["right_top1"] / 24 and row["gates_missed"] == "" for row in rows.values()), rows
assert (rows["fp32"]["baseline"], rows["w8a8"]["baseline"]) == (None, "fp32")
assert abs(rows["w8a8"]["top1_difference"] - rows["w8a8"]["top1"] + rows["fp32"]["top1"]) < 1e-12

# Every event is a line, in order; every batch of both variants and of the calibration is one.
events = [json.loads(line) for line in log.read_text().splitlines()]
assert all(event["time"].endswith("Z") for event in events)
kinds = [event["event"] for event in events]
assert kinds.count("variant_begins") == kinds.count("variant_ends") == 2, kinds
assert kinds.count("images_begin") == kinds.count("images_end") == 3, kinds
assert kinds.count("batch_committed") == 3 * 6 and kinds[0] == "variant_begins" and kinds[-1] == "variant_ends", kinds
assert [event["run"] for event in events if event["event"] == "variant_ends"] == [row["run"] for row in rows.values()]

# A log is added to; without --quiet the settings are told, with --verbose the keys, too.
said = qeval("run", job.file, "--db", database, "--verbose", "--log-file", log, resumed=False).stderr
assert rows["fp32"]["eval_key"] in said and "  model.weights " in said and "  quantization  " in said, said
lines = log.read_text().splitlines()
assert len(lines) > len(events) and " variant_ends variant=\"w8a8\" " in lines[-1], lines[-1]
plan = json.loads(qeval("plan", job.file, "--db", database, "--format", "json").stdout)
assert [(row["state"], row["batches_left"], row["run"]) for row in plan] == [("done", 0, row["run"])
                                                                            for row in rows.values()]
for wrong in (["--quiet", "--verbose"], ["--log-format", "jsonl"], ["--log-file", log, "--log-format", "xml"]):
    qeval("run", job.file, "--db", database, *wrong, expect=2, resumed=False)
qeval("run", job.file, "--db", database, "--log-file", job.folder / "none" / "log", expect=3)
job.remove()
