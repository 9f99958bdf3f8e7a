#!/usr/bin/env python3
"""Runs an exported ONNX QDQ file in onnxruntime on the images of a finished run and compares the best classes.

    qeval run JOB --variant V --db R.db
    qeval export JOB --variant V --format onnx-qdq -o net.onnx --db R.db
    qeval show @last --db R.db --predictions --format csv > predictions.csv
    onnx_qdq_agreement.py net.onnx predictions.csv IMAGES [--optimizations none all] [--limit N]

IMAGES: the data set's folder, whose images are taken in the order of their paths, as qeval's imagefolder does; or its
labels.csv, whose first column names them. The preprocessing is EfficientNet-Lite0's: Resize 256 bilinear, CenterCrop
224, (x - 127) / 128. Without optimizations onnxruntime computes what the file says, in floats; with all of them it joins
quantized operators into integer kernels, and biases become integers too.

What to expect of a per-tensor EfficientNet-Lite0 on 1,000 images: of the executor "simulated", 98 % without and 97 % with
optimizations; sums of products in floats differ in their last bits from one library to the next, about ten of a
network's ten million codes per image then move by one, and deeper layers multiply that. Of "simulated-exact", all.
Needs numpy, pillow and onnxruntime, in an environment of their own. Exit code 1 where less than 99.5 % agree.
"""
import argparse
import csv
import pathlib
import sys

import numpy
import onnxruntime
from PIL import Image

LEVELS = {"none": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
          "all": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL}


def preprocess(path):
    image = Image.open(path).convert("RGB")
    width, height = image.size
    short = min(width, height)
    size = (256, int(256 * height / width)) if width == short else (int(256 * width / height), 256)
    image = image.resize(size, Image.BILINEAR)
    left, top = round((size[0] - 224) / 2), round((size[1] - 224) / 2)
    pixels = numpy.asarray(image.crop((left, top, left + 224, top + 224)), dtype=numpy.float32)
    return ((pixels - 127) / 128).transpose(2, 0, 1)


def image_files(place):
    if place.is_dir():
        return sorted(p for p in place.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg"))
    with place.open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [place.parent / row[0] for row in rows]


def all_logits(model, level, images):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = LEVELS[level]
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return [session.run(None, {"input": image[None]})[0][0] for image in images]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("predictions")
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("--optimizations", nargs="+", choices=list(LEVELS), default=list(LEVELS))
    parser.add_argument("--limit", type=int, default=None)
    given = parser.parse_args()
    files = image_files(given.images)
    with open(given.predictions, newline="") as file:
        rows = list(csv.DictReader(file))[: given.limit]
    assert len(rows) <= len(files), f"{len(rows)} predictions, {len(files)} images"
    images = [preprocess(files[int(row["ordinal"])]) for row in rows]
    right = sum(row["top1"] == row["label"] for row in rows)
    agree = True
    for level in given.optimizations:
        logits = all_logits(given.model, level, images)
        same = sum(here[int(row["top1"])] == here.max() for row, here in zip(rows, logits))
        tied = sum((here == here.max()).sum() > 1 for here in logits)
        print(f"onnxruntime {onnxruntime.__version__}, optimizations {level}: {same} of {len(rows)} of qeval's best "
              f"classes have the largest logit there ({tied} images have several such); right: qeval {right}", flush=True)
        agree = agree and same >= 0.995 * len(rows)
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main()
