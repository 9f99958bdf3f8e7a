"""Encodings files of live aimet-torch and aimet-onnx 2.42 through qeval and back: every file is imported strictly, the
quantized network gives AIMET's classes, and what qeval exports of it is loaded by AIMET strictly.

usage: aimet_round_trips.py QEVAL [ARCH …] [--config NAME …] [--folder DIR] [--size N] [--differences N]

Files: aimet-torch by module names (0.6.1, save_encodings_to_json) for the network by its architecture; aimet-torch by
tensor names (sim.onnx.export: 0.6.1, 1.0.0, 2.0.0, with and without integer biases) for the ONNX file beside them,
whose weights are on their grids already; aimet-onnx (sim.export: the same versions) for the ONNX file. Prints one line
per file; exits 1 if one is refused or more classes differ than within one step of the output's grid. Needs what
compare_aimet_placement.py needs.
"""
import contextlib
import functools
import json
import pathlib
import sys
import tempfile

import aimet_sims
from compare_aimet_placement import Network, options_parser, quantization
from qeval_runs import Job

NETWORKS = ("resnet18", "mobilenet_v2", "squeezenet1_1", "shufflenet_v2_x0_5", "efficientnet_b0")
CONFIGS = ("default_per_tensor", "htp_v81")


class Trip:
    """One file: how qeval gets it, and how AIMET gets qeval's."""

    def __init__(self, name, arch, weights, mode, shares, encodings, load, quantized=contextlib.nullcontext):
        """`quantized`: what AIMET computes within it is what the file stands for."""
        self.name, self.arch, self.weights, self.mode, self.shares = name, arch, weights, mode, shares
        self.encodings, self.load, self.quantized = encodings, load, quantized


@contextlib.contextmanager
def int32_biases(sim, images):
    """With the quantizers that aimet-torch makes for the export alone: the file's biases are on their grids."""
    from aimet_torch.onnx import _concretize_int32_bias_quantizers
    with _concretize_int32_bias_quantizers(sim.model, images[:1]):
        yield


def torch_trips(network, sim, folder):
    aimet_sims.quiet(sim.save_encodings_to_json, str(folder), "modules")

    def load(document):
        sim.load_encodings(document, strict=True, partial=False)

    yield Trip("torch modules 0.6.1", network.arch, network.weights, "torch", False, folder / "modules.json", load)
    for version in ("0.6.1", "1.0.0", "2.0.0"):
        for biases in (False, True) if version == "2.0.0" else (False,):
            stem = f"torch-{version}" + ("-biases" if biases else "")
            aimet_sims.quiet(sim.onnx.export, network.images[:1], str(folder / f"{stem}.onnx"), dynamo=False,
                             encoding_version=version, export_int32_bias=biases, input_names=["input"],
                             output_names=["output"], dynamic_axes={"input": {0: "n"}, "output": {0: "n"}})
            yield Trip(f"torch tensors {version}" + (" biases" if biases else ""), "onnx", folder / f"{stem}.onnx",
                       "torch", True, folder / f"{stem}.encodings", None,
                       functools.partial(int32_biases, sim, network.images) if biases else contextlib.nullcontext)


def onnx_trips(network, sim, folder):
    from aimet_onnx.quantsim import load_encodings_to_sim

    def load(document):
        path = folder / "again.encodings"
        path.write_text(json.dumps(document))
        mismatches = load_encodings_to_sim(sim, str(path), strict=True)
        if mismatches:
            raise ValueError(f"AIMET found {len(mismatches)} mismatches: {mismatches[:2]}")

    for version in ("0.6.1", "1.0.0", "2.0.0"):
        for biases in (False, True):
            stem = f"onnx-{version}" + ("-biases" if biases else "")
            aimet_sims.quiet(sim.export, str(folder), stem, encoding_version=version, export_int32_bias=biases)
            yield Trip(f"onnx tensors {version}" + (" biases" if biases else ""), "onnx", network.onnx, "onnx", True,
                       folder / f"{stem}.encodings", load)


def agreement(mine, best):
    return sum(a in b for a, b in zip(mine, best))


def travel(options, network, trip, classes, config):
    """What to print of it, and whether all is well."""
    recipe = {**quantization(trip.mode, config), "share_module_quantizers": trip.shares,
              "encodings": {"import": str(trip.encodings)}}
    parameters = {} if trip.arch == "onnx" else {"input_size": options.size}
    job = Job(options.qeval, network.folder / f"{config}-{trip.name}".replace(" ", "-"), trip.arch, trip.weights,
              options.size, options.images, recipe, parameters)
    exported = job.run("0.6.1" if trip.name.endswith("modules 0.6.1") else trip.name.split()[2])
    with trip.quantized():
        same = agreement(job.classes(), classes())
    text = f"classes {same} of {options.images}"
    if trip.load:
        trip.load(exported)
        back = agreement(job.classes(), classes())
        text += f"; loaded by AIMET, classes {back} of {options.images}"
        same = min(same, back)
    return text, same == options.images


def main():
    options = options_parser(__doc__, NETWORKS, CONFIGS).parse_args()
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        options.folder = options.folder or pathlib.Path(scratch)
        for arch in options.archs:
            network = Network(options, arch)
            for front in options.front:
                for config in options.config:
                    good = travel_all(options, network, front, config) and good
    return 0 if good else 1


def travel_all(options, network, front, config):
    folder = network.folder / f"trips-{front}-{config}"
    folder.mkdir(exist_ok=True)
    if front == "onnx":
        network.job("onnx", config)  # exports the network
    sim = network.sim(front, config)
    classes = aimet_sims.torch_classes if front == "torch" else aimet_sims.onnx_classes
    good = True
    for trip in (torch_trips if front == "torch" else onnx_trips)(network, sim, folder):
        try:
            text, fine = travel(options, network, trip, lambda: classes(sim, network.images), config)
        except Exception as error:  # a refused file is a line of the table
            text, fine = f"failed: {type(error).__name__}: {str(error)[:1500]}", False
        good = good and fine
        print(f"{network.arch:20} {config:20} {trip.name:24} {text}", flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main())
