"""run --again computes what is finished once more, everything before the evaluation too, and says whether it is the same."""
import contextlib
import sqlite3
import subprocess
import sys
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

# What the libraries are told to compute with is in the key, under each name that they take it by.
for name, value in [("ONEDNN_DEFAULT_FPMATH_MODE", "BF16"), ("DNNL_DEFAULT_FPMATH_MODE", "BF16"),
                    ("DNNL_MAX_CPU_ISA", "AVX2"), ("ONEDNN_CPU_ISA_HINTS", "PREFER_YMM"), ("MKL_CBWR", "COMPATIBLE"),
                    ("ATEN_CPU_CAPABILITY", "avx2")]:
    planned = qeval("plan", job.file, "--db", database, "--variant", "fp32", env={name: value}).stdout
    assert "differs in: environment" in " ".join(planned.split()), (name, planned)

# A sound result that is another one, as a processor or a library would give that says of itself what another one says.
other = job.database("other.db")
job.run(other, "--variant", "fp32")
first = qeval("history", "--db", other, "--format", "csv", "--columns", "name").stdout.split()[1]
subprocess.run([sys.argv[2], other, "1"], check=True)
end = job.run(other, "--variant", "fp32", "--again", expect=1)
second = qeval("history", "--db", other, "--format", "csv", "--columns", "name").stdout.split()[1]
assert second != first
assert end.stderr.endswith(f"fp32: {second} computed again what {first} had computed: the content hash is ANOTHER one; "
                           "compare the two with qeval show\n"), end.stderr
assert second in end.stdout, "what was computed is kept, and shown"
assert "the content hash is the same" in job.run(other, "--variant", "fp32", "--again").stderr, "the newest is repeated"

# It is never compared with what somebody altered.
with contextlib.closing(sqlite3.connect(database)) as connection, connection:
    connection.execute("UPDATE prediction SET top1 = (top1 + 1) % 4 WHERE run_id = (SELECT max(id) FROM run WHERE variant = 'fp32')"
                       " AND sample_id = (SELECT min(sample_id) FROM prediction)")
end = job.run(database, "--variant", "fp32", "--again", expect=5)
assert "is damaged" in end.stderr, end.stderr
job.remove()
