"""Layer sensitivity: kill -9 and Ctrl-C, the same command again, the same rows; a layer can then be switched off."""
import json
import random
import signal
import sqlite3
import time

from fixture import Job, qeval, start


def parts(database):
    with sqlite3.connect(database) as connection:
        return connection.execute("SELECT * FROM sensitivity_part ORDER BY 1, 2, 3").fetchall()


job = Job(images=160)
command = ["sensitivity", job.file, "--progress", "none", "--limit", 120]
reference = job.database("reference.db")
began = time.monotonic()
table = qeval(*command, "--db", reference, "--format", "json").stdout
length = time.monotonic() - began
expected = parts(reference)
rows = json.loads(table)
batches = {row[1] for row in expected}
assert batches == set(range(30)), batches
predicted = [row for row in rows if row["kind"] == "predicted"]
assert len(predicted) == 1, rows[:4]
low, high = sorted(row["top1"] for row in rows[:2])
assert low - 0.01 <= predicted[0]["top1"] <= high + 0.01, rows[:3]
assert len(expected) == (len(rows) - 1) * 30, (len(expected), len(rows))

assert qeval(*command, "--db", reference, "--format", "json").stdout == table, "a finished analysis is read back"

moments = random.Random(3)
partial = 0
for number in range(8):
    database = job.database(f"kill{number}.db")
    process = start(*command, "--db", database)
    time.sleep(moments.uniform(0.3 * length, length))
    process.send_signal(signal.SIGKILL if number % 2 else signal.SIGINT)
    code = process.wait()
    assert code in (0, 130, -signal.SIGKILL), code
    with sqlite3.connect(database) as connection:
        known = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'sensitivity_part'").fetchone()[0]
        if known:
            committed = connection.execute("SELECT count(DISTINCT batch_number) FROM sensitivity_part").fetchone()[0]
            partial += 0 < committed < 30
    assert qeval(*command, "--db", database, "--format", "json").stdout == table
    assert parts(database) == expected
assert partial >= 1, "no run was interrupted between two batches; this test proves too little"

layers = [row["layer"] for row in rows if row["kind"] == "weights"]
off = json.dumps([layers[0]])
after = json.loads(qeval(*command, "--db", reference, "--format", "json", "--set", f"variants.w8a8.quantization.disable={off}").stdout)
assert layers[0] not in [row["layer"] for row in after]
wrong = qeval(*command, "--db", reference, "--set", f'variants.w8a8.quantization.disable=["{layers[0]}x"]', expect=2)
assert f"did you mean '{layers[0]}'" in wrong.stderr, wrong.stderr
assert "is quantized" in qeval(*command, "--db", reference, "--variant", "fp32", expect=2).stderr
assert "only-one-on" in qeval(*command, "--db", reference, "--mode", "one", expect=2).stderr
print(f"{partial} of 8 runs were stopped between two batches")
job.remove()
