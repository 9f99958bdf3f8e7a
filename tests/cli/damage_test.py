"""A damaged database ends every verb with exit 5 and the advice what to do, or changes nothing in its answer."""
import contextlib
import csv
import os
import random
import re
import shutil
import sqlite3
import subprocess

from fixture import QEVAL, Job, qeval

job = Job(images=40)
job.file.write_text(job.file.read_text().replace("first: 60", "first: 12"))
sound = job.database("sound.db")
job.run(sound)
# A run that was left unfinished: one image too many is bad.
other = job.folder / "other"
shutil.copytree(job.data, other)
victim = sorted((other / "class3").iterdir())[-1]
content = victim.read_bytes()
victim.unlink()
victim.write_bytes(content[:len(content) // 2])
job.run(sound, "--variant", "fp32", "--set", f"dataset.root={other}", expect=4)
names = [line.split()[0] for line in qeval("history", "--db", sound, "--columns", "name,state").stdout.splitlines()[1:]]
set_names = qeval("encodings", "list", "--db", sound, "--format", "csv").stdout.splitlines()[1]
with sqlite3.connect(sound) as connection:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
damaged = job.database("damaged.db")

FIGURES = "state,n_done,n_total,n_failed,top1,top1_low,top1_high,top5,images_per_s"
VERBS = {"history": ["history", "--format", "csv", "--columns", FIGURES],
         "show": ["show", names[0]],
         "show finished": ["show", names[1]],
         "predictions": ["show", names[1], "--predictions", "--format", "csv"],
         "job": ["show", names[1], "--job"],
         "encodings": ["encodings", "list", "--format", "csv"],
         "set": ["encodings", "show", set_names.split(",")[0], "--format", "csv"],
         "plan": ["plan", job.file],
         "export": ["export", job.file, "--variant", "w8a8", "--format", "onnx-qdq", "-o", job.folder / "net.onnx"],
         "run": ["run", job.file, "--variant", "w8a8", "--progress", "none"],
         "resume": ["resume", "--progress", "none"]}
WITHOUT_NETWORK = list(VERBS)[:7]


def figures_of(verb, out):
    """What counts in an answer: names and times may be damaged without anybody noticing."""
    if verb.startswith("show"):
        return re.findall(r"^(?:top-|failed|key|content).*|\d+ of \d+ images", out, re.M)
    if verb == "encodings":
        return [[row["set"], row["quantizers"], row["encodings"], row["runs"]] for row in csv.DictReader(out.splitlines())]
    return out


def answer(verb):
    done = subprocess.run([QEVAL, *map(str, VERBS[verb]), "--db", str(damaged)], capture_output=True, text=True,
                          errors="replace")
    return done.returncode, figures_of(verb, done.stdout), done.stderr


def start_again():
    for suffix in ("", "-wal", "-shm", ".lock"):
        if os.path.exists(f"{damaged}{suffix}"):
            os.remove(f"{damaged}{suffix}")
    shutil.copyfile(sound, damaged)


def expect_found_or_harmless(what, verbs):
    """Returns whether any verb found it."""
    found = False
    for verb in verbs:
        code, out, error = answer(verb)
        if code == 5:
            assert "damaged" in error or "--db" in error, f"{verb} after {what}: no advice in {error!r}"
            found = True
        else:
            assert (code, out) == reference[verb][:2], f"{verb} after {what}: exit {code}\n{out}\n{error}"
    return found


reference = {}
for verb in VERBS:
    start_again()
    reference[verb] = answer(verb)
assert [reference[verb][0] for verb in VERBS] == [0] * 11, reference

CHANGES = {
    "DROP TABLE batch_done": ["resume", "plan"],
    "DROP VIEW history": ["history"],
    "ALTER TABLE encoding DROP COLUMN grid": ["set", "export"],
    "DELETE FROM job": list(VERBS),
    "DELETE FROM sample WHERE ordinal = 7": ["show", "show finished", "run", "resume"],
    "DELETE FROM batch_done WHERE batch_number = 1": ["show", "plan", "resume"],
    "DELETE FROM encoding WHERE role = 'param'": ["set", "export"],
    "UPDATE run SET state = 'doone'": list(VERBS),
    "UPDATE run SET n_done = 'many'": list(VERBS),
    "UPDATE run SET overrides_json = '{'": list(VERBS),
    "UPDATE job SET resolved_json = '{\"name\":'": ["show", "job", "plan", "run", "resume"],
    "UPDATE prediction SET prob1 = 0.5": ["show", "show finished", "predictions", "resume"],
    "UPDATE encoding SET scale = 'x'": ["set", "export"],
    "UPDATE encoding SET grid = 'x9999999999999999999'": ["set", "export"],
    "UPDATE key_component SET value = 'other'": ["show", "set", "resume"],
}
for sql, verbs in CHANGES.items():
    for verb in verbs:
        start_again()
        connection = sqlite3.connect(damaged)
        connection.executescript(f"PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON; {sql};")
        connection.close()
        code, out, error = answer(verb)
        assert code == 5, f"{verb} after {sql}: exit {code}\n{out}\n{error}"
        assert "restore a backup" in error, f"{verb} after {sql}: no advice in {error!r}"

def break_page(page):
    """A B-tree whose first page is of no kind."""
    with open(damaged, "r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff")


# What each verb reads is looked at, whatever it then answers with.
with contextlib.closing(sqlite3.connect(sound)) as connection:
    trees = dict(connection.execute("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'"))
READ = {**dict.fromkeys(("run", "job", "model", "dataset", "key_component", "encoding_set"),
                        ["history", "show", "encodings", "resume"]),
        **dict.fromkeys(("prediction", "sample"), ["show", "show finished", "predictions", "resume"]),
        "batch_done": ["show", "plan", "resume"], "encoding": ["set", "export", "show finished"]}
for table, verbs in READ.items():
    for verb in verbs:
        start_again()
        break_page(trees[table])
        code, out, error = answer(verb)
        assert code == 5 and "restore a backup" in error, f"{verb}, {table} broken: exit {code}\n{out}\n{error}"

moments = random.Random(5)
size = os.path.getsize(sound)
for _ in range(40):
    start_again()
    at, length = moments.randrange(size), moments.choice((1, 1, 40))
    with open(damaged, "r+b") as file:
        file.seek(at)
        file.write(moments.randbytes(length))
    expect_found_or_harmless(f"{length} bytes at {at}", WITHOUT_NETWORK)
for pages in moments.sample(range(size // 4096), 5):
    start_again()
    os.truncate(damaged, pages * 4096)
    assert expect_found_or_harmless(f"cut to {pages} pages", WITHOUT_NETWORK)
job.remove()
