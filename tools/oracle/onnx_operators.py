"""Random legal ONNX operators for compare_onnxruntime.py: each takes a GraphMaker and a value and returns another one.

A value's shape is without the batch. Sizes are small, so that every position of a window meets every edge.
"""
import math

import numpy
from onnx import helper, numpy_helper

from onnx_computed_constants import computed


class GraphMaker:
    """Nodes and initializers of one graph, with the shapes that onnx infers."""

    def __init__(self, random, opset):
        self.random, self.opset = random, opset
        self.nodes, self.initializers, self.shapes = [], [], {}

    def name(self, what):
        return f"{what.lower()}{len(self.nodes) + len(self.initializers)}"

    def constant(self, values, dtype=numpy.float32):
        """As an initializer, as a Constant's value, its short forms included, or computed of others."""
        values = numpy.asarray(values, dtype)
        if values.dtype.type in (numpy.float32, numpy.int64) and self.opset >= 13 and self.chance(0.15):
            name = computed(self, values)
            if name:
                return name
        name = self.name("k")
        tensor = numpy_helper.from_array(values, name)
        if self.random.random() < 0.7 or values.ndim > 1:
            self.initializers.append(tensor)
            return name
        short = {numpy.float32: "value_float", numpy.int64: "value_int"}.get(values.dtype.type)
        if short and self.opset >= 12 and self.random.random() < 0.6:
            given = {short + ("s" if values.ndim else ""): values.tolist()}
        else:
            given = {"value": tensor}
        self.nodes.append(helper.make_node("Constant", [], [name], name, **given))
        return name

    def initializer(self, values):
        name = self.name("k")
        self.initializers.append(numpy_helper.from_array(values, name))
        return name

    def floats(self, *shape, low=-2.0, high=2.0):
        return self.constant(self.random.uniform(low, high, shape))

    def node(self, op, inputs, **attributes):
        name = self.name(op)
        self.nodes.append(helper.make_node(op, inputs, [name], name, **attributes))
        return name

    def choose(self, *choices):
        return choices[self.random.integers(len(choices))]

    def number(self, low, high):
        """Whole, both ends included."""
        return int(self.random.integers(low, high + 1))

    def chance(self, share):
        return self.random.random() < share


def window(g, shape, *, pads_below_kernel, dilate=True):
    """kernel, strides, dilations and pads or auto_pad over an image of `shape` [C, H, W]."""
    kernel = [g.number(1, min(4, size)) for size in shape[1:]]
    dilations = [g.number(1, 2) if dilate and g.chance(0.4) else 1 for _ in kernel]
    given = {"strides": [g.number(1, 4) if g.chance(0.7) else 1 for _ in kernel], "dilations": dilations}
    if g.chance(0.2):
        given["auto_pad"] = g.choose("SAME_UPPER", "SAME_LOWER", "VALID")
        if given["auto_pad"] != "VALID":  # onnxruntime makes negative pads of strides above the kernel
            given["strides"] = [min(s, k) for s, k in zip(given["strides"], kernel)]
    elif g.chance(0.7):
        most = [(k - 1) if pads_below_kernel else 3 for k in kernel]
        given["pads"] = [g.number(0, m) for m in most + most]
    return kernel, given


