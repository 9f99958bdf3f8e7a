"""`qeval encodings`: every version of AIMET's files through the database and back, the list, names, and differences."""
import copy
import json
import os

from fixture import QEVAL, pathlib, qeval, subprocess, tempfile

folder = pathlib.Path(tempfile.mkdtemp(prefix="qeval-cli-"))
database = folder / "sets.db"
environment = {"LC_ALL": "C.UTF-8"}


def encodings(*arguments, **keywords):
    return qeval("encodings", *arguments, "--db", database, env=environment, **keywords)


def write(name, document):
    path = folder / name
    path.write_text(json.dumps(document))
    return path


def entry(minimum, maximum, scale, offset, symmetric, bits=8):
    return {"bitwidth": bits, "dtype": "int", "is_symmetric": symmetric, "min": minimum, "max": maximum,
            "scale": scale, "offset": offset}


def legacy(version):
    document = {"version": version,
                "activation_encodings": {"stem": {"input": {"0": entry(-2.0, 2.25, 0.016666667, -120, "False")}},
                                         "act": {"output": {"0": entry(0.0, 0.1 + 0.2, 1.1 / 937, 0, "False", 16)}},
                                         "/relu/Relu_output_0": [entry(0.0, 5e-324, 5e-324, 0, "False")]},
                "param_encodings": {"stem.weight": [entry(-1 / 3, 1 / 3, 1 / 381, -127, "True"),
                                                    entry(-0.128, 0.127, 0.001, -128, "True")]}}
    if version >= "0.5.1":
        document["excluded_layers"] = ["head"]
    if version >= "0.6.1":
        document["quantizer_args"] = {"activation_bitwidth": 8, "quant_scheme": "post_training_tf"}
    if version < "0.5.0":
        for one in [*document["param_encodings"]["stem.weight"], document["activation_encodings"]["stem"]["input"]["0"],
                    document["activation_encodings"]["act"]["output"]["0"],
                    document["activation_encodings"]["/relu/Relu_output_0"][0]]:
            del one["dtype"]
    return document


named = {"version": "1.0.0",
         "activation_encodings": [{"name": "/relu/Relu_output_0", "enc_type": "PER_TENSOR", "dtype": "INT", "bw": 4,
                                   "is_sym": False, "scale": [0.1], "offset": [-3]}],
         "param_encodings": [{"name": "stem.weight", "enc_type": "PER_CHANNEL", "dtype": "INT", "bw": 8, "is_sym": True,
                              "scale": [0.0010000000474974513], "offset": [-127]},
                             {"name": "fc.weight", "enc_type": "PER_BLOCK", "dtype": "INT", "bw": 4, "is_sym": True,
                              "scale": [0.1, 0.2, 0.3, 5e-324], "offset": [-8] * 4, "block_size": 16}],
         "excluded_layers": ["head"], "quantizer_args": {"param_bitwidth": 8}}
flat = {"version": "2.0.0",
        "encodings": [{"name": "/relu/Relu_output_0", "output_dtype": "uint4", "y_scale": 0.1, "y_zero_point": 3},
                      {"name": "stem.bias", "output_dtype": "int32", "axis": 0, "y_scale": [1e-5, 1 / 3]},
                      {"name": "stem.weight", "output_dtype": "int8", "axis": 1, "y_scale": [0.1, 5e-324]},
                      {"name": "up.weight", "output_dtype": "uint4", "axis": 0, "block_size": 8,
                       "y_scale": [[[0.1], [0.2], [0.3]], [[0.4], [0.5], [5e-324]]],
                       "y_zero_point": [[[0], [1], [2]], [[3], [4], [15]]]}]}
documents = {version: legacy(version) for version in ("0.4.0", "0.5.0", "0.5.1", "0.6.1")}
documents["1.0.0"] = named
documents["2.0.0"] = flat
documents["2.1.0"] = {**flat, "version": "2.1.0"}
documents["adaround"] = legacy("0.6.1")["param_encodings"]


