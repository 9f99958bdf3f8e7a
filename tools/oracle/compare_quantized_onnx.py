#!/usr/bin/env python3
"""Random small classifiers, quantized by onnxruntime's quantize_static, through qeval's importer, against onnxruntime.

    compare_quantized_onnx.py PROBE [--cases N] [--seed S] [--keep FOLDER]
    compare_quantized_onnx.py build/release/tools/oracle/onnx_probe --cases 500

Needs onnx and onnxruntime, in an environment of their own. QDQ and QOperator files take turns; granularity, types and
symmetry are drawn. onnxruntime runs the file as it is written (no graph optimizations). Two runtimes may round a sum
that lies between two codes to either of them, and the next layer sees that: so a case is right if every image has the
same class, or its two best logits are as close as the logits differ, and if no logit is off by more than 3 % of their
range. Prints a table by form, refusals by message, and the seeds of wrong cases. Exit status 1 if a case is wrong.
"""
import argparse
import pathlib
import sys
import tempfile

import numpy
import onnx
from onnx import TensorProto, helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from compare_onnxruntime import Probe, Tally, session_of
from onnx_operators import GraphMaker

IMAGES = 8


class Reader(CalibrationDataReader):
    def __init__(self, images):
        self.batches = iter([{"x": image[None]} for image in images])

    def get_next(self):
        return next(self.batches, None)


def conv(g, x, inputs, outputs, groups=1, kernel=3, stride=1):
    weight = g.initializer(g.random.normal(0, (inputs // groups * kernel * kernel) ** -0.5,
                                           (outputs, inputs // groups, kernel, kernel)).astype("f4"))
    bias = g.initializer(g.random.normal(0, 0.2, outputs).astype("f4"))
    pad = kernel // 2
    return g.node("Conv", [x, weight, bias], group=groups, pads=[pad] * 4, strides=[stride] * 2)


def activation(g, x):
    op = g.choose("Relu", "Relu", "Clip", "LeakyRelu", "Sigmoid", "HardSwish", "none")
    if op == "none":
        return x
    if op == "Clip":
        return g.node("Clip", [x, g.initializer(numpy.float32(0)), g.initializer(numpy.float32(6))])
    return g.node(op, [x])


def block(g, x, channels):
    """Residual, dense or plain."""
    form = g.choose("residual", "concat", "gate", "depthwise", "pool", "plain")
    y = activation(g, conv(g, x, channels, channels, groups=channels if form == "depthwise" else 1))
    if form == "residual":
        return activation(g, g.node("Add", [x, y])), channels
    if form == "concat":
        return g.node("Concat", [x, y], axis=1), 2 * channels
    if form == "gate":
        return g.node("Mul", [y, g.node("Sigmoid", [conv(g, g.node("GlobalAveragePool", [y]), channels, channels,
                                                          kernel=1)])]), channels
    if form == "pool":
        op = g.choose("MaxPool", "AveragePool")
        return g.node(op, [y], kernel_shape=[2, 2], strides=[1, 1], pads=[0, 0, 1, 1] if op == "MaxPool" else [0] * 4), \
            channels
    return y, channels


def classifier(random):
    g = GraphMaker(random, 17)
    size, channels = g.number(7, 12), 4 * g.number(1, 2)
    x = activation(g, conv(g, "x", 3, channels, stride=g.number(1, 2)))
    for _ in range(g.number(1, 4)):
        x, channels = block(g, x, channels)
    classes = g.number(5, 12)
    x = g.node("GlobalAveragePool", [x])
    x = g.node("Flatten", [x]) if g.chance(0.6) else g.node("Reshape", [x, g.initializer(numpy.int64([0, -1]))])
    weight = random.normal(0, 2 * channels ** -0.5, (classes, channels)).astype("f4")
    bias = g.initializer(random.normal(0, 0.3, classes).astype("f4"))
    if g.chance(0.7):
        x = g.node("Gemm", [x, g.initializer(weight), bias], transB=1)
    else:
        x = g.node("Add", [g.node("MatMul", [x, g.initializer(weight.T.copy())]), bias])
    graph = helper.make_graph(g.nodes, "classifier",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, size, size])],
                              [helper.make_tensor_value_info(x, TensorProto.FLOAT, ["N", classes])], g.initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), (3, size, size)


def quantized(model, images, random, form, folder):
    pick = lambda *choices: choices[random.integers(len(choices))]  # noqa: E731
    activations = pick(QuantType.QUInt8, QuantType.QUInt8, QuantType.QInt8)
    weights = QuantType.QInt8 if activations == QuantType.QInt8 else pick(QuantType.QInt8, QuantType.QUInt8)
    file = folder / "q.onnx"
    quantize_static(model, file, Reader(images), quant_format=form, per_channel=bool(random.random() < 0.5),
                    reduce_range=bool(random.random() < 0.2), activation_type=activations, weight_type=weights,
                    extra_options={"ActivationSymmetric": bool(random.random() < 0.2),
                                   "WeightSymmetric": bool(random.random() < 0.8),
                                   "QuantizeBias": True})
    return file


def verdict_of(probe, file, images, expected):
    """And of how many images the class is onnxruntime's."""
    kind, answer = probe.ask(file, "nofold", images)
    if kind != "logits":
        return kind, answer, 0
    found = answer.reshape(len(images), -1)
    if found.shape != expected.shape:
        return "wrong", f"shape {found.shape}, not {expected.shape}", 0
    same = int((found.argmax(1) == expected.argmax(1)).sum())
    off, span = numpy.abs(found - expected), numpy.ptp(expected)
    if off.max() > 0.03 * span:
        return "wrong", f"off by {off.max():.3g} of {span:.3g}", same
    for mine, theirs, difference in zip(found, expected, off):
        best = numpy.sort(theirs)[-2:]
        if mine.argmax() != theirs.argmax() and best[1] - best[0] > 2 * difference.max():
            return "wrong", f"class {mine.argmax()}, not {theirs.argmax()}", same
    return "equal", "", same


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("probe")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path)
    given = parser.parse_args()
    probe, tally = Probe(given.probe), Tally()
    exact = [0, 0]
    with tempfile.TemporaryDirectory(prefix="qeval-quantized-") as temporary:
        folder = pathlib.Path(temporary)
        for number in range(given.seed * 1_000_000, given.seed * 1_000_000 + given.cases):
            random = numpy.random.default_rng(number)
            model, image = classifier(random)
            images = random.normal(0, 1, (IMAGES, *image)).astype(numpy.float32)
            form = (QuantFormat.QDQ, QuantFormat.QOperator)[number % 2]
            file = quantized(model, images, random, form, folder)
            expected = session_of(file.read_bytes()).run(None, {"x": images})[0]
            verdict, why, same = verdict_of(probe, file, images, expected)
            tally.add(form.name, verdict, why, number)
            if given.keep and verdict != "equal":
                given.keep.mkdir(parents=True, exist_ok=True)
                onnx.save(onnx.load(file), given.keep / f"{number}.onnx")
            if verdict == "equal":
                exact[0] += same
                exact[1] += IMAGES
    tally.show()
    print(f"the same class: {exact[0]} of {exact[1]} images of equal cases")
    sys.exit(1 if tally.wrong else 0)


if __name__ == "__main__":
    main()
