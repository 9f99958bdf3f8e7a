"""A run that was killed at moments drawn by a seed over all its phases: `status`, `history`, `show` and `compare` say
what its rows say, and that it is half; and so they do while it runs. Three of each phase; for more, as arguments behind
the program, the number of kills and a seed."""
import json
import random
import re
import sqlite3
import sys

from fixture import Job, qeval, signal, start
from held_runs import empty_database, hold, let_go, wait_for

UTF8 = {"LC_ALL": "C.UTF-8", "COLUMNS": "120"}
BATCHES = 40
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 9
moments = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
job = Job(images=4 * BATCHES)
whole = job.database("whole.db")
job.run(whole)


def ask(database, *arguments, **keywords):
    return qeval(*arguments, "--db", database, env=UTF8, **keywords).stdout


def stored(database):
    """Of each variant: images done, and right ones, by its rows."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return {variant: (done, right) for variant, done, right in connection.execute(
            "SELECT r.variant, count(p.run_id), ifnull(sum(p.correct1), 0) FROM run r"
            " LEFT JOIN prediction p ON p.run_id = r.id GROUP BY r.id")}


def expect_half(database, variant, state):
    rows = stored(database)
    done, right = rows[variant]
    history = {row["variant"]: row for row in json.loads(ask(database, "history", "--format", "json"))}
    run = history[variant]
    assert (run["state"], run["n_done"], run["n_correct1"], run["n_total"]) == (state, done, right, 4 * BATCHES), run
    people = ask(database, "history")
    assert re.search(rf"^{run['name']} +{state} .* {done} of {4 * BATCHES}\b", people, re.M), people

    shown = ask(database, "show", run["name"])
    assert shown.startswith(f"run        {run['name']} ({variant}), {state}\n"), shown
    assert f" {done} of {4 * BATCHES} images" in shown, shown
    assert re.search(rf"^top-1 .*, {right} of {done}, so far$" if done else r"^top-1 +-$", shown, re.M), shown
    assert len(json.loads(ask(database, "show", run["name"], "--predictions", "--format", "json"))) == done

    status = " ".join(ask(database, "status").split())
    (row,) = [row for row in json.loads(ask(database, "status", "--format", "json")) if row["run"] == run["name"]]
    assert (row["state"], row["n_done"], row["n_total"]) == (state, done, 4 * BATCHES), row
    if state == "interrupted":
        assert status == (f"nothing is running {run['name']} ({variant}): interrupted, {done} of {4 * BATCHES} images;"
                          f" go on with: qeval resume {run['name']}"), status
    else:
        assert status.startswith(f"{run['name']} ({variant}): ") and "written by pid " in status, status
    if "fp32" in history and variant != "fp32":
        expect_half_comparison(database, history["fp32"], run, done)
    return done


def expect_half_comparison(database, baseline, run, done):
    text = " ".join(ask(database, "compare", baseline["name"], run["name"]).split())
    assert f"not through ({run['state']}): {done} of {4 * BATCHES} images" in text, text
    assert ("intervals: " in text) == (done > 0), text
    (summary,) = json.loads(ask(database, "compare", baseline["name"], run["name"], "--format", "json"))
    assert (summary["images"], summary["only_baseline"], summary["only_run"]) == (done, 4 * BATCHES - done, 0), summary


PHASES = [("fp32", "batch_done", "NEW.batch_number = {} AND (SELECT variant FROM run WHERE id = NEW.run_id) = 'fp32'",
           "SELECT count(*) FROM batch_done b JOIN run r ON r.id = b.run_id WHERE r.variant = 'fp32'", BATCHES),
          ("w8a8", "calibration_progress", "NEW.batches_done = {} + 1",
           "SELECT max(batches_done) FROM calibration_progress", 15),
          ("w8a8", "batch_done", "NEW.batch_number = {} AND (SELECT variant FROM run WHERE id = NEW.run_id) = 'w8a8'",
           "SELECT count(*) FROM batch_done b JOIN run r ON r.id = b.run_id WHERE r.variant = 'w8a8'", BATCHES)]
seen = set()
for number in range(KILLS):
    variant, table, condition, count, batches = PHASES[number % 3]
    batch = moments.randrange(batches)
    database = job.database(f"half{number}.db")
    empty_database(database)
    hold(database, table, condition.format(batch))
    process = start("run", job.file, "--db", database, "--progress", "none")
    wait_for(process, database, f"SELECT count(*) FROM run_attempt a JOIN run r ON r.id = a.run_id WHERE r.variant = '{variant}'", 1)
    wait_for(process, database, count, batch)
    running = expect_half(database, variant, "running")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert expect_half(database, variant, "interrupted") == running == (4 * batch if table == "batch_done" else 0)
    seen.add((number % 3, batch))
    if number < 3:
        let_go(database)
        qeval("resume", "--db", database, "--progress", "none")
        job.run(database, resumed=False)
        assert job.hashes(database) == job.hashes(whole)
        assert ask(database, "status") == "nothing is running\n"
assert len(seen) >= KILLS * 3 // 4, seen
job.remove()