def conv(g, x, shape):
    kernel, given = window(g, shape, pads_below_kernel=False)
    group = g.choose(*[n for n in (1, 2, 3, 4, shape[0]) if shape[0] % n == 0])
    outputs = group * g.number(1, 3)
    inputs = [x, g.floats(outputs, shape[0] // group, *kernel, low=-0.6, high=0.6)]
    if g.chance(0.6):
        inputs.append(g.floats(outputs))
    return g.node("Conv", inputs, group=group, **given)


def conv_transpose(g, x, shape):
    kernel = [g.number(1, 4) for _ in "hw"]
    group = g.choose(*[n for n in (1, 2, 3, shape[0]) if shape[0] % n == 0])
    strides, dilations = [g.number(1, 3) for _ in "hw"], [g.number(1, 2) for _ in "hw"]
    given = {"strides": strides, "dilations": dilations}
    if g.chance(0.3):
        given["auto_pad"] = g.choose("SAME_UPPER", "SAME_LOWER", "VALID")
    elif g.chance(0.2):
        given["output_shape"] = [(size - 1) * s + d * (k - 1) + 1 - g.number(0, 1)
                                 for size, s, d, k in zip(shape[1:], strides, dilations, kernel)]
    elif g.chance(0.6):
        given["pads"] = [g.number(0, 1) for _ in "hwhw"]
        given["output_padding"] = [g.number(0, max(s, d) - 1) for s, d in zip(strides, dilations)]
    inputs = [x, g.floats(shape[0], g.number(1, 3), *kernel, low=-0.6, high=0.6)]
    return g.node("ConvTranspose", inputs, group=group, **given)


def max_pool(g, x, shape):
    kernel, given = window(g, shape, pads_below_kernel=True)
    return g.node("MaxPool", [x], kernel_shape=kernel, ceil_mode=g.number(0, 1), **given)


def average_pool(g, x, shape):
    kernel, given = window(g, shape, pads_below_kernel=True, dilate=g.opset >= 19)
    if g.opset < 19:
        del given["dilations"]
    return g.node("AveragePool", [x], kernel_shape=kernel, ceil_mode=g.number(0, 1), count_include_pad=g.number(0, 1),
                  **given)


def global_pool(g, x, shape):
    return g.node(g.choose("GlobalAveragePool", "GlobalMaxPool"), [x])


def batch_norm(g, x, shape):
    c = shape[0]
    return g.node("BatchNormalization", [x, g.floats(c), g.floats(c), g.floats(c), g.floats(c, low=0.2)],
                  epsilon=g.choose(1e-5, 1e-3))


def layer_norm(g, x, shape):
    axis = g.number(1, len(shape))
    axes = list(shape[axis - 1:])
    while len(axes) > 1 and g.chance(0.15):
        axes = axes[1:]
    inputs = [x, g.floats(*[1 if g.chance(0.1) else n for n in axes])]
    if g.chance(0.6):
        inputs.append(g.floats(*axes))
    return g.node("LayerNormalization", inputs, axis=g.choose(axis, axis - len(shape) - 1),
                  epsilon=g.choose(1e-5, 1e-2))


def activation(g, x, shape):
    op = g.choose("Relu", "Sigmoid", "Tanh", "Elu", "LeakyRelu", "HardSigmoid", "HardSwish", "Softplus", "Erf", "Abs",
                  "Neg", "Gelu", "Exp", "Mish")
    given = {}
    if op in ("Elu", "LeakyRelu") and g.chance(0.7):
        given = {"alpha": float(g.random.uniform(0.05, 1.5))}
    if op == "HardSigmoid" and g.chance(0.7):
        given = {"alpha": float(g.random.uniform(0.05, 0.4)), "beta": float(g.random.uniform(0.2, 0.7))}
    if op == "Gelu":
        if g.opset < 20:
            op = "Tanh"
        else:
            given = {"approximate": g.choose("none", "tanh")}
    if op == "Mish" and g.opset < 18:
        op = "Relu"
    if op == "HardSwish" and g.opset < 14:
        op = "Relu"
    return g.node(op, [x], **given)


def positive_function(g, x, shape):
    op = g.choose("Sqrt", "Log", "Reciprocal", "Pow")
    x = g.node("Add", [g.node("Abs", [x]), g.constant(0.5)])
    return g.node("Pow", [x, exponent(g, shape)]) if op == "Pow" else g.node(op, [x])


def exponent(g, shape):
    return g.constant(g.choose(2.0, 0.5, -1.0, 3.0)) if g.chance(0.6) else g.floats(*broadcastable(g, shape))


def square(g, x, shape):
    return g.node("Pow", [x, g.constant(g.choose(2.0, 3.0))])


def clip(g, x, shape):
    low, high = sorted(g.random.uniform(-1.5, 2.5, 2))
    low, high = g.choose((low, high), (0, 6), (0, numpy.inf), (-numpy.inf, high), (low, None), (None, high))
    inputs = [x, "" if low is None else g.constant(low), "" if high is None else g.constant(high)]
    return g.node("Clip", inputs if inputs[2] else inputs[:2])


def broadcastable(g, shape):
    """What a constant may have beside `shape`: sides of 1, fewer axes, a 1 for the batch."""
    kept = [n if g.chance(0.5) else 1 for n in shape]
    form = g.choose("channel", "some", "fewer", "batch", "scalar", "one")
    if form == "channel":
        return [shape[0]] + [1] * (len(shape) - 1)
    if form == "fewer":
        return kept[g.number(0, len(kept)):]
    return {"some": kept, "batch": [1] + kept, "scalar": [], "one": [1]}[form]


def prelu(g, x, shape):
    return g.node("PRelu", [x, g.floats(*broadcastable(g, shape))])


def arithmetic_with_constant(g, x, shape):
    op = g.choose("Add", "Sub", "Mul", "Div", "Min", "Max")
    sides = broadcastable(g, shape)
    if g.chance(0.1) and len(sides) == len(shape) and 1 in shape:  # the activation is repeated
        sides = [g.number(2, 3) if n == 1 else n for n in shape]
    c = g.floats(*sides, low=0.5) if op == "Div" else g.floats(*sides)
    if op == "Div" and g.chance(0.4):
        return g.node("Div", [c, g.node("Add", [g.node("Abs", [x]), g.constant(0.5)])])
    return g.node(op, [x, c] if op == "Div" or g.chance(0.5) else [c, x])


def reduced_side(g, x, shape):
    """A value of the same graph whose shape broadcasts with `shape`."""
    axes = [i + 1 for i in range(len(shape)) if g.chance(0.5)]
    return g.node("Sigmoid", [x if not axes else reduce_mean_over(g, x, axes, 1)])


def arithmetic(g, x, shape):
    op = g.choose("Add", "Sub", "Mul", "Div", "Min", "Max", "Sum")
    y = reduced_side(g, x, shape)
    if op == "Div":
        return g.node("Div", [x, g.node("Add", [y, g.constant(0.5)])])
    operands = [x, y] if g.chance(0.5) else [y, x]
    if op in ("Min", "Max", "Sum"):
        operands += [g.floats(*broadcastable(g, shape)) for _ in range(g.number(0, 1))]
    return g.node(op, operands)


def reduce_mean_over(g, x, axes, keepdims):
    if g.opset >= 18:
        return g.node("ReduceMean", [x, g.constant(axes, numpy.int64)], keepdims=keepdims)
    return g.node("ReduceMean", [x], axes=axes, keepdims=keepdims)


def reduce_other(g, x, shape):
    axes = [i for i in range(1, len(shape) + 1) if g.chance(0.5)] or [len(shape)]
    op, keep = g.choose("ReduceSum", "ReduceMax"), g.number(0, 1)
    if g.opset >= (13 if op == "ReduceSum" else 18):
        return g.node(op, [x, g.constant(axes, numpy.int64)], keepdims=keep)
    return g.node(op, [x], axes=axes, keepdims=keep)


def gather(g, x, shape):
    axis = g.number(1, len(shape))
    n = shape[axis - 1]
    indices = g.number(-n, n - 1) if g.chance(0.4) else [g.number(-n, n - 1) for _ in range(g.number(1, 4))]
    return g.node("Gather", [x, g.constant(indices, numpy.int64)], axis=g.choose(axis, axis - len(shape) - 1))


def reduce_mean(g, x, shape):
    axes = [i for i in range(1, len(shape) + 1) if g.chance(0.5)] or [len(shape)]
    if g.chance(0.3):
        axes = [a - len(shape) - 1 for a in axes]
    return reduce_mean_over(g, x, axes, g.number(0, 1))


def softmax(g, x, shape):
    axis = g.number(1, len(shape))
    given = {} if g.chance(0.1) else {"axis": g.choose(axis, axis - len(shape) - 1)}
    return g.node(g.choose("Softmax", "Softmax", "LogSoftmax"), [x], **given)


def pad(g, x, shape):
    mode = g.choose("constant", "constant", "reflect", "edge", *(["wrap"] if g.opset >= 19 else []))
    most = [2 if mode == "constant" else min(2, n - 1) for n in shape]
    low = -1 if mode == "constant" and g.chance(0.2) and min(shape) > 3 else 0
    pairs = [(g.number(low, m), g.number(low, m)) if g.chance(0.6) else (0, 0) for m in most]
    if len(shape) == 3 and g.chance(0.6):
        pairs[0] = (0, 0)
    axes = list(range(1, len(shape) + 1))
    some = g.opset >= 18 and g.chance(0.3)
    pads = [p[0] for p in pairs] + [p[1] for p in pairs] if some else \
        [0] + [p[0] for p in pairs] + [0] + [p[1] for p in pairs]
    inputs = [x, g.constant(pads, numpy.int64)]
    value = g.chance(0.6) and mode == "constant"
    if value or some:
        inputs.append(g.constant(float(g.random.uniform(-2, 2))) if value else "")
    if some:
        inputs.append(g.constant(axes, numpy.int64))
    return g.node("Pad", inputs, mode=mode)


def slices(g, x, shape):
    axes = [i for i in range(1, len(shape) + 1) if g.chance(0.5)] or [1]
    starts, ends, steps = [], [], []
    for axis in axes:
        n = shape[axis - 1]
        first, last = sorted(int(i) for i in g.random.integers(0, n + 1, 2))
        if first == last:
            first, last = 0, n
        step = g.choose(1, 1, 2, 3, -1, -2)
        if step < 0:
            first, last = last - 1, first - 1 if first > 0 else -n - 1
        elif g.chance(0.3):
            first, last = first - n, g.choose(last, 2**31 - 1, 2**63 - 1)
        starts.append(first), ends.append(last), steps.append(step)
    inputs = [x] + [g.constant(v, numpy.int64) for v in (starts, ends, axes)]
    if any(s != 1 for s in steps) or g.chance(0.3):
        inputs.append(g.constant(steps, numpy.int64))
    return g.node("Slice", inputs)


def concat(g, x, shape):
    parts = [x, g.node("Relu", [x])] + ([x] if g.chance(0.3) else [])
    axis = g.number(1, len(shape))
    return g.node("Concat", parts, axis=g.choose(axis, axis - len(shape) - 1))


def transpose(g, x, shape):
    return g.node("Transpose", [x], perm=[0] + [int(i) + 1 for i in g.random.permutation(len(shape))])


def reshape(g, x, shape):
    count = math.prod(shape)
    first = g.choose(*[n for n in range(1, count + 1) if count % n == 0])
    target = [g.choose(0, -1), first, count // first]
    if target[0] == 0 and g.chance(0.5):
        target[g.number(1, 2)] = -1
    return g.node("Reshape", [x, g.constant(target, numpy.int64)])


def flatten(g, x, shape):
    return g.node("Flatten", [x], axis=1)


def mat_mul(g, x, shape):
    outputs = g.number(1, 6)
    product = g.node("MatMul", [x, g.floats(shape[-1], outputs, low=-0.6, high=0.6)])
    if g.chance(0.5):
        product = g.node("Add", [product, g.floats(*g.choose([outputs], [1], []))])
    return product


def gemm(g, x, shape):
    outputs, turned = g.number(1, 6), g.number(0, 1)
    if len(shape) != 1:
        x, shape = flatten(g, x, shape), [math.prod(shape)]
    weight = g.floats(*([outputs, shape[0]] if turned else [shape[0], outputs]), low=-0.6, high=0.6)
    inputs = [x, weight] + ([g.floats(*g.choose([outputs], [1, outputs], [1], []))] if g.chance(0.7) else [])
    return g.node("Gemm", inputs, transB=turned, alpha=g.choose(1.0, 0.5), beta=g.choose(1.0, -2.0))


def gate(g, x, shape):
    """x · sigmoid(x) and its hard form, as exporters write them."""
    inner = g.node("Sigmoid", [x]) if g.chance(0.5) else g.node("HardSigmoid", [x], alpha=1 / 6, beta=0.5)
    return g.node("Mul", [x, inner])


def gelu_by_erf(g, x, shape):
    inner = g.node("Add", [g.node("Erf", [g.node("Div", [x, g.constant(math.sqrt(2))])]), g.constant(1.0)])
    return g.node("Mul", [g.node("Mul", [x, inner]), g.constant(0.5)])


def quantize(g, x, shape):
    zero_type = g.choose(numpy.uint8, numpy.int8)
    scale = g.constant(float(g.random.uniform(0.01, 0.1)))
    zero = g.constant(g.number(-20, 20) if zero_type == numpy.int8 else g.number(60, 180), zero_type)
    return g.node("DequantizeLinear", [g.node("QuantizeLinear", [x, scale, zero]), scale, zero])


def quantized_layer(g, x, shape):
    """A convolution as quantizers write it: int8 weight per channel or tensor, int32 bias, signs as they come."""
    outputs = g.number(1, 4)
    codes = g.constant(g.random.integers(-127, 128, (outputs, shape[0], 1, 1)), numpy.int8)
    count = outputs if g.opset >= 13 and g.chance(0.6) else 1
    signs = numpy.where(g.random.random(count) < 0.2, -1, 1)
    scales = (g.random.uniform(0.002, 0.01, count) * signs).astype(numpy.float32)
    axis = {"axis": 0} if count > 1 else {}
    form = (lambda v: v) if count > 1 else (lambda v: v[0])
    zeros = g.constant(form(numpy.zeros(count)), numpy.int8)
    weight = g.node("DequantizeLinear", [codes, g.constant(form(scales)), zeros], **axis)
    bias = g.node("DequantizeLinear", [g.constant(g.random.integers(-999, 999, outputs), numpy.int32),
                                       g.constant(form(scales * numpy.float32(0.1)))], **axis)
    return g.node("Conv", [quantize(g, x, shape), weight, bias])


def split(g, x, shape):
    axes = [i + 1 for i, n in enumerate(shape) if n > 1]
    if not axes:
        return g.node("Relu", [x])
    axis = g.choose(*axes)
    n = shape[axis - 1]
    given = {"axis": g.choose(axis, axis - len(shape) - 1)}
    if g.opset >= 18 and g.chance(0.4):
        parts = g.number(2, n)
        inputs, sizes = [x], [-(-n // parts)] * parts
        if -(-n // parts) * (parts - 1) >= n:  # onnxruntime leaves no output empty
            parts, sizes = 2, [-(-n // 2), n // 2]
        given["num_outputs"] = parts
    else:
        first = g.number(1, n - 1)
        inputs, sizes = [x, g.constant([first, n - first], numpy.int64)], [first, n - first]
        if g.opset < 13:
            inputs, given["split"] = [x], sizes
    name = g.node("Split", inputs, **given)
    others = [f"{name}_{i}" for i in range(1, len(sizes))]
    g.nodes[-1].output.extend(others)
    wanted = [name, *others]
    if g.chance(0.5):
        return g.choose(*wanted)
    return g.node("Concat", wanted[::-1], axis=axis)


def expand(g, x, shape):
    if g.chance(0.6):
        axis = g.number(1, len(shape))
        x = reduce_mean_over(g, x, [axis], 1)
        shape = [1 if i == axis - 1 else n for i, n in enumerate(shape)]
    wished = [1] + [g.number(2, 3) if n == 1 else g.choose(n, 1) for n in shape]
    return g.node("Expand", [x, g.constant(wished[g.number(0, 1):], numpy.int64)])


def where(g, x, shape):
    sides = broadcastable(g, shape)
    condition = g.node("Greater", [g.floats(*sides), g.initializer(numpy.float32(0))])
    other = g.choose(g.floats(*broadcastable(g, shape)), reduced_side(g, x, shape))
    return g.node("Where", [condition] + ([x, other] if g.chance(0.5) else [other, x]))


def response_norm(g, x, shape):
    return g.node("LRN", [x], size=g.number(1, 5), alpha=float(g.random.uniform(1e-4, 1)),
                  beta=float(g.random.uniform(0.3, 1)), bias=float(g.random.uniform(0.5, 2)))


def instance_norm(g, x, shape):
    return g.node("InstanceNormalization", [x, g.floats(shape[0]), g.floats(shape[0])], epsilon=g.choose(1e-5, 1e-2))


def squeeze_and_back(g, x, shape):
    axis = g.number(1, len(shape) + 1)
    if g.opset >= 13:
        axes = g.constant([axis], numpy.int64)
        wide = g.node("Unsqueeze", [x, axes])
        return g.node("Squeeze", [wide, axes]) if g.chance(0.5) else wide
    wide = g.node("Unsqueeze", [x], axes=[axis])
    return g.node("Squeeze", [wide], axes=[axis]) if g.chance(0.5) else wide


# Name, maker, the ranks it takes (without the batch), the first opset that has it.
OPERATORS = [
    ("Conv", conv, (3,), 11), ("ConvTranspose", conv_transpose, (3,), 11), ("MaxPool", max_pool, (3,), 11),
    ("AveragePool", average_pool, (3,), 11), ("GlobalPool", global_pool, (3,), 11),
    ("BatchNormalization", batch_norm, (1, 2, 3), 11), ("LayerNormalization", layer_norm, (1, 2, 3), 17),
    ("activation", activation, (0, 1, 2, 3), 11), ("Sqrt/Log/Reciprocal/Pow", positive_function, (1, 2, 3), 12),
    ("Pow", square, (0, 1, 2, 3), 12), ("Clip", clip, (0, 1, 2, 3), 12), ("PRelu", prelu, (1, 2, 3), 11),
    ("activation ∘ constant", arithmetic_with_constant, (1, 2, 3), 11),
    ("activation ∘ activation", arithmetic, (1, 2, 3), 11),
    ("ReduceMean", reduce_mean, (1, 2, 3), 11), ("ReduceSum/Max", reduce_other, (1, 2, 3), 11),
    ("Gather", gather, (1, 2, 3), 11), ("Softmax", softmax, (1, 2, 3), 11), ("Pad", pad, (1, 2, 3), 11),
    ("Slice", slices, (1, 2, 3), 11), ("Concat", concat, (1, 2, 3), 11), ("Transpose", transpose, (2, 3), 11),
    ("Reshape", reshape, (1, 2, 3), 11), ("Flatten", flatten, (1, 2, 3), 11), ("MatMul", mat_mul, (1, 2, 3), 11),
    ("Gemm", gemm, (1, 2, 3), 11), ("x · gate(x)", gate, (1, 2, 3), 11), ("GELU by Erf", gelu_by_erf, (1, 2, 3), 11),
    ("QDQ", quantize, (0, 1, 2, 3), 11), ("QDQ layer", quantized_layer, (3,), 11),
    ("Squeeze/Unsqueeze", squeeze_and_back, (1, 2, 3), 11),
    ("Split", split, (1, 2, 3), 11), ("Expand", expand, (1, 2, 3), 13), ("Where", where, (1, 2, 3), 11),
    ("LRN", response_norm, (3,), 13), ("InstanceNormalization", instance_norm, (3,), 11),
]
