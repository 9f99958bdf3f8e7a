"""Compares where qeval places quantizers with live aimet-torch and aimet-onnx 2.42, in any torchvision classifier of
`qeval list archs`: seeded random weights, batch norms folded, W8A8 by minimum and maximum, 16 images.

usage: compare_aimet_placement.py QEVAL [ARCH …] [--front torch|onnx …] [--config NAME …] [--folder DIR]
           [--size N] [--kernels]

Quantizer by quantizer: does it exist on both sides, bits, symmetry, number of channels, the names that share it, and
its range, up to 1e-4 of its width; then the best classes of the quantized networks, those within one step of the
output's grid counted as equal. The front torch is mode aimet-torch-2 beside aimet-torch on the network after its
prepare_model; onnx is mode aimet-onnx-2 beside aimet-onnx on the file that torch.onnx exports (--exporter old or new).
With --kernels, the classes also of aimet-onnx's graph on PyTorch's kernels: those are qeval's, or a rule differs.
Prints one line per network and configuration and the first --differences of each kind; exits 1 if there is one. Needs
aimet-torch 2.42, aimet-onnx 2.42, torchvision, onnxscript and onnxruntime in the running Python, best in an environment
of its own.
"""
import argparse
import pathlib
import sys
import tempfile

import numpy as np
import onnx

import aimet_sims
from aimet_onnx_on_torch import GraphOnTorch
from qeval_runs import Job, write_images
from torchvision_logits import float_tensors, write_safetensors

FAMILIES = ("resnet18", "resnext50_32x4d", "regnet_x_400mf", "regnet_y_400mf", "mobilenet_v2", "mobilenet_v3_small",
            "efficientnet_b0", "efficientnet_b1", "densenet121", "squeezenet1_1", "shufflenet_v2_x0_5", "vgg11_bn",
            "mnasnet0_5", "convnext_tiny")
CONFIGS = ("default_per_tensor", "default", "htp_v68", "htp_v81")
TOLERANCE = 1e-4


def quantization(front, config):
    return {"mode": f"aimet-{front}-2", "scheme": "tf", "share_module_quantizers": front == "onnx", "config": config,
            "encodings": {"calibrate": {"samples": "all"}}}


def flat_entries(document):
    """Of a 0.6.1 file: name → list of encodings, with a module's sides as qeval names them."""
    entries = dict(document["param_encodings"])
    for name, value in document["activation_encodings"].items():
        if isinstance(value, list):
            entries[name] = value
            continue
        for side, by_index in value.items():
            for index, entry in by_index.items():
                entries[f"{name}:{side}" + (f"[{index}]" if index != "0" else "")] = [entry]
    return entries


def range_difference(aimet, encodings):
    """In widths of the range."""
    low, high = [np.array([encoding[end] for encoding in encodings]) for end in ("min", "max")]
    if low.size != aimet.low.size:
        return np.inf
    width = np.maximum(aimet.high - aimet.low, 1e-30)
    return float(np.max(np.maximum(np.abs(low - aimet.low), np.abs(high - aimet.high)) / width))


class Comparison:
    def __init__(self, placed, document, groups):
        """`groups`: name → names of its quantizer, as far as qeval knows them."""
        self.differences = {kind: [] for kind in ("missing", "extra", "setting", "sharing", "range")}
        entries = flat_entries(document)
        named = {name: placed[name] for name in placed}
        self.total = len(named)
        for name in sorted(entries.keys() - named.keys()):
            self.differences["extra"].append(name)
        partners = {}
        for name, quantizer in named.items():
            partners.setdefault(quantizer.group, set()).add(name)
        for name, quantizer in named.items():
            if name not in entries:
                if quantizer.low.size:
                    self.differences["missing"].append(name)
                continue
            self.compare(name, quantizer, entries[name])
            mine = set(groups.get(name, {name})) & set(entries)
            theirs = partners[quantizer.group] & set(entries)
            if mine != theirs:
                self.differences["sharing"].append(f"{name}: {sorted(mine)} instead of {sorted(theirs)}")

    def compare(self, name, quantizer, encodings):
        symmetric = encodings[0]["is_symmetric"] == "True"
        mine = (encodings[0]["bitwidth"], symmetric, len(encodings))
        theirs = (quantizer.bits, quantizer.symmetric, max(quantizer.channels, 1))
        if mine != theirs:
            self.differences["setting"].append(f"{name}: {mine} instead of {theirs}")
        elif quantizer.low.size and (by := range_difference(quantizer, encodings)) > TOLERANCE:
            self.differences["range"].append(
                f"{name}: {by:.2e}: [{encodings[0]['min']:.6g}, {encodings[0]['max']:.6g}] instead of "
                f"[{quantizer.low[0]:.6g}, {quantizer.high[0]:.6g}]")

    def count(self):
        return sum(map(len, self.differences.values()))


