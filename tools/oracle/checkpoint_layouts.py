#!/usr/bin/env python3
"""Checkpoints of one small network as training scripts write them, read by qeval and by torch.

    checkpoint_layouts.py PROBE [--keep FOLDER] [--case NAME]
    checkpoint_layouts.py build/release/tools/oracle/checkpoint_probe

Needs torch and numpy, in an environment of their own. Every case is one file: what torchvision's references, timm,
Lightning, pytorch/examples, torch.compile, DataParallel, EMA and SWA write, in both formats and several precisions. A
case loads with the right dictionary and torch's logits, or is refused with the reason it states; where the refusal gives
lines of Python, they are run and what they write must load. Prints a line for each; exit status 1 if one is wrong.
"""
import argparse
import collections
import copy
import datetime
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import types

import numpy
import torch
from torch import nn

ARCH, IMAGES = "resnet20_downsample", 4


class Block(nn.Module):
    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = None
        if stride != 1 or inputs != channels:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1, self.relu = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()
        self.layer1 = nn.Sequential(Block(16, 16, 1), Block(16, 16, 1), Block(16, 16, 1))
        self.layer2 = nn.Sequential(Block(16, 32, 2), Block(32, 32, 1), Block(32, 32, 1))
        self.layer3 = nn.Sequential(Block(32, 64, 2), Block(64, 64, 1), Block(64, 64, 1))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(64, 10)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.relu(self.bn1(self.conv1(x))))))
        return self.fc(self.avgpool(x).flatten(1))


class StateOfMine(collections.OrderedDict):
    pass


class ConfigOfMine:
    def __init__(self):
        self.lr = 0.1


class Attack:
    def __reduce__(self):
        return os.system, ("echo executed >&2",)


def foreign_class(module, name, base=object):
    """A class as an absent package would define it."""
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:length]), types.ModuleType(".".join(parts[:length])))
    made = type(name, (base,), {"__module__": module})
    setattr(sys.modules[module], name, made)
    return made


def made_network(seed):
    torch.manual_seed(seed)
    network = ResNet20()
    for norm in [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]:
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.bias, 0, 0.2)
        nn.init.normal_(norm.running_mean, 0, 0.2)
        nn.init.uniform_(norm.running_var, 0.5, 2)
    return network.eval()


def prefixed(state, *prefixes):
    """With a further prefix for every network of several."""
    return {prefix + name: tensor for prefix in prefixes for name, tensor in state.items()}


def cast(state, dtype):
    return {name: tensor.to(dtype) if tensor.is_floating_point() else tensor for name, tensor in state.items()}


def fused(network):
    network = copy.deepcopy(network)
    for parent in [network, *(module for module in network.modules() if isinstance(module, Block))]:
        for number in ("1", "2"):
            if hasattr(parent, "bn" + number):
                conv = nn.utils.fusion.fuse_conv_bn_eval(getattr(parent, "conv" + number), getattr(parent, "bn" + number))
                setattr(parent, "conv" + number, conv)
                delattr(parent, "bn" + number)
        if getattr(parent, "downsample", None) is not None:
            parent.downsample = nn.Sequential(nn.utils.fusion.fuse_conv_bn_eval(*parent.downsample))
    return network.state_dict()


def in_one_storage(state):
    flat = torch.cat([tensor.reshape(-1) for tensor in state.values() if tensor.is_floating_point()])
    views, at = {}, 0
    for name, tensor in state.items():
        if tensor.is_floating_point():
            views[name] = flat[at:at + tensor.numel()].view(tensor.shape)
            at += tensor.numel()
    return views


