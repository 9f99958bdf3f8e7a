"""A full disk stops the run with exit 4; after space is freed it resumes to the same content."""
import subprocess

from fixture import Job, pathlib, qeval, skip

job = Job(images=400)
disk = job.folder / "disk"
disk.mkdir()
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1100k", "tmpfs", str(disk)], capture_output=True).returncode != 0:
    job.remove()
    skip("mounting a tmpfs is not permitted here")
try:
    job.run(job.database("reference.db"))
    reference = job.hashes(job.database("reference.db"))
    (disk / "ballast").write_bytes(b"x" * 600_000)
    full = job.run(disk / "results.db", expect=4)
    assert "full" in full.stderr and "resume" in full.stderr, full.stderr
    subprocess.run(["mount", "-o", "remount,size=16m", str(disk)], check=True)
    (disk / "ballast").unlink()
    job.run(disk / "results.db")
    assert job.hashes(disk / "results.db") == reference
finally:
    subprocess.run(["umount", str(disk)])
    job.remove()
