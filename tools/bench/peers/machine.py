"""What this machine is, and how far its instruction sets are used."""
import os
import platform
import re

# Instruction sets in ascending order: qeval's word, what Linux calls the last one of them, how tables call it, the
# kernel of kernel_bench, and what limits oneDNN (in torch and OpenVINO), ATen and MKL to it.
LEVELS = [
    ("baseline", None, "baseline", "portable", "SSE41", "default", "SSE4_2"),
    ("avx2", "avx2", "AVX2", "avx2", "AVX2", "avx2", "AVX2"),
    ("avx-vnni", "avx_vnni", "AVX-VNNI", "avx-vnni", "AVX2_VNNI", "avx2", "AVX2"),
    ("avx512", "avx512_vnni", "AVX512-VNNI", "avx512-vnni", "AVX512_CORE_VNNI", "avx512", "AVX512"),
    ("amx", "amx_int8", "AMX", "amx", "AVX512_CORE_AMX", "avx512", "AVX512"),
]
NAMES = [level[0] for level in LEVELS]


def cpu_field(name):
    with open("/proc/cpuinfo") as file:
        found = re.search(rf"^{name}\s*:\s*(.*)$", file.read(), re.MULTILINE)
    return found.group(1) if found else ""


class Machine:
    """`limit`: the highest instruction set that may be used, or None."""

    def __init__(self, limit):
        flags = cpu_field("flags").split()
        present = [level for level in LEVELS if level[1] is None or level[1] in flags]
        allowed = [level for level in present if limit is None or NAMES.index(level[0]) <= NAMES.index(limit)]
        self.limited = allowed[-1] != present[-1]
        self.isa, _, self.title, self.kernel, onednn, aten, mkl = allowed[-1]
        self.model = cpu_field("model name") or platform.machine()
        self.cores = len(os.sched_getaffinity(0))
        self.numbers = f"family {cpu_field('cpu family')}, model {cpu_field('model')}"
        self.environment = dict(os.environ)
        if self.limited:
            self.environment.update(QEVAL_MAX_ISA=self.isa, ONEDNN_MAX_CPU_ISA=onednn, ATEN_CPU_CAPABILITY=aten,
                                    MKL_ENABLE_INSTRUCTIONS=mkl)

    @property
    def heading(self):
        return f"{self.model}, {self.title}, {self.cores} cores"
