"""executor_server answers a line by a line, and says what encodings lack."""
import json
import pathlib
import subprocess
import sys
import tempfile


def serve(lines, *arguments):
    return subprocess.run([sys.argv[1], "efficientnet_lite0", *arguments, "--batch-size", "1", "--threads", "1"],
                          input=lines, capture_output=True, text=True)


done = serve("1\n2\n", "float")
assert done.returncode == 0, done.stderr
seconds = [float(line) for line in done.stdout.splitlines()]
assert len(seconds) == 2 and all(value > 0 for value in seconds), done.stdout

with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder) / "none.encodings"
    file.write_text(json.dumps({"version": "2.0.0", "encodings": []}))
    bare = serve("1\n", "integer", "--encodings", file)
    assert bare.returncode == 3 and bare.stdout == "", bare
    assert f"{file} has no encoding for _conv_stem" in bare.stderr, bare.stderr
