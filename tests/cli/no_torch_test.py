"""help, history and validate never load LibTorch: neither linked nor opened at run time."""
import os
import subprocess

from fixture import QEVAL, SOURCE, pathlib, tempfile

# Names only: the addresses that ldd prints are random and may spell anything, "c10" included.
linked = [line.split()[0] for line in subprocess.run(["ldd", QEVAL], capture_output=True, text=True).stdout.splitlines()]
assert any("libsqlite3" in name for name in linked), linked
assert not [name for name in linked if "torch" in name or "c10" in name], linked

with tempfile.TemporaryDirectory() as folder:
    for arguments in [["--help"], ["history", "--db", f"{folder}/none.db"], ["validate", str(SOURCE / "jobs/demo.yaml")],
                      ["list", "archs"]]:
        traced = subprocess.run([QEVAL, *arguments], capture_output=True, text=True,
                                env={**os.environ, "LD_DEBUG": "files"}).stderr
        assert "libtbb" in traced or "libsqlite3" in traced, "the dynamic loader reported nothing"
        assert "libtorch" not in traced and "libqeval_infer" not in traced, f"{arguments} loads LibTorch"
