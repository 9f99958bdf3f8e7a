"""An executor library of another build is refused before anything of it is called; the right one exports its three
functions and nothing else; sources that differ make another build."""
import os
import subprocess
import sys

from fixture import SOURCE, Job, pathlib, qeval, tempfile

library, another, older, cmake, nm = sys.argv[2:]
job = Job(images=8)
database = job.database()


def refused(path):
    done = qeval("run", job.file, "--db", database, expect=4, env={"QEVAL_LIBDIR": str(pathlib.Path(path).parent)})
    assert "Traceback" not in done.stderr and done.stdout == "", done
    return done.stderr


said = refused(another)
assert f"{another} is of another build of qeval: it is 0.0.1, sources 0123456789abcdef; this program is " in said, said
assert said.endswith("Build program and library from the same sources, or correct QEVAL_LIBDIR.\n"), said
assert f"{older} is of another build of qeval: it has no symbol qeval_build_identity\n" in refused(older)
qeval("plan", job.file, "--db", database, env={"QEVAL_LIBDIR": str(pathlib.Path(library).parent)})

symbols = subprocess.run([nm, "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
exported = {line.split()[-1] for line in symbols.splitlines()}
assert exported == {"qeval_build_identity", "qeval_executors", "qeval_active_isa"}, sorted(exported)[:20]

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)

    def identity(text, name="a.h", version="0.1.0", sanitize=""):
        (folder / name).write_text(text)
        (folder / "list").write_text(f"{name}\n")
        subprocess.run([cmake, f"-DROOT={folder}", f"-DLIST={folder}/list", f"-DVERSION={version}",
                        f"-DSANITIZE={sanitize}", f"-DOUTPUT={folder}/out.h", "-P",
                        SOURCE / "tools/cmake/write_build_identity.cmake"], check=True)
        return (folder / "out.h").read_text()

    first = identity("int a;\n")
    assert identity("int a;\n") == first
    others = [identity("int b;\n"), identity("int a;\n", name="b.h"), identity("int a;\n", version="0.2.0"),
              identity("int a;\n", sanitize="address,undefined")]
    assert len({first, *others}) == 5, others
