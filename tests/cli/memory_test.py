"""Too little memory ends in one message that says what to change: never in an abort, and never as a bug of qeval's."""
import resource
import subprocess

from fixture import QEVAL, Job, skip

if "libasan" in subprocess.run(["ldd", QEVAL], capture_output=True, text=True).stdout:
    skip("AddressSanitizer itself takes terabytes of address space")

job = Job(images=16)


def run_within(megabytes, kind=resource.RLIMIT_AS):
    def limit():
        resource.setrlimit(kind, (megabytes << 20, megabytes << 20))
    return subprocess.run([QEVAL, "run", str(job.file), "--db", str(job.database(f"{kind}-{megabytes}.db")), "--progress",
                           "none", "--variant", "w8a8"], capture_output=True, text=True, timeout=600, preexec_fn=limit)


# Before LibTorch is opened, which would abort.
for megabytes in (150, 300, 400, 420, 440, 450):
    done = run_within(megabytes)
    assert done.returncode == 4, (megabytes, done)
    assert "LibTorch needs" in done.stderr and f"ulimit -v) is {megabytes} MB" in done.stderr, done.stderr
done = run_within(40, resource.RLIMIT_DATA)
assert done.returncode == 4 and "(ulimit -d) is 40 MB" in done.stderr, done

# Behind it, wherever memory ends.
for megabytes in range(460, 860, 20):
    done = run_within(megabytes)
    assert done.returncode in (0, 4), (megabytes, done)
    if done.returncode == 4:
        assert "LibTorch needs" in done.stderr or "lower" in done.stderr, (megabytes, done.stderr)
job.remove()
