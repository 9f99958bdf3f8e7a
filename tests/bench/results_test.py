"""What compare-peers writes: a section takes the place of its own name's, ratios are those of one round, and commands
that take long have fewer turns."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/bench/peers"))
import contenders  # noqa: E402
import results  # noqa: E402


def figures(**turns):
    one = contenders.Figures()
    one.turns = {int(name[1:]): speed for name, speed in turns.items()}
    return one


with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder) / "RESULTS.md"
    results.write_section(file, "one processor", "speed", "first\n\n| a |\n")
    results.write_section(file, "one processor", "kernels", "kept")
    results.write_section(file, "other processor", "speed", "kept too")
    results.write_section(file, "one processor", "speed", "second")
    preface, chapters = results.parse(file.read_text())
    assert preface.startswith("# qeval beside its peers\n"), preface
    assert chapters == {"one processor": {"speed": "second", "kernels": "kept"}, "other processor": {"speed": "kept too"}}
    before = file.read_text()
    results.write_section(file, "one processor", "speed", "second")
    assert file.read_text() == before

# Of several peers the fastest one counts; a round without a turn has its neighbour's.
measured = {"ours": figures(r0=8, r1=10, r2=30), "slow": figures(r0=1, r2=1), "fast": figures(r0=2, r2=3)}
assert results.ratio_row("ours", ["slow", "fast", "absent"], measured) == [["ours", "fast", "4 · **5** · 10"]]
assert results.ratio_row("ours", ["absent"], measured) == []


class Options:
    rounds, slow_rounds = 5, 2


def run(command, number):
    calls.append((command, number))
    return (contenders.SLOW_SECONDS + 1 if command == "long" else 4), 100 + number


calls = []
turns = contenders.measure_commands({"a": "short", "b": "long"}, 8, Options, run, lambda line: None)
assert [number for command, number in calls if command == "short"] == [0, 1, 2, 3, 4], calls
assert [number for command, number in calls if command == "long"] == [0, 4], calls
assert turns["a"].turns == dict.fromkeys(range(5), 2.0) and turns["a"].peak == 104, vars(turns["a"])