class Network:
    """A torchvision network with random weights, its images, and files of it."""

    def __init__(self, options, arch):
        self.options, self.arch, self.folder = options, arch, options.folder / arch
        self.folder.mkdir(parents=True, exist_ok=True)
        self.images = write_images(self.folder / "images", options.images, options.size, options.seed)
        self.model = aimet_sims.random_model(arch, options.size, options.seed)
        self.weights, self.onnx = self.folder / "weights.safetensors", self.folder / "network.onnx"
        write_safetensors(self.weights, float_tensors(self.model))

    def job(self, front, config):
        arch, weights, parameters = self.arch, self.weights, {"input_size": self.options.size}
        if front == "onnx":
            arch, weights, parameters = "onnx", self.onnx, {}
            if not self.onnx.exists():
                aimet_sims.export_onnx(self.model, self.options.size, self.onnx, self.options.exporter)
        return Job(self.options.qeval, self.folder / f"{front}-{config}", arch, weights, self.options.size,
                   self.options.images, quantization(front, config), parameters)

    def sim(self, front, config):
        if front == "torch":
            return aimet_sims.torch_sim(self.model, self.images, config)
        return aimet_sims.onnx_sim(self.onnx, self.images, config)

    def aimet(self, front, config):
        """What AIMET placed, and its classes. A given --folder keeps them: AIMET is slow, and does not change."""
        def compute():
            sim = self.sim(front, config)
            if front == "torch":
                return aimet_sims.torch_placed(sim, self.images[:1]), aimet_sims.torch_classes(sim, self.images)
            return aimet_sims.onnx_placed(sim), aimet_sims.onnx_classes(sim, self.images)
        return aimet_sims.stored(self.folder / f"aimet-{front}-{config}.json", compute)


def names_in_groups(job, front, network):
    """The plan names modules, which are nodes of an ONNX file; its encodings have the tensors' names."""
    groups = job.quantizer_groups()
    if front == "torch":
        return groups
    tensors = {}
    for node in onnx.load(network.onnx, load_external_data=False).graph.node:
        name = node.name or node.output[0]
        tensors[f"{name}:output"] = node.output[0]
        tensors.update({f"{name}:input": node.input[0]} if node.input else {})
    return {tensors.get(name, name): {tensors.get(other, other) for other in others}
            for name, others in groups.items()}


def compare(network, front, config, shown):
    job = network.job(front, config)
    placed, classes = network.aimet(front, config)
    document = job.run()
    result = Comparison(placed, document, names_in_groups(job, front, network))
    same = sum(mine in best for mine, best in zip(job.classes(), classes))
    kinds = ", ".join(f"{len(found)} {kind}" for kind, found in result.differences.items() if found) or "all equal"
    print(f"{network.arch:20} {front:5} {config:20} {result.total:5} quantizers: {kinds}; classes {same} of "
          f"{len(classes)}", flush=True)
    for kind, found in result.differences.items():
        for text in found[:shown]:
            print(f"    {kind}: {text}")
    if front == "onnx" and network.options.kernels:
        compare_kernels(network, config, flat_entries(document), job.classes())
    return result.count() == 0


def compare_kernels(network, config, entries, mine):
    graph = GraphOnTorch(network.sim("onnx", config), network.images)
    best = aimet_sims.best_classes(graph.run(network.images, entries)[0])
    same = sum(a in b for a, b in zip(mine, best))
    print(f"    AIMET's graph on PyTorch's kernels, with these ranges: classes {same} of {len(mine)}", flush=True)


def options_parser(description, archs, configs):
    """Of every script that sends networks through both front ends."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("qeval")
    parser.add_argument("archs", nargs="*", default=archs)
    parser.add_argument("--front", nargs="+", default=("torch", "onnx"))
    parser.add_argument("--config", nargs="+", default=configs)
    parser.add_argument("--exporter", choices=("old", "new"), default="old")
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    return parser


def main():
    parser = options_parser(__doc__, FAMILIES, CONFIGS)
    parser.add_argument("--differences", type=int, default=3)
    parser.add_argument("--kernels", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        options.folder = options.folder or pathlib.Path(scratch)
        good = True
        for arch in options.archs:
            network = Network(options, arch)
            for front in options.front:
                for config in options.config:
                    try:
                        good = compare(network, front, config, options.differences) and good
                    except Exception as error:  # one network's failure is a line of the table
                        print(f"{arch:20} {front:5} {config:20} failed: {type(error).__name__}: {error}", flush=True)
                        good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
