"""What the checks of the source tree share: how one is run, and how its test shows that it can fail."""
import contextlib
import io
import pathlib
import sys
import tempfile


def run_check(arguments, usage, breaches, unit):
    """Exit status. `breaches(root)` gives the messages, and how many `unit`s were looked at."""
    if len(arguments) != 2:
        sys.exit(usage)
    found, looked_at = breaches(arguments[1])
    for message in found:
        print(message)
    if looked_at == 0:
        sys.exit(f"no {unit} found below {arguments[1]}: is it the root of the tree?")
    print(f"{looked_at} {unit}s, {len(found)} breaches")
    return 1 if found else 0


def checked(check, files):
    """Exit status and output of a check's main on a tree of these files."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            file = pathlib.Path(root, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = check.main([check.__file__, root])
        return status, output.getvalue()
