"""Runs the model zoo's evaluation on a small ResNeXt, once with live aimet-torch 2.42 and once by `qeval zoo`, and
compares the classes of all images.

usage: compare_aimet_zoo.py QEVAL PHOTOS [--images N] [--seed S]

QEVAL is the built program, PHOTOS a folder of class folders with JPEGs (../shared/data/imagenet-sample/val). Needs
aimet-torch, torch and torchvision in the running Python, best in an environment of its own.

The network is torchvision's ResNet of four bottlenecks in 32 groups with random weights. AIMET equalizes it, which folds
its batch norms, and calibrates it on two images per class, unprepared: one ReLU module for many calls. What it writes
then, state dict and encodings, is what the zoo published. `qeval zoo` runs it from a folder with val/ beside train/ and
from the class folders themselves, and calibrates without it. Prints a line for each; exits 1 unless AIMET's class is the
answer for every image. A class counts as AIMET's if its logit there equals the largest.
"""
import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import torch
import torchvision
from aimet_torch.common import quantsim_config
from aimet_torch.cross_layer_equalization import equalize_model
from aimet_torch.quantsim import QuantizationSimModel
from PIL import Image
from torchvision.models.resnet import Bottleneck, ResNet

from torchvision_logits import randomize

GROUPS, WIDTH, BATCH = 32, 4, 32
PER_TENSOR = pathlib.Path(quantsim_config.__file__).with_name("default_config.json")
PIXELS = torchvision.transforms.Compose([
    torchvision.transforms.Resize(248), torchvision.transforms.CenterCrop(224), torchvision.transforms.ToTensor(),
    torchvision.transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])


def make_folders(root, photos, classes):
    """One photo per class to evaluate, two others to calibrate on. Returns both lists in the order of the folders."""
    files = sorted(photos.glob("*/*.*"))
    assert len(files) >= 3 * classes, f"{photos} holds {len(files)} photos, {3 * classes} are needed"
    sets = {"val": [], "train": []}
    for index in range(classes):
        for name, chosen in (("val", files[index:index + 1]),
                             ("train", files[classes + 2 * index:classes + 2 * index + 2])):
            folder = root / name / f"c{index:04d}"
            folder.mkdir(parents=True)
            for file in chosen:
                (folder / file.name).symlink_to(file.resolve())
            sets[name] += sorted(folder.iterdir())
    return sets["val"], sets["train"]


def batches(files):
    for at in range(0, len(files), BATCH):
        yield torch.stack([PIXELS(Image.open(file).convert("RGB")) for file in files[at:at + BATCH]])


def published_by_aimet(folder, classes, seed, val, train):
    """Writes float.pth, folded.pth and net_torch.json. Returns AIMET's logits of the float and the quantized
    network."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = ResNet(Bottleneck, [1, 1, 1, 1], groups=GROUPS, width_per_group=WIDTH, num_classes=classes).eval()
    with torch.no_grad():
        randomize(network, 224, generator)
        network.eval()
        torch.save(network.state_dict(), folder / "float.pth")
        images = list(batches(val))
        floats = torch.cat([network(batch) for batch in images])
        equalize_model(network, (1, 3, 224, 224))
        torch.save(network.state_dict(), folder / "folded.pth")
        sim = QuantizationSimModel(network, images[0][:1], quant_scheme="tf_enhanced",
                                   config_file=str(PER_TENSOR))

        def calibrate(model, *_):
            for batch in batches(train):
                model(batch)

        sim.compute_encodings(calibrate)
        sim.save_encodings_to_json(str(folder), "net_torch")
        return floats, torch.cat([sim.model(batch) for batch in images])


def qeval_zoo(program, folder, classes, database, dataset, mode, *arguments):
    """Returns what it says and, by variant, the classes in the order of the images."""
    parameters = f"{{block: bottleneck, layers: [1, 1, 1, 1], groups: {GROUPS}, width_per_group: {WIDTH}, " \
                 f"num_classes: {classes}}}"
    sets = {"model.arch": "resnet", "model.parameters": parameters, "quantization.mode": mode}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RESNEXT101_")}
    done = subprocess.run([program, "zoo", "resnext101_w8a8", "--dataset-path", dataset, "--use-cuda", "false",
                           "--weights", folder / "float.pth", "--db", database, "--progress", "none", *arguments,
                           *(part for path, value in sets.items() for part in ("--set", f"{path}={value}"))],
                          capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    history = subprocess.run([program, "history", "--db", database, "--format", "json"], capture_output=True, text=True,
                             check=True).stdout
    answers = {}
    for run in json.loads(history):
        table = subprocess.run([program, "show", run["name"], "--db", database, "--predictions", "--format", "csv"],
                               capture_output=True, text=True, check=True).stdout
        answers[run["variant"]] = [int(row["top1"]) for row in csv.DictReader(table.splitlines())]
    return done, answers


def agreeing(logits, classes):
    chosen = logits[torch.arange(len(logits)), torch.tensor(classes)]
    return int((chosen == logits.max(dim=1).values).sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("photos", type=pathlib.Path)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qeval-zoo-") as name:
        folder = pathlib.Path(name)
        val, train = make_folders(folder, options.photos, options.images)
        floats, quantized = published_by_aimet(folder, options.images, options.seed, val, train)
        print(f"AIMET: {len(quantized.argmax(dim=1).unique())} different classes on {len(val)} images, "
              f"{int((floats.argmax(dim=1) != quantized.argmax(dim=1)).sum())} other than in float")
        artifacts = ["--quantized-weights", folder / "folded.pth", "--encodings", folder / "net_torch.json"]
        wanted, right = len(val), True
        for title, dataset, mode, variant, given in (
                ("val/ beside train/, published", folder, "aimet-torch-2", "w8a8", artifacts),
                ("class folders, published", folder / "val", "aimet-torch-2", "w8a8", artifacts),
                ("class folders, published, arithmetic of 1.24", folder / "val", "aimet-1.24", "w8a8", artifacts),
                ("val/ beside train/, recalibrated", folder, "aimet-torch-2", "w8a8_calibrated", [])):
            done, answers = qeval_zoo(options.program, folder, options.images, folder / f"{title[:3]}{mode}{variant}.db",
                                      dataset, mode, *given)
            same, float_same = agreeing(quantized, answers[variant]), agreeing(floats, answers["fp32"])
            print(f"{title}: AIMET's class on {same} of {wanted}, in float on {float_same}")
            print("  " + done.stdout.strip().replace("\n", "\n  "), flush=True)
            right = right and float_same == wanted and (same == wanted or mode == "aimet-1.24")
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
