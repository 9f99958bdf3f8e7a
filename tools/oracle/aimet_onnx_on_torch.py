"""The graph of an aimet-onnx sim, with AIMET's quantizers where AIMET has them, computed by PyTorch's kernels instead
of onnxruntime's. What differs between the two is the order of sums and the last bits of functions such as Sigmoid; what
qeval, which has PyTorch's kernels, says otherwise than this graph is a rule that differs."""
import tempfile

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper


def padded(x, attributes, value=0.0):
    top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
    return F.pad(x, (left, right, top, bottom), value=value)


def convolution(a, x, weight, bias=None):
    return F.conv2d(padded(x, a), weight, bias, a.get("strides", [1, 1]), 0, a.get("dilations", [1, 1]),
                    a.get("group", 1))


def max_pool(a, x):
    return F.max_pool2d(padded(x, a, -float("inf")), a["kernel_shape"], a.get("strides"), 0,
                        ceil_mode=bool(a.get("ceil_mode", 0)))


def slice_(_a, x, starts, ends, axes, steps=None):
    for i, axis in enumerate(axes.tolist()):
        step = 1 if steps is None else int(steps[i])
        size = x.shape[axis]
        x = x.narrow(axis, int(starts[i]), min(int(ends[i]), size) - int(starts[i]))[(slice(None),) * axis
                                                                                      + (slice(None, None, step),)]
    return x


OPERATORS = {
    "Conv": convolution,
    "Gemm": lambda a, x, w, b=None: F.linear(x, w if a.get("transB") else w.T, b),
    "MatMul": lambda a, x, w: torch.matmul(x, w),
    "Relu": lambda a, x: torch.relu(x),
    "Sigmoid": lambda a, x: torch.sigmoid(x),
    "HardSigmoid": lambda a, x: torch.clamp(x * a["alpha"] + a.get("beta", 0.5), 0, 1),
    "HardSwish": lambda a, x: F.hardswish(x),
    "Erf": lambda a, x: torch.erf(x),
    "Clip": lambda a, x, low, high: torch.minimum(torch.maximum(x, low), high),
    "Add": lambda a, x, y: x + y,
    "Sub": lambda a, x, y: x - y,
    "Mul": lambda a, x, y: x * y,
    "Div": lambda a, x, y: x / y,
    "GlobalAveragePool": lambda a, x: x.mean((2, 3), keepdim=True),
    "AveragePool": lambda a, x: F.avg_pool2d(x, a["kernel_shape"], a.get("strides")),
    "ReduceMean": lambda a, x: x.mean(a["axes"], keepdim=bool(a.get("keepdims", 1))),
    "MaxPool": max_pool,
    "Flatten": lambda a, x: x.flatten(a.get("axis", 1)),
    "Reshape": lambda a, x, shape: x.reshape([int(size) for size in shape]),
    "Transpose": lambda a, x: x.permute(*a["perm"]),
    "Concat": lambda a, *x: torch.cat(x, a["axis"]),
    "Identity": lambda a, x: x,
    "Slice": slice_,
    "BatchNormalization": lambda a, x, w, b, mean, var: F.batch_norm(x, mean, var, w, b, eps=a.get("epsilon", 1e-5)),
    "LayerNormalization": lambda a, x, w, b=None: F.layer_norm(x, w.shape, w, b, a.get("epsilon", 1e-5)),
    "Constant": lambda a: torch.tensor(numpy_helper.to_array(a["value"])),
}


def quantize_dequantize(x, entry):
    """AIMET's, in floats: clamped to the range, halves away from zero."""
    low, high, scale, offset = (torch.tensor(float(entry[key]), dtype=torch.float32)
                                for key in ("min", "max", "scale", "offset"))
    codes = torch.minimum(torch.maximum(x, low), high) / scale - offset
    return scale * (torch.floor(codes + 0.5) + offset)


class GraphOnTorch:
    """Of a calibrated sim. Weights are those that AIMET quantized."""

    def __init__(self, sim, images):
        self.quantizers = sim.qc_quantize_op_dict
        self.graph = sim.model.model.graph
        self.values = {tensor.name: torch.tensor(numpy_helper.to_array(tensor)) for tensor in self.graph.initializer}
        self.weights = self.quantized_weights(sim, images)

    def quantized_weights(self, sim, images):
        made = {node.output[0] for node in self.graph.node
                if node.op_type == "QcQuantizeOp" and node.input[0] in sim.param_names}
        model = onnx.ModelProto()
        model.CopyFrom(sim.model.model)
        for name in made:
            model.graph.output.add().name = name
        with tempfile.TemporaryDirectory() as folder:
            session = sim.build_session(model, ["CPUExecutionProvider"], path=folder)
            results = session.run(list(made), {"input": images[:1].numpy()})
        return {name: torch.tensor(value) for name, value in zip(made, results)}

    def run(self, images, entries=None):
        """Logits, and the ends of the range that each quantized activation had. `entries`: name → list of its encodings
        in a file of version 0.6.1; without, activations pass, as in calibration."""
        values = {**self.values, **self.weights,
                  "input": images.contiguous(memory_format=torch.channels_last)}
        ends, open_nodes = {}, [node for node in self.graph.node if node.output[0] not in self.weights]
        with torch.no_grad():
            while open_nodes:
                ready = [node for node in open_nodes if all(name in values for name in node.input if name)]
                open_nodes = [node for node in open_nodes if node not in ready]
                for node in ready:
                    values[node.output[0]] = self.compute(node, values, entries, ends)
        return values[self.graph.output[0].name].numpy(), ends

    def compute(self, node, values, entries, ends):
        operands = [values[name] for name in node.input if name]
        if node.op_type != "QcQuantizeOp":
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            return OPERATORS[node.op_type](attributes, *operands)
        name, (x,) = node.input[0], operands
        if not self.quantizers[name].enabled:
            return x
        ends[name] = (min(float(x.min()), 0.0), max(float(x.max()), 0.0))
        return x if entries is None else quantize_dequantize(x, entries[name][0])
