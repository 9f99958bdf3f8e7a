#!/usr/bin/env python3
"""Runs an exported ONNX QDQ file in onnxruntime on the images of a finished run and compares the best classes.

    qeval run JOB --variant V --db R.db
    qeval export JOB --variant V --format onnx-qdq -o net.onnx --db R.db
    qeval show @last --db R.db --predictions --format csv > predictions.csv
    onnx_qdq_agreement.py net.onnx predictions.csv IMAGES [--basic] [--limit N]

IMAGES: the data set's folder; its images are taken in the order of their paths, as qeval's imagefolder does. The
preprocessing is EfficientNet-Lite0's: Resize 256 bilinear, CenterCrop 224, (x - 127) / 128. --basic keeps onnxruntime
from joining quantized operators into integer kernels: then it computes what the file says, in floats.
Needs numpy, pillow and onnxruntime, in an environment of their own. Exit code 1 below 99.5 %.
"""
import argparse
import csv
import pathlib
import sys

import numpy
import onnxruntime
from PIL import Image


def preprocess(path):
    image = Image.open(path).convert("RGB")
    width, height = image.size
    short = min(width, height)
    size = (256, int(256 * height / width)) if width == short else (int(256 * width / height), 256)
    image = image.resize(size, Image.BILINEAR)
    left, top = round((size[0] - 224) / 2), round((size[1] - 224) / 2)
    pixels = numpy.asarray(image.crop((left, top, left + 224, top + 224)), dtype=numpy.float32)
    return ((pixels - 127) / 128).transpose(2, 0, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("predictions")
    parser.add_argument("images")
    parser.add_argument("--basic", action="store_true")
    parser.add_argument("--limit", type=int, default=None)
    given = parser.parse_args()
    options = onnxruntime.SessionOptions()
    if given.basic:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(given.model, options, providers=["CPUExecutionProvider"])
    files = sorted(p for p in pathlib.Path(given.images).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg"))
    with open(given.predictions, newline="") as file:
        rows = list(csv.DictReader(file))[: given.limit]
    assert len(rows) <= len(files), f"{len(rows)} predictions, {len(files)} images"
    same = right = right_here = 0
    for row in rows:
        image = preprocess(files[int(row["ordinal"])])[None]
        best = int(session.run(None, {"input": image})[0][0].argmax())
        same += best == int(row["top1"])
        right += int(row["top1"]) == int(row["label"])
        right_here += best == int(row["label"])
    print(f"onnxruntime {onnxruntime.__version__}: same best class on {same} of {len(rows)} images; "
          f"right: qeval {right}, onnxruntime {right_here}")
    sys.exit(0 if same >= 0.995 * len(rows) else 1)


if __name__ == "__main__":
    main()
