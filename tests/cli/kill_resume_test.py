"""kill -9 at random moments over calibration and evaluation; the resumed result must equal the uninterrupted one."""
import random
import time

from fixture import Job, qeval, signal, start, sys

kills = int(sys.argv[2]) if len(sys.argv) > 2 else 25
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
moments = random.Random(seed)
job = Job()
reference_db = job.database("reference.db")
job.run(reference_db)
began = time.monotonic()  # the second run: the first also waits for a cold disk, and would place too many kills past the end
job.run(job.database("timed.db"))
length = time.monotonic() - began
reference = job.hashes(reference_db)
assert {state for state, _ in reference.values()} == {"done"}, reference

interrupted = 0
for number in range(kills):
    database = job.database(f"kill{number}.db")
    process = start("run", job.file, "--db", database, "--progress", "none")
    time.sleep(moments.uniform(0.05, length))
    process.send_signal(signal.SIGKILL)
    interrupted += process.wait() == -signal.SIGKILL
    # A kill before the first row leaves nothing to resume; `run` and `resume` must both get to the same end.
    if number % 2:
        qeval("resume", "--db", database, "--progress", "none", expect=None)
    job.run(database)
    found = job.hashes(database)
    assert found == reference, f"kill {number}: {found} differs from {reference}"
print(f"{interrupted} of {kills} runs were killed before their end (a full run takes {length:.2f} s); "
      f"every content hash equals the uninterrupted run's")
assert interrupted >= kills // 2, "too few kills hit a running program; this test proves too little"
job.remove()
