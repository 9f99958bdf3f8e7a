"""Writes weights files of any size, piece by piece, without the libraries that people write them with."""
import json
import math
import pickle
import struct
import sys
import types
import zipfile

PIECE = 1 << 20


class SafetensorsFile:
    """The f32 tensors of a safetensors file."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            header = struct.unpack("<Q", file.read(8))[0]
            entries = json.loads(file.read(header))
        self.start = 8 + header
        self.tensors = {name: (entry["shape"], *entry["data_offsets"]) for name, entry in entries.items()
                        if name != "__metadata__"}

    def copy(self, name, target):
        """Writes a tensor's bytes."""
        _, begin, end = self.tensors[name]
        with open(self.path, "rb") as file:
            file.seek(self.start + begin)
            for done in range(begin, end, PIECE):
                target.write(file.read(min(PIECE, end - done)))


def as_if_torch(name, module):
    """A function that pickles as a global of torch."""
    def function(*_):
        raise AssertionError("only for its name")
    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:length]), types.ModuleType(".".join(parts[:length])))
    setattr(sys.modules[module], name, function)
    return function


REBUILD = as_if_torch("_rebuild_tensor_v2", "torch._utils")
FLOAT_STORAGE = as_if_torch("FloatStorage", "torch")


class Storage:
    def __init__(self, key, count):
        self.key, self.count = key, count


class Tensor:
    def __init__(self, storage, shape):
        self.storage, self.shape = storage, shape

    def __reduce__(self):
        strides = [1] * len(self.shape)
        for axis in range(len(self.shape) - 1, 0, -1):
            strides[axis - 1] = strides[axis] * self.shape[axis]
        return REBUILD, (self.storage, 0, tuple(self.shape), tuple(strides), False, {})


class StatePickler(pickle.Pickler):
    def __init__(self, target, legacy):
        super().__init__(target, protocol=2)
        self.legacy = legacy

    def persistent_id(self, value):
        if not isinstance(value, Storage):
            return None
        return ("storage", FLOAT_STORAGE, value.key, "cpu", value.count, *((None,) if self.legacy else ()))


