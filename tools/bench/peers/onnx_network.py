"""The float ONNX file as a torch module, a module per node, so that AIMET can quantize it: batch norms are folded in
the file."""
import onnx
import torch
from onnx import numpy_helper


class Sum(torch.nn.Module):
    def forward(self, one, other):
        return one + other


class Window:
    """Attributes of a convolution or pool; padding is that of all four sides."""

    def __init__(self, node):
        values = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        top, left, bottom, right = values.get("pads", [0, 0, 0, 0])
        assert (top, left) == (bottom, right), f"{node.name}: uneven padding"
        self.padding = (top, left)
        self.strides, self.dilations = values.get("strides", [1, 1]), values.get("dilations", [1, 1])
        self.kernel, self.groups = values.get("kernel_shape"), values.get("group", 1)


def with_parameters(module, weight, bias):
    module.weight.data = torch.from_numpy(weight.copy())
    module.bias.data = torch.from_numpy(bias.copy())
    return module


def make_module(node, constants, sum_module):
    kind = node.op_type
    parameters = [constants.get(name) for name in node.input]
    if kind == "Conv":
        window, weight = Window(node), parameters[1]
        convolution = torch.nn.Conv2d(weight.shape[1] * window.groups, weight.shape[0], window.kernel, window.strides,
                                      window.padding, window.dilations, window.groups)
        return with_parameters(convolution, weight, parameters[2])
    if kind == "Gemm":
        return with_parameters(torch.nn.Linear(*parameters[1].shape[::-1]), parameters[1], parameters[2])
    if kind == "MaxPool":
        window = Window(node)
        return torch.nn.MaxPool2d(window.kernel, window.strides, window.padding)
    if kind == "Pad":
        pads = parameters[1].tolist()
        return torch.nn.ZeroPad2d((pads[3], pads[7], pads[2], pads[6]))
    if kind == "Clip":
        assert (float(parameters[1]), float(parameters[2])) == (0, 6), f"{node.name}: no ReLU6"
        return torch.nn.ReLU6()
    simple = {"Relu": torch.nn.ReLU, "Add": sum_module, "Flatten": torch.nn.Flatten, "Identity": torch.nn.Identity,
              "GlobalAveragePool": lambda: torch.nn.AdaptiveAvgPool2d(1)}
    if kind not in simple:
        raise SystemExit(f"compare-peers: {node.name}: no torch module for ONNX's {kind}; try another --arch")
    return simple[kind]()


class OnnxNetwork(torch.nn.Module):
    """`sum_module`: the class that adds two tensors; AIMET has one that it quantizes."""

    def __init__(self, path, sum_module=Sum):
        super().__init__()
        graph = onnx.load(path).graph
        constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self.steps = torch.nn.ModuleList(make_module(node, constants, sum_module) for node in graph.node)
        self.names = [([name for name in node.input if name not in constants], node.output[0]) for node in graph.node]
        self.input_name = graph.input[0].name

    def forward(self, images):
        values = {self.input_name: images}
        left = {}
        for inputs, _ in self.names:
            for name in inputs:
                left[name] = left.get(name, 0) + 1
        result = images
        for step, (inputs, output) in zip(self.steps, self.names):
            result = step(*(values[name] for name in inputs))
            values[output] = result
            for name in inputs:
                left[name] -= 1
                if left[name] == 0:
                    del values[name]
        return result
