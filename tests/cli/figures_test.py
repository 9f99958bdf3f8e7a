"""What `show` and `history` print of a run is what its rows say, whenever it was killed and while it runs."""
import json
import re
import sqlite3

from fixture import Job, qeval, signal, start
from held_runs import empty_database, hold, let_go, wait_for

job = Job(images=160)
variant = ["--variant", "fp32", "--progress", "none"]


def counted(database):
    """Images, failed ones and right ones of the only run, from its rows; None before there are any."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT count(*), ifnull(sum(status <> 'ok'), 0), ifnull(sum(correct1), 0),"
                                  " ifnull(sum(correct5), 0) FROM prediction").fetchone()


def shown(database):
    """The same from `show`, where it says whether that is all."""
    text = qeval("show", "@last", "--db", database).stdout
    right = [re.search(rf"^top-{k} +(.*)$", text, re.M).group(1) for k in (1, 5)]
    done, total = map(int, re.search(r"(\d+) of (\d+) images", text).groups())
    failed = int(re.search(r"^failed +(\d+)$", text, re.M).group(1))
    numbers = []
    for line in right:
        if done == 0:
            assert line == "-", text
            numbers.append(0)
            continue
        percent, correct, of = re.match(r"([\d.]+) % .*, (\d+) of (\d+)", line).groups()
        assert int(of) == done and abs(float(percent) - 100 * int(correct) / done) < 6e-4, text
        assert line.endswith(", so far") == (done < total), text
        numbers.append(int(correct))
    return done, failed, *numbers


def expect_figures_of_rows(database):
    rows = counted(database)
    assert shown(database) == rows, f"show: {shown(database)}, rows: {rows}"
    (run,) = json.loads(qeval("history", "--db", database, "--format", "json").stdout)
    done, failed, right1, right5 = rows
    assert (run["n_done"], run["n_failed"]) == (done, failed), run
    for name, right in (("top1", right1), ("top5", right5)):
        wanted = round(100 * right / done, 3) if done else None
        assert run[name] == wanted, f"{name} of {run}: rows say {wanted}"
    assert (done > 0) == bool(run["images_per_s"]), run
    return done


for batches in (0, 1, 17, 39):
    database = job.database(f"kill{batches}.db")
    empty_database(database)
    hold(database, "batch_done", f"NEW.batch_number = {batches}")
    process = start("run", job.file, "--db", database, *variant)
    wait_for(process, database, "SELECT count(*) FROM run", 1)
    wait_for(process, database, "SELECT count(*) FROM batch_done", batches)
    assert expect_figures_of_rows(database) == 4 * batches, "while it runs"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert expect_figures_of_rows(database) == 4 * batches, "after it was killed"
    let_go(database)
    qeval("resume", "--db", database, "--progress", "none")
    assert expect_figures_of_rows(database) == 160, "at its end"
job.remove()
