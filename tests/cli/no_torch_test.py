"""help, history and validate never load LibTorch: neither linked nor opened at run time."""
import os
import subprocess

from fixture import QEVAL, SOURCE, pathlib, tempfile

linked = subprocess.run(["ldd", QEVAL], capture_output=True, text=True).stdout
assert "torch" not in linked and "c10" not in linked, linked

with tempfile.TemporaryDirectory() as folder:
    for arguments in [["--help"], ["history", "--db", f"{folder}/none.db"], ["validate", str(SOURCE / "jobs/demo.yaml")],
                      ["list", "archs"]]:
        traced = subprocess.run([QEVAL, *arguments], capture_output=True, text=True,
                                env={**os.environ, "LD_DEBUG": "files"}).stderr
        assert "libtbb" in traced or "libsqlite3" in traced, "the dynamic loader reported nothing"
        assert "libtorch" not in traced and "libqeval_infer" not in traced, f"{arguments} loads LibTorch"
