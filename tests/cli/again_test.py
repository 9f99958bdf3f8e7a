"""run --again computes what is finished once more, everything before the evaluation too, and says whether it is the same."""
import contextlib
import sqlite3
import subprocess
import time

from fixture import QEVAL, Job, qeval, signal

job = Job(images=160)
database = job.database()
assert "computed again" not in job.run(database, "--again").stderr, "nothing was finished yet"
said = job.run(database, "--again").stderr
assert said.count("the content hash is the same") == 2, said
assert said.count("computed again what") == 2, said


def one(statement):
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute(statement).fetchone()[0]


assert one("SELECT count(*) FROM run WHERE state = 'done'") == 4
assert one("SELECT count(DISTINCT eval_key) FROM run") == 2
assert one("SELECT count(*) FROM encoding_set") == 2, "the calibration was computed again, too"

# Interrupted, it goes on, and is compared all the same.
process = subprocess.Popen([QEVAL, "run", str(job.file), "--db", str(database), "--variant", "w8a8", "--again", "--progress",
                            "none", "--set", "run.threads=1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while one("SELECT count(*) FROM batch_done") < 4 * 40 + 1 and process.poll() is None:
    time.sleep(0.001)
process.send_signal(signal.SIGKILL)
process.wait()
assert "the content hash is the same" in qeval("resume", "--db", database).stderr

assert "repeats" in qeval("show", "@last", "--db", database).stdout

# It is never compared with what somebody altered.
with contextlib.closing(sqlite3.connect(database)) as connection, connection:
    connection.execute("UPDATE prediction SET top1 = (top1 + 1) % 4 WHERE run_id = (SELECT max(id) FROM run WHERE variant = 'fp32')"
                       " AND sample_id = (SELECT min(sample_id) FROM prediction)")
end = job.run(database, "--variant", "fp32", "--again", expect=5)
assert "is damaged" in end.stderr, end.stderr
job.remove()
