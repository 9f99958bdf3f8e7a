"""What is planted wrong is named with its evidence before anything is computed; what is right runs."""
import csv
import json
import os
import pathlib
import shutil
import tempfile

from fixture import demo_folder, find_shared, qeval

demo = demo_folder()
work = tempfile.TemporaryDirectory(prefix="qeval-preflight-")
folder = pathlib.Path(work.name)
LITE = {"arch": "efficientnet_lite0", "weights": str(demo / "efficientnet-lite0-57934424.pth")}
LITE_PIXELS = [{"center_crop": {"size": 224, "padding": 32}}, {"resize": {"size": 224, "filter": "bicubic"}}]
LITE_NORMALIZE = {"range": "bytes", "mean": 127, "std": 128}


def job(name, model, dataset, pixels, normalize, **more):
    file = folder / f"{name}.yaml"
    content = {"qeval": 1, "name": name, "model": model, "dataset": dataset,
               "preprocess": [*pixels, {"normalize": normalize}], "quantization": "none",
               "run": {"batch_size": 4}, **more}
    file.write_text(json.dumps(content))
    return file


def database(file):
    return file.with_suffix(".db")


def run(file, *options, expect=0, verb="run"):
    quiet = ["--progress", "none"] if verb == "run" else []
    return qeval(verb, file, "--db", database(file), *quiet, *options, expect=expect, resumed=False)


def stopped(file, *words):
    """Exit code 3 and these words on standard error; no run is stored."""
    said = run(file, expect=3).stderr
    for word in (*words, "preflight: off"):
        assert word in said, (word, said)
    listed = qeval("history", "--db", database(file), "--format", "json").stdout
    assert json.loads(listed) == [], listed


# The demo's photos.
rows = list(csv.DictReader((demo / "images" / "labels.csv").open()))


