"""What `show` and `history` print of a run is what its rows say, whenever it was killed and while it runs."""
import json
import random
import re
import sqlite3
import time

from fixture import Job, qeval, signal, start, sys

kills = int(sys.argv[2]) if len(sys.argv) > 2 else 8
moments = random.Random(3)
job = Job(images=400)
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
        assert run[name] == wanted or (wanted is None and run[name] in (None, "")), f"{name} of {run}: rows say {wanted}"
    assert (done > 0) == bool(run["images_per_s"]), run
    return done


partial = 0
for number in range(kills):
    database = job.database(f"kill{number}.db")
    process = start("run", job.file, "--db", database, *variant)
    wanted = moments.randrange(4, 300)
    while process.poll() is None:
        listed = qeval("history", "--db", database, "--format", "json", expect=None)
        if listed.returncode == 0 and any(int(row["n_done"]) >= wanted for row in json.loads(listed.stdout)):
            break
        time.sleep(0.005)
    process.send_signal(signal.SIGSTOP)  # still running, as far as anyone can tell
    if process.poll() is None and database.exists():
        partial += 0 < expect_figures_of_rows(database) < 400
    process.kill()
    process.wait()
    expect_figures_of_rows(database)
    qeval("resume", "--db", database, "--progress", "none", expect=None)
    assert expect_figures_of_rows(database) == 400
assert partial > 0, "no run was seen on its way"
print(f"{partial} of {kills} runs were looked at on their way, killed and resumed; every figure was that of the rows")
job.remove()
