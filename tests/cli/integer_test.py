"""executor: integer gives simulated-exact's result, under its key, on every instruction set and after a kill."""
import contextlib
import json
import sqlite3
import subprocess
import time

from fixture import QEVAL, Job, qeval, signal

job = Job(images=120)
INTEGER = ["--set", "variants.w8a8.quantization.executor=integer"]
EXACT = ["--set", "variants.w8a8.quantization.executor=simulated-exact"]
exact = job.database("exact.db")
job.run(exact, *EXACT)
wanted = job.hashes(exact)["w8a8"]
assert wanted[0] == "done", wanted

# Who computed first does not matter.
again = job.run(exact, *INTEGER)
assert again.stderr.count("nothing to compute") == 2, again.stderr
assert json.loads(qeval("plan", job.file, *INTEGER, "--db", exact, "--format", "json").stdout)[1]["state"] == "done"

for isa in ["baseline", "avx2", "avx-vnni", "avx512", "amx"]:
    database = job.database(f"{isa}.db")
    ended = job.run(database, *INTEGER, env={"QEVAL_MAX_ISA": isa})
    assert "computed in floats" not in ended.stderr, ended.stderr
    assert job.hashes(database)["w8a8"] == wanted, isa

planned = " ".join(qeval("plan", job.file, *INTEGER, "--db", job.database("none.db")).stdout.split())
assert "w8a8: 100.0 % of the products on integer codes, exact; " in planned, planned
assert "pairs of weights would saturate in engines that add products in 16 bits" in planned, planned

# Killed in the middle of the images, with other loops before than after.
half = job.database("half.db")
process = subprocess.Popen([QEVAL, "run", str(job.file), "--db", str(half), "--progress", "none", "--variant", "w8a8",
                            "--set", "run.threads=1", *INTEGER], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def evaluated():
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(sqlite3.connect(half)) as connection:
        return connection.execute("SELECT count(*) FROM batch_done").fetchone()[0]
    return 0


while evaluated() < 5 and process.poll() is None:
    time.sleep(0.001)
process.send_signal(signal.SIGKILL)
process.wait()
assert 5 <= evaluated() < 30, "killed too late to show anything"
qeval("resume", "--db", half, env={"QEVAL_MAX_ISA": "baseline"})
assert job.hashes(half)["w8a8"] == wanted

# What has no form on codes is computed all the same, and it is said why.
float_bits = job.database("wide.db")
WIDE = ["--set", "variants.w8a8.quantization.activation.bits=16"]
floats = job.run(float_bits, *INTEGER, *WIDE)
assert "note: w8a8: computed in floats with the same result, because integer codes do not do: " in floats.stderr, floats.stderr
assert "fit into 8 bits" in floats.stderr, floats.stderr
exact_bits = job.database("wide-exact.db")
job.run(exact_bits, *EXACT, *WIDE)
assert job.hashes(float_bits)["w8a8"] == job.hashes(exact_bits)["w8a8"]

bad = qeval("plan", job.file, "--db", half, env={"QEVAL_MAX_ISA": "sse2"}, expect=2)
assert "QEVAL_MAX_ISA is 'sse2'; it can be baseline, avx2, avx-vnni, avx512 or amx" in bad.stderr, bad.stderr
job.remove()