def state_of(source):
    """What torch.save is given, every tensor in a storage of its own."""
    return {name: Tensor(Storage(str(number), (end - begin) // 4), shape)
            for number, (name, (shape, begin, end)) in enumerate(source.tensors.items())}


def write_legacy(source, path):
    """As torch.save did before 1.6. Elements lie at any byte; here, between those of floats."""
    with open(path, "wb") as file:
        system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
        for value in (0x1950a86a20f9469cfc6c, 1001, system):
            pickle.dump(value, file, protocol=2)
        state = state_of(source)
        StatePickler(file, legacy=True).dump(state)
        pickle.dump([tensor.storage.key for tensor in state.values()], file, protocol=2)
        assert file.tell() % 4, "another length of a name above"
        for name, tensor in state.items():
            file.write(struct.pack("<q", tensor.storage.count))
            source.copy(name, file)


def write_zip(source, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        state = state_of(source)
        with archive.open("net/data.pkl", "w") as file:
            StatePickler(file, legacy=False).dump(state)
        for name, tensor in state.items():
            with archive.open(f"net/data/{tensor.storage.key}", "w") as file:
                source.copy(name, file)


# ONNX ---------------------------------------------------------------------------------------------------------------
def varint(value):
    encoded = b""
    while value > 127:
        encoded += bytes([value & 127 | 128])
        value >>= 7
    return encoded + bytes([value])


def field(number, value):
    """A protobuf field: a whole number, or bytes or text behind their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


class Elements:
    """The same number again and again, without memory for them."""

    def __init__(self, count, pattern):
        self.count, self.pattern = count, pattern

    def __len__(self):
        return self.count * len(self.pattern)

    def write(self, target):
        whole, rest = divmod(self.count, PIECE)
        for _ in range(whole):
            target.write(self.pattern * PIECE)
        target.write(self.pattern * rest)


def nested(number, parts):
    """A message as a list of bytes and Elements, as a field of another one."""
    return [varint(number << 3 | 2) + varint(sum(map(len, parts)))] + parts


def write_parts(parts, path):
    with open(path, "wb") as file:
        for part in parts:
            part.write(file) if isinstance(part, Elements) else file.write(part)


def number_attribute(name, value):
    return field(5, field(1, name) + field(20, 2) + field(3, value))


def node(op, inputs, output, attributes=b""):
    return field(1, b"".join(field(1, name) for name in inputs) + field(2, output) + field(3, output) + field(4, op)
                 + attributes)


def write_model(nodes, tensors, path):
    """A model of images of 3×8×8 pixels, `x`, to `logits`."""
    sizes = b"".join(field(1, field(1, size)) for size in (3, 8, 8))
    images = field(2, field(1, field(1, 1) + field(2, field(1, field(2, "N")) + sizes)))
    graph = nodes + tensors + [field(11, field(1, "x") + images) + field(12, field(1, "logits"))]
    write_parts([field(1, 8) + field(8, field(2, 17))] + nested(7, graph), path)


class OnnxWriter:
    """A chain of square convolutions of 3×3, each with a batch norm behind it.

    `place` of the convolutions' weights: "raw", "float_data", "constant" (of nodes), "external" or "half" (float16 in
    raw_data)."""

    TYPES = {"half": (10, struct.pack("<e", 0.01))}

    def __init__(self, place, channels, layers):
        self.channels = channels
        self.nodes, self.tensors, self.external = [], [], []
        value = self.conv("x", "first", (channels, 3, 1, 1), "raw")
        for layer in range(layers):  # names of all lengths: in the file, elements lie at any byte
            value = self.norm(self.conv(value, "c" * (layer + 1), (channels, channels, 3, 3), place))
        self.nodes += [node("GlobalAveragePool", [value], "pooled"), node("Flatten", ["pooled"], "flat"),
                       node("Gemm", ["flat", "last"], "logits", number_attribute("transB", 1))]
        self.tensors += nested(5, self.tensor("last", (4, channels), "raw"))

    def tensor(self, name, shape, place):
        kind, pattern = self.TYPES.get(place, (1, struct.pack("<f", 0.01)))
        elements = Elements(math.prod(shape), pattern)
        parts = [b"".join(field(1, size) for size in shape) + field(2, kind) + field(8, name)]
        if place == "external":
            entries = {"location": "net.data", "offset": sum(map(len, self.external)), "length": len(elements)}
            self.external.append(elements)
            return parts + [b"".join(field(13, field(1, key) + field(2, str(value))) for key, value in entries.items())
                            + field(14, 1)]
        return parts + nested(4 if place == "float_data" else 9, [elements])

    def conv(self, value, name, shape, place):
        weight = name + ".w"
        stored = self.tensor(weight, shape, place)
        if place == "constant":
            attribute = nested(5, [field(1, "value"), *nested(5, stored), field(20, 4)])
            self.nodes += nested(1, [field(2, weight) + field(4, "Constant"), *attribute])
        else:
            self.tensors += nested(5, stored)
        if place == "half":
            self.nodes.append(node("Cast", [weight], name + ".f", number_attribute("to", 1)))
            weight = name + ".f"
        pads = field(5, field(1, "pads") + field(20, 7) + field(8, shape[2] // 2) * 4)
        self.nodes.append(node("Conv", [value, weight], name, pads))
        return name

    def norm(self, value):
        names = [f"{value}.{name}" for name in ("scale", "bias", "mean", "variance")]
        for name in names:
            self.tensors += nested(5, self.tensor(name, (self.channels,), "raw"))
        self.nodes.append(node("BatchNormalization", [value, *names], value + ".bn"))
        return value + ".bn"

    def write(self, folder):
        """Returns the bytes of net.onnx and of net.data, its external data."""
        write_model(self.nodes, self.tensors, folder / "net.onnx")
        write_parts(self.external, folder / "net.data")
        return (folder / "net.onnx").stat().st_size + sum(map(len, self.external))


def write_reshaped(path, kind, times):
    """One constant that `times` nodes give another shape, before it becomes the weights of convolutions over the image.

    `kind`: "floats", each of which is a convolution's; "chain" of whole numbers, which becomes floats in the end;
    "whole numbers", each of which does."""
    shape = (520, 3, 8, 8)
    count = math.prod(shape)
    element, pattern = (1, struct.pack("<f", 0.01)) if kind == "floats" else (3, b"\1")
    tensors = nested(5, [field(1, count) + field(2, element) + field(8, "c"), *nested(9, [Elements(count, pattern)])])
    for name, sizes in (("wanted", shape), ("row", (1, count)), ("list", (count,))):
        tensors.append(field(5, field(1, len(sizes)) + field(2, 7) + field(8, name)
                             + field(9, struct.pack(f"<{len(sizes)}q", *sizes))))
    tensors.append(field(5, field(2, 1) + field(8, "scale") + field(9, struct.pack("<f", 0.5))))
    weights = [f"r{number}" for number in range(times)]
    if kind == "chain":
        nodes = [node("Reshape", [weights[number - 1] if number else "c", "list" if number % 2 else "row"], weight)
                 for number, weight in enumerate(weights)]
        nodes.append(node("Reshape", [weights[-1], "wanted"], "r"))
        weights = ["r"]
    else:
        nodes = [node("Reshape", ["c", "wanted"], weight) for weight in weights]
    total = None
    for weight in weights:
        if kind != "floats":
            nodes.append(node("DequantizeLinear", [weight, "scale"], "f" + weight))
        nodes.append(node("Conv", ["x", weight if kind == "floats" else "f" + weight], "c" + weight))
        if total:
            nodes.append(node("Add", [total, "c" + weight], "s" + weight))
        total = ("s" if total else "c") + weight
    write_model([*nodes, node("Flatten", [total], "logits")], tensors, path)
