#!/usr/bin/env python3
"""Exports torchvision classifiers with random weights as ONNX and records onnxruntime's logits.

    onnx_float_oracle.py FOLDER [NAME…]        names as in torchvision.models; default: the three below
    QEVAL_ONNX_ORACLE=FOLDER ctest -R OnnxAgreement

Needs torch, torchvision, onnx, onnxscript, onnxruntime and safetensors, in an environment of their own; both of
PyTorch's exporters are used. Batch-norm statistics are set from random images: with the initial ones, signals vanish,
and any two implementations would agree.
"""
import pathlib
import sys

import onnxruntime
import torch
import torchvision
from safetensors.numpy import save_file

DEFAULT = ("resnet50", "mobilenet_v3_large", "efficientnet_b0")


def build(name):
    torch.manual_seed(7)
    model = torchvision.models.get_model(name, weights=None, num_classes=100)
    for norm in (m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)):
        norm.momentum = None  # plain average
    model.train()
    with torch.no_grad():
        for _ in range(2):
            model(torch.randn(8, 3, 224, 224))
        model.eval()
        # A last layer whose logits have the size of a trained network's.
        deviation = model(torch.randn(4, 3, 224, 224)).std()
        last = [m for m in model.modules() if isinstance(m, torch.nn.Linear)][-1]
        last.weight *= 2.5 / deviation
    return model


def main(arguments):
    if not arguments:
        sys.exit(__doc__)
    folder = pathlib.Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name in arguments[1:] or DEFAULT:
        model = build(name)
        images = torch.randn(4, 3, 224, 224)
        for exporter, dynamo in (("dynamo", True), ("legacy", False)):
            file = folder / f"{name}_{exporter}.onnx"
            shapes = {"dynamic_shapes": ({0: "batch"},)} if dynamo else {"dynamic_axes": {"x": {0: "batch"}}}
            torch.onnx.export(model, (images,), str(file), dynamo=dynamo, opset_version=18 if dynamo else 17,
                              input_names=["x"], output_names=["logits"], **shapes)
            session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
            logits = session.run(None, {session.get_inputs()[0].name: images.numpy()})[0]
            save_file({"images": images.numpy(), "logits": logits}, file.with_suffix(".safetensors"))
            print(f"{file}: onnxruntime {onnxruntime.__version__}, torch {torch.__version__}, "
                  f"deviation of the logits {logits.std():.3g}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
