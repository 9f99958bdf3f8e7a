"""Too little memory ends in one message that says what to change: never in an abort, and never as a bug of qeval's."""
import os
import re
import resource
import subprocess

from fixture import QEVAL, Job, skip

if "libasan" in subprocess.run(["ldd", QEVAL], capture_output=True, text=True).stdout:
    skip("AddressSanitizer itself takes terabytes of address space")

job = Job(images=16)


def run_within(megabytes, kind=resource.RLIMIT_AS, options=()):
    def limit():
        resource.setrlimit(kind, (megabytes << 20, megabytes << 20))
    return subprocess.run([QEVAL, "run", str(job.file), "--db", str(job.database(f"{kind}-{megabytes}.db")), "--progress",
                           "none", "--variant", "w8a8", *options], capture_output=True, text=True, timeout=600,
                          preexec_fn=limit)


def refused(megabytes, kind=resource.RLIMIT_AS):
    """Before LibTorch is opened, which would abort. What it needs and what was in use, as the message says."""
    what, option = ("address space", "-v") if kind == resource.RLIMIT_AS else ("data", "-d")
    done = run_within(megabytes, kind)
    found = re.fullmatch(rf"qeval: LibTorch needs (\d+) MB of {what} beside the (\d+) MB in use, but the limit "
                         rf"\(ulimit {option}\) is {megabytes} MB; raise it, or lift it with: ulimit {option} "
                         r"unlimited\n", done.stderr)
    assert done.returncode == 4 and found, (megabytes, done)
    return int(found[1]), int(found[2])


# What is needed depends on the build of LibTorch, so the program is asked first, within what it needs itself.
needed, used = refused(150)
for megabytes in {150 + (needed - 150) * part // 5 for part in range(1, 6)}:
    assert refused(megabytes)[0] == needed, megabytes
data_needed, _ = refused(40, resource.RLIMIT_DATA)
assert refused(data_needed - 1, resource.RLIMIT_DATA)[0] == data_needed

# Enough for LibTorch and not for the network: the activations of this batch alone are larger.
for more in (100, 200, 300):
    done = run_within(needed + used + more, options=["--set", "run.batch_size=1024", "--set", "run.threads=1"])
    advice = "(in node conv1); out of memory: lower run.batch_size or run.replicas\n"
    assert done.returncode == 4 and advice in done.stderr, done

# Ample: every thread has a stack, and a heap of its own until LibTorch is there.
done = run_within(2 * (needed + used) + 1024 + 128 * os.cpu_count())
assert done.returncode == 0 and "w8a8" in done.stdout, done
job.remove()