def in_order(document):
    """Lists of entries by name: the database keeps no order."""
    document = copy.deepcopy(document)
    for key in ("activation_encodings", "param_encodings", "encodings"):
        if isinstance(document.get(key), list):
            document[key].sort(key=lambda one: one["name"])
    return document


for version, document in documents.items():
    done = encodings("import", write(f"{version}.encodings", document), "--name", f"from {version}")
    assert f"from {version}" in done.stdout and f"version {version}" in done.stdout, done.stdout
    back = folder / "back.encodings"
    encodings("export", f"from {version}", "-o", back)
    assert in_order(json.loads(back.read_text())) == in_order(document), (version, back.read_text())

# The same content once more is no second set.
assert "stored already, as from 0.6.1" in encodings("import", folder / "0.6.1.encodings").stdout
sets = json.loads(encodings("list", "--format", "json").stdout)
assert [row["name"] for row in sets] == [f"from {version}" for version in documents], sets
assert sets[3]["quantizers"] == 4 and sets[3]["encodings"] == 5 and sets[3]["origin"] == "imported"

# Sets and files show the same, with every digit.
shown = json.loads(encodings("show", "4", "--format", "json").stdout)
assert sorted(map(str, shown)) == sorted(map(str, json.loads(
    encodings("show", folder / "0.6.1.encodings", "--format", "json").stdout)))
assert [row["scale"] for row in shown if row["tensor"] == "stem.weight"] == [1 / 381, 0.001]

# Another version holds the same, biases of 32 bits too.
done = encodings("export", "from 2.0.0", "-o", folder / "other.encodings", "--version", "1.0.0")
assert "left out" not in done.stderr, done.stderr
written = {one["name"]: one for one in json.loads((folder / "other.encodings").read_text())["param_encodings"]}
assert sorted(written) == ["stem.bias", "stem.weight", "up.weight"] and written["stem.bias"]["bw"] == 32, written

# Blocks by channel and block, where the file says where they lie.
shown = [row for row in json.loads(encodings("show", "from 2.0.0", "--format", "json").stdout) if row["tensor"] == "up.weight"]
assert [(row["channel"], row["block"], row["scale"]) for row in shown[:4]] == [
    (0, 0, 0.1), (1, 0, 0.2), (2, 0, 0.3), (0, 1, 0.4)], shown
done = encodings("export", "from 1.0.0", "-o", folder / "other.encodings", "--version", "2.0.0")
assert "left out: fc.weight" in done.stderr, done.stderr
message = encodings("export", "from 0.6.1", "-o", folder / "no.encodings", "--version", "2.0.0", expect=3).stderr
assert "holds scale and offset only" in message and not (folder / "no.encodings").exists(), message
encodings("export", "from 0.6.1", "-o", folder / "no.encodings", "--version", "9", expect=2)

# Standard output takes the file whole and nothing else, wherever it goes; an existing file stays until the new one is
# complete, and places that cannot be written to are said.
done = encodings("export", "from 0.6.1", "-o", "/dev/stdout")
assert in_order(json.loads(done.stdout)) == in_order(documents["0.6.1"]), done.stdout
log = folder / "log"
log.write_text("[]\n")
export = [QEVAL, "encodings", "export", "from 0.6.1", "--db", str(database), "-o"]
with log.open("a") as out:
    subprocess.run([*export, "/dev/stdout"], stdout=out, check=True)
first, rest = log.read_text().split("\n", 1)
assert first == "[]" and in_order(json.loads(rest)) == in_order(documents["0.6.1"]), log.read_text()
reader, writer = os.pipe()
os.close(reader)
assert subprocess.run([*export, "/dev/stdout"], stdout=writer, stderr=subprocess.PIPE).returncode == 141
os.close(writer)
message = encodings("export", "from 0.6.1", "-o", "/dev/full", expect=4).stderr
assert "/dev/full: the disk is full" in message and len(message.splitlines()) == 1, message
message = encodings("export", "from 0.6.1", "-o", folder / "absent" / "x.encodings", expect=4).stderr
assert "absent/x.encodings: cannot write there" in message and len(message.splitlines()) == 1, message

