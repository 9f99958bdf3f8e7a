"""Layer sensitivity: stopped between two batches, the same command again, the same rows; a layer can then be switched
off, by any name of a quantizer that layers share."""
import json
import random
import signal
import sqlite3
import time

from fixture import Job, qeval, start
from held_runs import empty_database, hold, let_go, number, slow_down, wait_for

BATCHES = 30
IN_FLIGHT = 7  # batches at most that are finished and committed after a signal


def parts(database):
    with sqlite3.connect(database) as connection:
        return connection.execute("SELECT * FROM sensitivity_part ORDER BY 1, 2, 3").fetchall()


COMMITTED = "SELECT count(DISTINCT batch_number) FROM sensitivity_part"


job = Job(images=160)
command = ["sensitivity", job.file, "--progress", "none", "--limit", 120]
reference = job.database("reference.db")
table = qeval(*command, "--db", reference, "--format", "json").stdout
expected = parts(reference)
rows = json.loads(table)
assert {row[1] for row in expected} == set(range(BATCHES))
predicted = [row for row in rows if row["kind"] == "predicted"]
assert len(predicted) == 1, rows[:4]
low, high = sorted(row["top1"] for row in rows[:2])
assert low - 0.01 <= predicted[0]["top1"] <= high + 0.01, rows[:3]
assert len(expected) == (len(rows) - 1) * BATCHES, (len(expected), len(rows))

assert qeval(*command, "--db", reference, "--format", "json").stdout == table, "a finished analysis is read back"

# A signal falls between two batches, inside a transaction.
moments = random.Random(3)
for moment in range(4):
    database = job.database(f"stopped{moment}.db")
    empty_database(database)
    last = moments.randrange(1, BATCHES)
    hold(database, "sensitivity_part", f"NEW.batch_number = {last}")
    process = start(*command, "--db", database)
    wait_for(process, database, COMMITTED, last)
    if moment % 2:
        process.send_signal(signal.SIGKILL)
    else:  # the first asks to finish what is in flight, which never ends
        process.send_signal(signal.SIGINT)
        while process.poll() is None:
            time.sleep(0.05)
            process.send_signal(signal.SIGINT)
    assert process.wait() == (-signal.SIGKILL if moment % 2 else 130), process.returncode
    assert number(database, COMMITTED) == last, (number(database, COMMITTED), last)
    let_go(database)
    assert qeval(*command, "--db", database, "--format", "json").stdout == table
    assert parts(database) == expected

# One Ctrl-C commits what is in flight, and no more.
database = job.database("interrupted.db")
empty_database(database)
slow_down(database, "sensitivity_part", "NEW.number = 0")
process = start(*command, "--db", database, "--set", "run.threads=1")
wait_for(process, database, COMMITTED, 1)
process.send_signal(signal.SIGSTOP)
before = number(database, COMMITTED)
assert before < BATCHES - IN_FLIGHT, f"{before} of {BATCHES} were done: the process was not stopped in time"
process.send_signal(signal.SIGINT)
process.send_signal(signal.SIGCONT)
assert process.wait(timeout=600) == 130, process.returncode
assert before <= number(database, COMMITTED) <= before + IN_FLIGHT
let_go(database)
assert qeval(*command, "--db", database, "--format", "json").stdout == table
assert parts(database) == expected

layers = [row["layer"] for row in rows if row["kind"] == "weights"]
off = ["--set", f"variants.w8a8.quantization.disable={json.dumps([layers[0]])}"]
after = json.loads(qeval(*command, "--db", reference, "--format", "json", *off).stdout)
assert layers[0] not in [row["layer"] for row in after]
wrong = qeval(*command, "--db", reference, "--set", f'variants.w8a8.quantization.disable=["{layers[0]}x"]', expect=2)
assert f"did you mean '{layers[0]}'" in wrong.stderr, wrong.stderr
assert "is quantized" in qeval(*command, "--db", reference, "--variant", "fp32", expect=2).stderr
assert "only-one-on" in qeval(*command, "--db", reference, "--mode", "one", expect=2).stderr

# Sums of whole numbers: "all on" is the run of the same executor.
exact = ["--db", reference, "--set", "variants.w8a8.quantization.executor=simulated-exact"]
job.run(reference, *exact[2:], "--variant", "w8a8", "--limit", 120)
run, = json.loads(qeval("history", "--db", reference, "--format", "json", "--where", "variant = 'w8a8'").stdout)
predictions = json.loads(qeval("show", run["name"], "--db", reference, "--predictions", "--format", "json").stdout)
right = sum(row["top1"] == row["label"] for row in predictions)
for mode in ("only-one-on", "all-but-one"):
    quantized = json.loads(qeval(*command, *exact, "--mode", mode, "--format", "json").stdout)[1]
    assert quantized["kind"] == "quantized" and quantized["top1"] == round(100 * right / 120, 2), (quantized, right)

# Every quantizer that convolution and ReLU share is one row, which names both, and goes off by the name of either.
shared = ["--limit", 8, "--db", reference, "--set", "variants.w8a8.quantization.mode=aimet-torch-2",
          "--set", "variants.w8a8.quantization.share_module_quantizers=false",
          "--set", "variants.w8a8.quantization.config=htp_v66"]
rows = json.loads(qeval(*command[:4], *shared, "--format", "json").stdout)
row, = [row for row in rows if row["layer"] == "layer1.0.conv1" and row["kind"] == "activations"]
assert row["shared_with"] == "layer1.0.relu", row
with sqlite3.connect(reference) as connection:
    assert ("layer1.0.relu",) in connection.execute(
        "SELECT shared_with FROM layer_sensitivity WHERE layer = 'layer1.0.conv1' AND kind = 'activations'").fetchall()
text = qeval(*command[:4], *shared).stdout
assert "layer1.0.conv1 (+1)" in text, text
done = qeval(*command[:4], *shared, "--format", "json", "--set", 'variants.w8a8.quantization.disable=["layer1.0.relu"]')
assert "disabling layer1.0.relu also disables the activation quantizer of layer1.0.conv1" in done.stderr, done.stderr
without = json.loads(done.stdout)
assert [row["kind"] for row in without if row["layer"] == "layer1.0.conv1"] == ["weights"], without
job.remove()
