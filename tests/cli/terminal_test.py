"""On a terminal of 80 columns no line is longer, and what several variants have in common is said once."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

from fixture import QEVAL, Job

COLUMNS = 80
job = Job(images=24)
database = job.database()
job.file.write_text(job.file.read_text().replace("run:\n", """  per_channel:
    quantization: &per_channel
      param: {per_channel: true}
      encodings: {calibrate: {samples: {first: 60}}}
  corrected:
    quantization: {<<: *per_channel, bias_correction: empirical}
run:
"""))


def on_terminal(*arguments, expect=0):
    """What stands there in the end; lines that were written over are looked at, too."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm"}
    for name in ("COLUMNS", "CI", "NO_COLOR"):
        environment.pop(name, None)
    process = subprocess.Popen([QEVAL, *map(str, arguments)], stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    written = b""
    try:
        while piece := os.read(ours, 65536):
            written += piece
    except OSError:  # its last user is gone
        pass
    os.close(ours)
    assert process.wait() == expect, (arguments, process.returncode, written)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.decode()).replace("\r\n", "\n")
    for line in re.split(r"[\n\r]", plain):
        assert len(line) <= COLUMNS, f"qeval {' '.join(map(str, arguments))}: {len(line)} columns: {line}"
    return "\n".join(line.split("\r")[-1] for line in plain.split("\n"))


planned = on_terminal("plan", job.file, "--db", database)
assert "\nfp32, w8a8, per_channel, corrected: no database yet\n" in planned, planned
assert " ".join(planned.split()).count("add are not quantized, because AIMET quantizes modules alone") == 1, planned

said = on_terminal("run", job.file, "--db", database)
settings = dict(re.findall(r"^(fp32|w8a8|per_channel|corrected)\n((?:  .*\n)+)", said, re.M))
labels = {name: re.findall(r"^  (\w+) +\S", text, re.M) for name, text in settings.items()}
assert labels["fp32"] == ["quantization", "model", "data", "pixels"], labels
assert labels["w8a8"] == ["quantization", "encodings", "note", "otherwise"], labels
assert settings["w8a8"].endswith("  otherwise     as fp32\n"), settings
assert labels["corrected"] == ["quantization", "note", "otherwise"], labels
assert settings["corrected"].endswith("  otherwise     as per_channel\n"), settings
assert re.search(r"^note: 24 of 24 calibration images .*\n  \S", said, re.M), said

for arguments in (["show", "@1"], ["show", "@1", "--layers"], ["history"], ["compare", "@4", "@1", "--flips"],
                  ["compare", "@4", "@1", "--by", "class"], ["status"], ["explain", "@2", "--against", "@1"],
                  ["plan", job.file], ["run", job.file]):
    assert on_terminal(*arguments, "--db", database).strip()
for verb in ("run", "compare", "report", "show", "history", "sensitivity"):
    assert on_terminal(verb, "--help").startswith("usage:")
job.remove()