class Cases:
    """name → what is saved and how, and what is to come of it."""

    def __init__(self):
        self.network, self.average = made_network(1), made_network(2)
        self.state, self.ema = self.network.state_dict(), self.average.state_dict()
        self.listed = []
        self.plain()
        self.wrapped()
        self.of_scripts()
        self.beside()
        self.refused()

    def add(self, name, saved, says="", key=None, expected=None, refusal=None, **how):
        self.listed.append((name, saved, how, key, says, self.state if expected is None else expected, refusal))

    def optimizer(self, kind=torch.optim.SGD):
        network = copy.deepcopy(self.network)
        optimizer = kind(network.parameters(), lr=0.1, **({"momentum": 0.9} if kind is torch.optim.SGD else {}))
        network.train()(torch.randn(2, 3, 32, 32)).sum().backward()
        optimizer.step()
        return optimizer

    def scheduler(self):
        return torch.optim.lr_scheduler.StepLR(self.optimizer(), 30)

    def plain(self):
        legacy = {"_use_new_zipfile_serialization": False}
        self.add("state dict", self.state)
        self.add("state dict, legacy", self.state, **legacy)
        self.add("plain dict", dict(self.state))
        for protocol in (3, 4, 5):
            self.add(f"protocol {protocol}", self.state, pickle_protocol=protocol)
            self.add(f"protocol {protocol}, legacy", self.state, pickle_protocol=protocol, **legacy)
        for dtype in (torch.float16, torch.bfloat16, torch.float64):
            reduced = cast(self.state, dtype)
            self.add(str(dtype), reduced, expected=cast(reduced, torch.float32))
            self.add(f"{dtype}, legacy", reduced, expected=cast(reduced, torch.float32), **legacy)
        parameters = {**dict(self.network.named_parameters()), **dict(self.network.named_buffers())}
        self.add("parameters and buffers", parameters)
        marked = {name: nn.Parameter(tensor.clone(), tensor.is_floating_point()) for name, tensor in self.state.items()}
        for parameter in marked.values():
            parameter.mark = "mine"
        self.add("parameters with attributes", marked)
        self.add("views of one storage", in_one_storage(self.state))
        self.add("channels last", {name: tensor.contiguous(memory_format=torch.channels_last) if tensor.dim() == 4 else
                                   tensor for name, tensor in self.state.items()})
        self.add("counters as floats", {name: tensor.float() for name, tensor in self.state.items()}, "counters left out")
        self.add("counters of a profiler", {**self.state, "total_ops": torch.zeros(1), "conv1.total_params": torch.zeros(1)},
                 "counters left out")
        self.add("fused", fused(self.network), "folded into their convolutions: 21")

    def wrapped(self):
        self.add("DataParallel", nn.DataParallel(self.network).state_dict(), '"module."')
        compiled = torch.compile(self.network)
        self.add("torch.compile", compiled.state_dict(), '"_orig_mod."')
        self.add("DataParallel of compiled", prefixed(self.state, "module._orig_mod."), '"module._orig_mod."')
        self.add("compiled DataParallel", prefixed(self.state, "_orig_mod.module."), '"_orig_mod.module."')
        self.add("SWA, the whole model", torch.optim.swa_utils.AveragedModel(self.network).state_dict(), '"module."')
        self.add("EMA of DataParallel", prefixed(self.state, "module.module."), '"module.module."')
        self.add("attribute net", prefixed(self.state, "net."), '"net."')
        self.add("attribute backbone and a loss", {**prefixed(self.state, "backbone."), "criterion.weight": torch.ones(10)},
                 '"backbone."')
        self.add("attribute model and a loss", {**prefixed(self.state, "model."), "criterion.weight": torch.ones(10)},
                 '"model."')
        self.add("two networks", {**prefixed(self.state, "student."), **prefixed(self.ema, "teacher.")},
                 refusal="several networks, under 'student.', 'teacher.'")

    def of_scripts(self):
        arguments = argparse.Namespace(model="resnet20", lr=0.1, data_path="/data", device=torch.device("cpu"),
                                       output=pathlib.PurePosixPath("out"), nested=argparse.Namespace(a=[1, (2, None)]))
        averaged = torch.optim.swa_utils.AveragedModel(self.average)
        vision = {"model": self.state, "optimizer": self.optimizer().state_dict(),
                  "lr_scheduler": self.scheduler().state_dict(), "epoch": 89, "args": arguments}
        self.add("torchvision", vision, "[model]")
        self.add("torchvision, legacy", vision, "[model]", _use_new_zipfile_serialization=False)
        with_ema = {**vision, "model_ema": averaged.state_dict(), "scaler": {"scale": 65536.0, "growth_factor": 2.0}}
        self.add("torchvision with EMA", with_ema, "[model]")
        self.add("torchvision, EMA chosen", with_ema, "[model_ema]", key="model_ema", expected=self.ema)
        example = {"epoch": 90, "arch": "resnet18", "state_dict": prefixed(self.state, "module."),
                   "best_acc1": torch.tensor(69.76), "optimizer": self.optimizer().state_dict(),
                   "scheduler": self.scheduler().state_dict()}
        self.add("pytorch/examples", example, "[state_dict]")
        self.add("pytorch/examples, legacy", example, "[state_dict]", _use_new_zipfile_serialization=False)
        self.add("pytorch/examples, numpy accuracy", {**example, "best_acc1": numpy.float64(69.76)}, "[state_dict]")
        self.add("pytorch/examples, Adam", {**example, "optimizer": self.optimizer(torch.optim.Adam).state_dict()},
                 "[state_dict]")
        timm = {"epoch": 12, "arch": "resnet20", "state_dict": self.state, "optimizer": self.optimizer().state_dict(),
                "version": 2, "args": arguments, "amp_scaler": {"scale": 1.0}, "metric": numpy.float64(71.5),
                "state_dict_ema": self.ema}
        self.add("timm", timm, "[state_dict]")
        self.add("timm, EMA chosen", timm, "[state_dict_ema]", key="state_dict_ema", expected=self.ema)
        self.add("timm, published", {"state_dict": cast(self.state, torch.float16)}, "[state_dict]",
                 expected=cast(cast(self.state, torch.float16), torch.float32))
        lightning = {"epoch": 3, "global_step": 100, "pytorch-lightning_version": "2.5.0",
                     "state_dict": prefixed(self.state, "model."), "loops": {"fit_loop": {"state_dict": {}}},
                     "callbacks": {"ModelCheckpoint{'monitor': 'val_acc'}": {"best_model_score": torch.tensor(0.7),
                                                                            "best_k_models": {"a.ckpt": torch.tensor(1.)}}},
                     "optimizer_states": [self.optimizer(torch.optim.AdamW).state_dict()],
                     "lr_schedulers": [self.scheduler().state_dict()], "hparams_name": "kwargs",
                     "hyper_parameters": {"lr": 1e-3, "classes": {"a", "b"}}}
        self.add("Lightning", lightning, "[state_dict]")
        attributes = foreign_class("lightning.fabric.utilities.data", "AttributeDict", dict)
        self.add("Lightning, AttributeDict", {**lightning, "hyper_parameters": attributes(lr=1e-3)}, "[state_dict]")
        self.add("Lightning, compiled", {**lightning, "state_dict": prefixed(self.state, "model._orig_mod.")},
                 '"model._orig_mod."')
        swa = {"epoch": 10, "state_dict": self.state, "swa_state_dict": averaged.state_dict(), "swa_n": 5,
               "optimizer": self.optimizer().state_dict()}
        self.add("SWA", swa, "[state_dict]")
        self.add("SWA chosen", swa, "[swa_state_dict]", key="swa_state_dict", expected=self.ema)
        self.add("mmcv", {"meta": {"time": "Mon", "env": {"a": 1}}, "state_dict": prefixed(self.state, "backbone.")},
                 '[state_dict] ')
        self.add("CIFAR script", {"net": prefixed(self.state, "module."), "acc": 93.1, "epoch": 5}, "[net]")
        self.add("tutorial", {"epoch": 5, "model_state_dict": self.state, "loss": torch.tensor(0.3),
                              "optimizer_state_dict": self.optimizer().state_dict()}, "[model_state_dict]")
        self.add("DeepSpeed", {"module": self.state, "ds_version": "0.16", "dp_world_size": 1}, "[module]")
        self.add("Composer", {"state": {"model": prefixed(self.state, "module."), "timestamp": {"epoch": 3}},
                              "rng": [{"python": (3, (1, 2), None)}]}, "[state.model]")
        self.add("nested, chosen", {"run": {"model": self.state, "ema": self.ema}}, "[run.ema]", key="run.ema",
                 expected=self.ema)

    def beside(self):
        whole = {"state_dict": self.state}
        history = collections.defaultdict(list, loss=[0.1])
        for name, value in (("namespace", types.SimpleNamespace(a=1)), ("path", pathlib.PosixPath("/tmp/run")),
                            ("time", datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)), ("history", history),
                            ("sets", [{1, 2}, frozenset("ab")]), ("counts", collections.Counter("aab")),
                            ("numpy array", numpy.arange(6.).reshape(2, 3)), ("numpy bool", numpy.bool_(True)),
                            ("large numbers", [2**80, -2**70, 1j, b"\x00\xff", bytearray(b"ab")]), ("dtype", torch.float16),
                            ("size", self.state["conv1.weight"].shape)):
            self.add("beside: " + name, {**whole, "beside": value}, "[state_dict]")
        self.add("beside: numpy array, protocol 5", {**whole, "beside": numpy.arange(6.)}, "[state_dict]", pickle_protocol=5)

    def refused(self):
        self.add("several dictionaries", {"student": self.state, "teacher": self.ema},
                 refusal="several dictionaries of weights are in the checkpoint: 'student', 'teacher'; choose one with "
                         "model.state_dict: KEY")
        self.add("several, chosen", {"student": self.state, "teacher": self.ema}, "[teacher]", key="teacher",
                 expected=self.ema)
        self.add("whole module", self.network, refusal="'__main__.ResNet20'")
        self.add("whole module, legacy", self.network, refusal="'__main__.ResNet20'", _use_new_zipfile_serialization=False)
        self.add("module under a key", {"model": self.network, "epoch": 3}, refusal="'__main__.ResNet20'")
        self.add("module under ema beside another", {"ema": self.average, "model": self.network, "updates": 5},
                 refusal="'__main__.ResNet20'")
        self.add("dict of a class", StateOfMine(self.state), refusal="'__main__.StateOfMine'")
        self.add("dict of a class under a key", {"state_dict": StateOfMine(self.state)}, refusal="'__main__.StateOfMine'")
        self.add("configuration of a class", {"state_dict": self.state, "config": ConfigOfMine()},
                 refusal="'__main__.ConfigOfMine'")
        self.add("whole optimizer", {"state_dict": self.state, "optimizer": self.optimizer()},
                 refusal="'torch.optim.sgd.SGD'")
        self.add("command beside", {"state_dict": self.state, "x": Attack()}, refusal="'posix.system'")
        self.add("TorchScript", torch.jit.script(self.network), refusal="is a TorchScript archive")
        self.add("numpy arrays", {name: tensor.numpy() for name, tensor in self.state.items()},
                 refusal="no state dict among the checkpoint's keys")
        missing = {name: tensor for name, tensor in self.state.items() if name != "layer2.0.bn1.weight"}
        self.add("a tensor too few", missing, refusal="missing (1): layer2.0.bn1.weight")


