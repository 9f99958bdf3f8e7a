"""The demonstration job: published weights on labelled photos must be right nearly everywhere."""
import json

from fixture import SOURCE, demo_folder, pathlib, qeval, tempfile

demo = demo_folder()
with tempfile.TemporaryDirectory() as folder:
    database = pathlib.Path(folder) / "results.db"
    qeval("run", SOURCE / "jobs/demo.yaml", "--db", database, env={"QEVAL_DEMO": str(demo)})
    rows = {row["variant"]: row for row in json.loads(qeval("history", "--db", database, "--format", "json").stdout)}
    right = {name: round(row["top1"] * row["n_total"] / 100) for name, row in rows.items()}
    print("top-1 of 20:", right)
    assert set(rows) == {"fp32", "w8a8", "w8a8_per_channel"}
    assert right["fp32"] >= 18, right