# Names of one exporter for those of another, both ways.
names = write("names.json", {"142": "act:output", "onnx::Conv_7": "stem.weight", "143": "nowhere"})
done = encodings("export", "from 0.6.1", "-o", folder / "onnx.encodings", "--names", names)
onnx = json.loads((folder / "onnx.encodings").read_text())
assert isinstance(onnx["activation_encodings"]["142"], list) and "onnx::Conv_7" in onnx["param_encodings"]
assert "stem:input" in done.stderr and "nowhere" in done.stderr, done.stderr
done = encodings("import", folder / "onnx.encodings", "--names", names)
assert "143" in done.stderr and "stored already, as from 0.6.1" in done.stdout, done.stdout
done = encodings("diff", folder / "onnx.encodings", "from 0.6.1", "--names", names)
assert "0 of 4 common quantizers differ (distance above 1e-06)" in done.stdout, done.stdout

# Differences: the largest first, both ranges as bars, what one side lacks.
changed = copy.deepcopy(documents["0.6.1"])
changed["activation_encodings"]["stem"]["input"]["0"].update(min=-1.0, max=4.25)
changed["activation_encodings"]["act"]["output"]["0"]["max"] *= 1.001
changed["activation_encodings"]["extra"] = changed["activation_encodings"].pop("/relu/Relu_output_0")
changed["param_encodings"]["stem.weight"][1]["max"] *= 2
other = write("changed.encodings", changed)
done = encodings("diff", "from 0.6.1", other, expect=1)
lines = done.stdout.splitlines()
assert lines[0] == "3 of 3 common quantizers differ (distance above 1e-06)", done.stdout
rows = [line.split()[0] for line in lines if "█" in line and "|" in line]
assert rows == ["stem:input", "stem.weight", "act:output"], done.stdout
assert next(line for line in lines if line.startswith("stem:input")).split("|")[1].rstrip("▄") .startswith("▀"), done.stdout
assert "only in A (1)\n  /relu/Relu_output_0" in done.stdout and "only in B (1)\n  extra" in done.stdout, done.stdout
plain = encodings("diff", "from 0.6.1", other, "--ascii", "--tolerance", "0.01", expect=1).stdout
assert plain.isascii() and plain.startswith("2 of 3"), plain
rows = json.loads(encodings("diff", "from 0.6.1", other, "--format", "json", expect=1).stdout)
assert rows[0]["quantizer"] == "stem:input" and abs(rows[0]["distance"] - (1 - 3.25 / 6.25)) < 1e-12, rows[0]
assert rows[1]["channel"] == 1 and rows[-1] == {**rows[-1], "quantizer": "extra", "settings A/B": "only in B"}, rows

# Versions without min and max give ends that differ in f32's last bits: no difference, unless asked for.
rounded = copy.deepcopy(documents["0.6.1"])
rounded["activation_encodings"]["act"]["output"]["0"]["max"] *= 1 + 1e-8
rounded = write("rounded.encodings", rounded)
assert encodings("diff", "from 0.6.1", rounded).stdout.startswith("0 of 4")
assert encodings("diff", "from 0.6.1", rounded, "--tolerance", "0", expect=1).stdout.startswith("1 of 4")

# Mistakes end in one message.
for arguments, code, text in [(("diff", "1"), 2, "two sets or files"), (("show", "77"), 2, "no encoding set 77"),
                              (("show", "nothing"), 2, "no file and no encoding set 'nothing'"),
                              (("shwo",), 2, "did you mean 'show'"), (("import", folder / "gone"), 3, "cannot be opened"),
                              (("diff", "1", "2", "--tolerance", "2"), 2, "--tolerance")]:
    message = encodings(*arguments, expect=code).stderr
    assert text in message and len(message.strip().splitlines()) == 1, message

# Nothing of it loads LibTorch.
traced = subprocess.run([QEVAL, "encodings", "diff", "1", "2", "--db", str(database)], capture_output=True, text=True,
                        env={**os.environ, "LD_DEBUG": "files"}).stderr
assert "libsqlite3" in traced and "libtorch" not in traced and "libqeval_infer" not in traced
