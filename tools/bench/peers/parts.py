"""The parts of the comparison. Each measures, and returns the text of its section."""
import subprocess
import sys

import engines
import results
from contenders import SLOW_SECONDS, Process, measure_commands, measure_in_turn, run_command
from kernels import measure_kernel
from material import BATCH, MODE, SOURCE

EXECUTORS = ("float", "simulated", "simulated-exact", "integer")
HERE = SOURCE / "tools/bench/peers"
PROGRAMS = SOURCE / "build/release/tools/bench"
OPENVINO_INT8 = ("OpenVINO int8, 1 stream", "OpenVINO int8, 2 streams")
OPENVINO_FLOAT = ("OpenVINO float, 1 stream", "OpenVINO float, 2 streams")
# Rounding in float decides between two classes now and then.
SAME_NETWORK = 0.95
# What is divided by what; of several peers, by the fastest.
SPEED_RATIOS = (
    ("qeval integer", *OPENVINO_INT8), ("qeval integer", "onnxruntime QDQ"), ("qeval integer", "aimet-torch QuantSim"),
    ("qeval integer", "qeval float"), ("qeval integer", "qeval simulated-exact"),
    ("qeval float", "onnxruntime float"), ("qeval float", "LibTorch eager"), ("qeval float", *OPENVINO_FLOAT),
    ("qeval simulated", "qeval float"), ("qeval simulated", "aimet-torch QuantSim"),
    ("qeval simulated-exact", "qeval float"), ("qeval simulated-exact", "aimet-torch QuantSim"))


def peers(machine):
    """Names of engines that obey the limit of instruction sets."""
    return [name for name in engines.ENGINES if not (machine.limited and name.startswith("onnxruntime"))]


def start_peer(name, material, machine):
    command = [sys.executable, HERE / "engines.py", name, material.folder, machine.cores]
    return Process(name, command, machine.environment)


def start_executor(kind, material, machine):
    command = [PROGRAMS / "executor_server", material.arch, kind, "--weights", material.folder / "weights.safetensors",
               "--encodings", material.folder / "network.encodings", "--mode", MODE, "--batch-size", BATCH,
               "--threads", machine.cores]
    return Process(f"qeval {kind}", command, machine.environment)


def calibrate_aimet(material, machine):
    if (material.folder / "aimet_torch.json").exists():
        return
    run_command([sys.executable, HERE / "aimet_sim.py", material.folder, "--calibrate"], machine.environment,
                material.folder)


def speed(material, machine, options, say):
    calibrate_aimet(material, machine)
    processes = [start_executor(kind, material, machine) for kind in EXECUTORS]
    processes += [start_peer(name, material, machine) for name in peers(machine)]
    figures = measure_in_turn(processes, options.rounds, options.seconds, BATCH * machine.cores, say)
    macs = products(material)
    text = (f"Batch {BATCH}, {machine.cores} threads, decoding excluded, {options.rounds} rounds; "
            f"{macs * 1e-9:.2f} billion products an image. OpenVINO's int8 computes beside the integers in what it "
            f"takes by itself, bf16 where the processor has it; its float network in f32.\n\n")
    text += results.ratio_table(SPEED_RATIOS, figures) + "\n" + results.speed_table(figures)
    return text + "\n" + share_of_peak(figures["qeval integer"], macs, machine)


def products(material):
    """Of one image. In a process of its own, as all that needs much memory: a process starts with its parent's peak."""
    said = subprocess.run([sys.executable, HERE / "onnx_products.py", material.folder / "float.onnx"], check=True,
                          capture_output=True, text=True)
    return int(said.stdout)


def share_of_peak(figures, macs, machine):
    """Of all cores, the peak being measured right now."""
    peak = max(layer.peak for layer in measure_kernel(PROGRAMS / "kernel_bench", machine.kernel, machine.environment))
    if peak == 0:
        return ""
    median = figures.median() * macs * 1e-9
    return (f"qeval integer: {median:.0f} billion products a second, {100 * median / peak / machine.cores:.1f} % of "
            f"what {machine.title}'s instructions do from registers ({peak:.0f} a core).\n")


def end_to_end(material, machine, options, say):
    """Photos to stored predictions, or to printed classes, start included, in turn."""
    calibrate_aimet(material, machine)
    aimet = "aimet-torch QuantSim"
    qeval = [material.program, "run", "job.yaml", "--progress", "none", "--variant"]
    commands = {"qeval integer": [*qeval, "integer"], "qeval float": [*qeval, "float"],
                aimet: [sys.executable, HERE / "aimet_sim.py", material.folder]}

    def run(command, number):
        database = [] if command[0] == sys.executable else ["--db", f"{command[-1]}{number}.db"]
        return run_command([*command, *database], material.environment, material.folder)

    figures = measure_commands(commands, material.images, options, run, say)
    pairs = (("qeval integer", aimet), ("qeval float", aimet), ("qeval integer", "qeval float"))
    text = (f"{material.images} JPEGs, whole commands from their start, {options.rounds} rounds, of which "
            f"what takes more than {SLOW_SECONDS} s has {min(options.slow_rounds, options.rounds)}: `qeval run` to "
            f"stored predictions; a script with Pillow, torchvision and a DataLoader of 2 workers. Encodings are there "
            f"beforehand.\n\n")
    text += results.ratio_table(pairs, figures) + "\n" + results.speed_table(figures)
    return text + "\n" + results.memory_row("qeval integer", aimet, figures) + "\n"


def kernels(material, machine, options, say):
    layers = measure_kernel(PROGRAMS / "kernel_bench", machine.kernel, machine.environment)
    rows = [[layer.name, results.number(layer.rate), f"{100 * layer.rate / layer.peak:.0f} %" if layer.peak else "–"]
            for layer in layers]
    peak = max(layer.peak for layer in layers)
    text = f"One core, layers of ResNeXt101_32x8d; the instructions alone, from registers: {results.number(peak)}.\n\n"
    return text + results.table(["layer", "billion products a second", "share of the peak"], rows)


def agreement(material, machine, options, say):
    """Whether all engines compute the same network: their best classes on some photos. Ends the program where one of
    the float ones computes another: what is measured of it would say nothing."""
    calibrate_aimet(material, machine)
    rows, count = [], options.agreement
    wanted = {"float": material.predictions("float", count), "integer": material.predictions("integer", count)}
    for name in peers(machine):
        if name.endswith("1 stream"):
            continue
        say(name)
        process = start_peer(name, material, machine)
        classes = [int(word) for word in process.ask("classes").split()]
        process.close()
        against = "float" if "float" in name or "eager" in name else "integer"
        same = sum(a == b for a, b in zip(wanted[against], classes, strict=True))
        if against == "float" and same < SAME_NETWORK * count:
            raise SystemExit(f"compare-peers: {name} computes another network: qeval's class on {same} of {count}")
        rows.append([name, f"qeval {against}", f"{same} of {count}"])
    changed = sum(a != b for a, b in zip(*wanted.values()))
    text = (f"The best class on {count} photos ({len(set(wanted['float']))} different ones in float, {changed} change "
            f"by quantizing). QuantSim has ranges of its own.\n\n")
    return text + results.table(["engine", "against", "same class"], rows)


PARTS = {"agreement": agreement, "speed": speed, "end-to-end": end_to_end, "kernels": kernels}