class Probe:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def answer(self):
        kind, size = self.process.stdout.readline().decode().split()
        return kind, self.process.stdout.read(int(size))

    def ask(self, file, key, images):
        """What was said, and logits or why there are none."""
        line = f"{len(images)} {images.size} {ARCH} num_classes=10 {key or '-'} {file}\n"
        self.process.stdin.write(line.encode() + images.tobytes())
        self.process.stdin.flush()
        kind, content = self.answer()
        said = ""
        if kind == "said":
            said = content.decode()
            kind, content = self.answer()
        return said, numpy.frombuffer(content, "<f4").reshape(len(images), -1) if kind == "logits" else content.decode()


def wrong_logits(state, logits, images):
    if isinstance(logits, str):
        return logits
    network = made_network(3)
    network.load_state_dict(state)
    with torch.no_grad():
        wanted = network(torch.from_numpy(images)).numpy()
    error = numpy.abs(logits - wanted).max() / numpy.abs(wanted).max()
    return "" if error < 1e-5 else f"logits differ by {error:.1e} of the largest"


def follow_advice(refusal, file, folder):
    """Runs the lines of Python that a refusal gives. None: it gives none."""
    lines = refusal.split("\n  ")[1:]
    if not lines or lines[0] != "import torch":
        return None
    written = folder / "weights.pth"
    written.unlink(missing_ok=True)
    text = "\n".join(lines).replace('"FILE"', repr(str(file))).replace('"weights.pth"', repr(str(written)))
    exec(text, {})  # the lines are the program's own
    return written


