"""Where no encoding depends on images, none are read for calibration; the plan and the run say so."""
import json
import sqlite3

from fixture import Job, qeval, signal, start, time

job = Job(images=60)
database = job.database()
HALF = ["--variant", "w8a8"] + sum((["--set", f"variants.w8a8.quantization.{side}={{dtype: float, bits: 16}}"]
                                    for side in ("param", "activation")), [])
FIRST_10 = ["--set", "variants.w8a8.quantization.encodings.calibrate.samples={first: 10}"]


def set_rows(file):
    with sqlite3.connect(file) as connection:
        return connection.execute("SELECT n_calibration, origin, (SELECT count(*) FROM encoding WHERE set_id = s.id)"
                                  " FROM encoding_set s").fetchall()


plan = qeval("plan", job.file, "--db", database, "--quantizers", *HALF).stdout
assert "calibrate 0 of 0 batches" in plan and "reads no images" in plan, plan
assert "conv1:input" in plan and "asymmetric" not in plan, "the input quantizer, too, is half precision"
# Half of it is not enough: a range of activations on a grid comes from images. One of parameters does not.
assert "calibrate 15 of 15" in qeval("plan", job.file, "--db", database, *HALF[:4]).stdout
assert "calibrate 0 of 0" in qeval("plan", job.file, "--db", database, *HALF[:2], *HALF[4:]).stdout

done = job.run(database, *HALF)
assert "from 0 images" in done.stderr and "reads no images" in done.stderr, done.stderr
(images, origin, encodings), = set_rows(database)
assert (images, origin) == (0, "calibrated") and encodings > 0
# Half precision has no grid: NULL in SQL and in JSON.
shown = json.loads(qeval("show", "@last", "--db", database, "--encodings", "--format", "json").stdout)
assert len(shown) == encodings, shown
assert all(row[key] is None for row in shown for key in ("min", "max", "scale", "offset")), shown
assert "nothing to compute" in job.run(database, *HALF).stderr
# Other calibration images are the same result; other evaluated images are not.
assert "nothing to compute" in job.run(database, *HALF, *FIRST_10).stderr
assert "8 of 8" in qeval("plan", job.file, "--db", database, *HALF, "--limit", 32).stdout
expected = job.hashes(database)

# Killed at any moment, the run goes on to the same result.
killed = job.database("killed.db")
process = start("run", job.file, "--db", killed, "--progress", "none", *HALF)
while process.poll() is None and not killed.exists():
    time.sleep(0.001)
process.send_signal(signal.SIGKILL)
process.wait()
job.run(killed, *HALF)
assert job.hashes(killed) == expected

# Frozen encodings of every activation need no images either.
frozen = job.folder / "all.encodings"
job.run(job.database("frozen.db"), "--variant", "w8a8", "--set", f"output.export_encodings={frozen}")
freeze = ["--variant", "w8a8", "--set", f"variants.w8a8.quantization.encodings.freeze={frozen}"]
plan = qeval("plan", job.file, "--db", database, *freeze).stdout
assert "calibrate 0 of 0" in plan and " 0 are half precision" in plan and " 0 are frozen" not in plan, plan
job.remove()
