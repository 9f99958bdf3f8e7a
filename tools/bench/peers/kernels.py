"""What kernel_bench says of one kernel: its rates on layers and the peak of its instructions, one core."""
import re
import subprocess


class Layer:
    def __init__(self, name, rate, peak):
        self.name, self.rate, self.peak = name, rate, peak


def measure_kernel(program, kernel, environment):
    """Layers with billions of products per second; the peak is 0 for the portable kernel, which has none."""
    said = subprocess.run([program, kernel], capture_output=True, text=True, check=True, env=environment).stdout
    row = re.compile(r"^(\S.{21})\s+([\d.]+)\s+[\d.]+\s+([\d.]+)", re.MULTILINE)
    return [Layer(name.strip(), float(rate), float(peak)) for name, rate, peak in row.findall(said)]