def verdict(probe, case, folder, images):
    name, saved, how, key, says, state, refusal = case
    file = folder / (re.sub(r"\W+", "_", name) + ".pth")
    if isinstance(saved, torch.jit.ScriptModule):
        torch.jit.save(saved, file)
    else:
        torch.save(saved, file, **how)
    said, logits = probe.ask(file, key, images)
    if refusal is None:
        return wrong_logits(state, logits, images) or ("" if says in said else f"said {said!r}"), said
    if not isinstance(logits, str) or refusal not in logits:
        return f"not refused for {refusal!r}: {logits}", said
    if "posix" in refusal:
        return "", "refused"
    written = follow_advice(logits, file, folder)
    if written is None:
        return "", "refused"
    said, logits = probe.ask(written, None, images)
    problem = wrong_logits(state, logits, images)
    return problem and "the way out leads nowhere: " + problem, "refused, and its way out taken"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("probe")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--case")
    options = parser.parse_args()
    images = numpy.random.default_rng(1).standard_normal((IMAGES, 3, 32, 32)).astype("<f4")
    probe, wrong, loaded = Probe(options.probe), 0, 0
    cases = [case for case in Cases().listed if options.case in (None, case[0])]
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for case in cases:
            problem, said = verdict(probe, case, folder, images)
            wrong += bool(problem)
            loaded += case[6] is None
            print(f"{'WRONG ' if problem else 'right '} {case[0]}: {problem or said}", flush=True)
    print(f"{len(cases)} checkpoints: {loaded} to load, {len(cases) - loaded} to refuse; {wrong} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