def photos(name, label_of=lambda label: label):
    with (folder / f"{name}.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *((row["path"], label_of(int(row["label"]))) for row in rows)])
    return {"kind": "list", "root": str(demo / "images"), "labels": f"{name}.csv"}


right = job("right", LITE, photos("right"), LITE_PIXELS, LITE_NORMALIZE)
assert "preflight: top-1 90.0 % of 20 images\n" in run(right).stderr
assert "preflight" not in run(right).stderr, "what is stored is not looked at again"

for name, label_of, evidence in [("low", lambda label: label - 1, "with labels + 1 it would be 90.0 %"),
                                 ("high", lambda label: label + 1, "with labels − 1 it would be 90.0 %")]:
    file = job(name, LITE, photos(name, label_of), LITE_PIXELS, LITE_NORMALIZE)
    stopped(file, f"{name}.yaml:", "error: dataset.labels: labels are off by one: top-1 is 0.0 % of 20 images; ",
            evidence)
    assert "preflight" not in run(file, "--set", "preflight=off", "--limit", 2).stderr

stopped(job("permuted", LITE, photos("permuted", lambda label: (label * 371 + 5) % 1000), LITE_PIXELS, LITE_NORMALIZE),
        "error: dataset.labels: answers are at chance level: top-1 is 0.0 % of 20 images of 1000 classes",
        "as if it knew the images, and the classes were permuted")

stopped(job("range", LITE, photos("right"), LITE_PIXELS, {**LITE_NORMALIZE, "range": "unit"}),
        "error: preprocess: the range of pixels is wrong: top-1 is 0.0 % of 20 images; with normalize.range: bytes it "
        "would be 90.0 %")
stopped(job("raw", LITE, photos("right"), LITE_PIXELS, {"range": "bytes", "mean": 0, "std": 1}),
        "error: preprocess: mean and std are wrong or missing: top-1 is 5.0 % of 20 images; with normalize: {range: "
        "unit, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]} it would be 90.0 %")
# Three images of twenty: a hint, and no reason to stop.
swapped = job("swapped", LITE, photos("right"), LITE_PIXELS, {**LITE_NORMALIZE, "channels": "bgr"})
assert ("preflight: top-1 75.0 % of 20 images; with normalize.channels: rgb it would be 90.0 %, which so few images do "
        "not prove") in run(swapped).stderr

# A part of the data set, in plan's words and in run's; what is calibrated on is evaluated.
quantized = job("quantized", LITE, photos("right"), LITE_PIXELS, LITE_NORMALIZE, variants={
    "a": {"quantization": {"encodings": {"calibrate": {"samples": {"first": 6}}}}},
    "b": {"quantization": {"param": {"per_channel": True}, "encodings": {"calibrate": {"samples": {"first": 6}}}}}})
planned = run(quantized, "--limit", 8, "--set", "dataset.subset={every: 2}", verb="plan").stdout
assert "a, b: evaluates 8 of 20 images, 8 of 19 classes\n" in planned, planned
assert planned.count("calibration images are also evaluated") == 1, planned

# CIFAR's classes in folders that are numbers.
cifar, resnet = find_shared("data/cifar10-test-500"), find_shared("weights/resnet20-12fca82f.th")
if cifar and resnet:
    RESNET = {"arch": "resnet20", "weights": str(resnet)}
    NORMALIZE = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
    SIZE = [{"resize": {"size": [32, 32]}}]
    numbered = folder / "numbered"
    numbered.mkdir()
    for number, name in enumerate(sorted(os.listdir(cifar)), 1):
        os.symlink(cifar / name, numbered / str(number))
    file = job("numbered", RESNET, {"root": "numbered"}, SIZE, NORMALIZE)
    note = "note: class folders are sorted as text, so class 1 is folder 10"
    assert note in run(file, verb="plan").stdout
    stopped(file, note, "error: dataset.root: class folders are sorted as text (1, 10, 2), but the network's classes "
            "are in the order of the numbers: top-1 is 7.8 % of 256 images; with the numbers' own order it would be 78.5 %")
    names = {"root": str(cifar)}
    assert "preflight: top-1 77.3 % of 256 images\n" in run(job("names", RESNET, names, SIZE, NORMALIZE)).stderr
    stopped(job("channels", RESNET, names, SIZE, {**NORMALIZE, "channels": "bgr"}),
            "error: preprocess: channels are swapped: top-1 is 73.8 % of 256 images; with normalize.channels: rgb "
            "it would be 77.3 %")
    stopped(job("means", RESNET, names, SIZE, {"mean": 0, "std": 1}),
            "error: preprocess: mean and std are wrong or missing: top-1 is 29.3 % of 256 images; ")

# A list that counts from 1 ends in a label that is no output.
last = max(int(row["label"]) for row in rows)
counted = job("counted", LITE, photos("counted", lambda label: {last: 1000, 22: 1}.get(label, label)), LITE_PIXELS,
              LITE_NORMALIZE)
said = run(counted, expect=3, verb="plan").stderr
assert "label 1000, but efficientnet_lite0 has 1000 outputs: labels seem to count from 1" in said, said

# One folder that is none of ImageNet's puts every class behind it in another's place.
imagenet = find_shared("data/imagenet-sample/val")
if imagenet:
    copy = folder / "imagenet"
    copy.mkdir()
    for name in os.listdir(imagenet):
        (copy / name.replace("n01440764", "n99999999")).mkdir()
        photo = next((imagenet / name).iterdir())
        os.symlink(photo, copy / name.replace("n01440764", "n99999999") / "photo.jpg")
    said = run(job("foreign", LITE, {"root": "imagenet"}, LITE_PIXELS, LITE_NORMALIZE), expect=3, verb="plan").stderr
    assert "n99999999 is none of ImageNet's 1,000 classes; n01440764 is missing" in said, said
    shutil.rmtree(copy / "n99999999")
    said = run(folder / "foreign.yaml", expect=3, verb="plan").stderr
    assert "has 999 class folders, but efficientnet_lite0 has 1000 outputs" in said, said
    assert "n01440764 is missing" in said, said
