"""Runs that are held at a known moment: a commit in their database never ends, or takes its time, by a trigger."""
import contextlib
import os
import sqlite3
import subprocess
import sys
import time

QEVAL = os.path.abspath(sys.argv[1])
COUNT = "SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n {}) SELECT i FROM n)"
SLOW = 200_000  # a tenth of a second or so; what a test relies on, it looks at while the process stands still


def rows(database, statement, *values):
    """Nothing while there is no table yet."""
    with contextlib.suppress(sqlite3.OperationalError):
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute(statement, values).fetchall()
    return []


def number(database, statement):
    """The first cell; 0 while there is none."""
    return (rows(database, statement) or [(0,)])[0][0] or 0


def change(database, statement):
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


def empty_database(database):
    """All tables, and no run."""
    file = database.with_suffix(".encodings")
    file.write_text('{"version": "2.0.0", "encodings": []}')
    subprocess.run([QEVAL, "encodings", "import", str(file), "--db", str(database)], check=True,
                   stdout=subprocess.DEVNULL)
    file.unlink()


def add_trigger(database, table, condition, name, limit):
    change(database, f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {condition} BEGIN {COUNT.format(limit)}; END")


def hold(database, table, condition, name="held"):
    """A row of `table` of which `condition` is true is never inserted, until `let_go`: what was committed before stays
    all there is, and a signal surely falls behind it."""
    add_trigger(database, table, condition, name, "")


def slow_down(database, table, condition, name="held"):
    """Such rows of `table` take their time, and are inserted in the end."""
    add_trigger(database, table, condition, name, f"LIMIT {SLOW}")


def let_go(database, name="held"):
    change(database, f"DROP TRIGGER {name}")


def wait_for(process, database, statement, least):
    """Until the first cell of `statement` is so much."""
    while number(database, statement) < least:
        assert process.poll() is None, f"ended too early, with exit code {process.returncode}"
        time.sleep(0.002)
