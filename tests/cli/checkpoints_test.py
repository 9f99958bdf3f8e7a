"""Checkpoints as training scripts write them: which dictionary was taken and what was renamed is said, another can be
chosen, and choosing is another run."""
import collections
import io
import json
import pickle
import re
import sys
import types
import zipfile

from fixture import Job, qeval


# Just enough of torch.save to write tensors that lie in the archive one by one.
class FloatStorage:
    pass


def _rebuild_tensor_v2():
    pass


for module, thing in [("torch", FloatStorage), ("torch._utils", _rebuild_tensor_v2)]:
    thing.__module__ = module
    sys.modules.setdefault(module, types.ModuleType(module)).__dict__[thing.__name__] = thing
sys.modules["torch"]._utils = sys.modules["torch._utils"]


class Storage:
    def __init__(self, key, count):
        self.id = ("storage", FloatStorage, key, "cpu", count)


class Tensor:
    def __init__(self, shape, data):
        self.shape, self.data, self.key = shape, data, None

    def __reduce__(self):
        strides = [1]
        for size in reversed(self.shape[1:]):
            strides.insert(0, strides[0] * size)
        return _rebuild_tensor_v2, (Storage(self.key, len(self.data) // 4), 0, tuple(self.shape),
                                    tuple(strides[:len(self.shape)]), False, collections.OrderedDict())


class Pickler(pickle.Pickler):
    def persistent_id(self, thing):
        return thing.id if isinstance(thing, Storage) else None


def save(checkpoint, file):
    tensors = []

    def number(value):
        if isinstance(value, dict):
            for part in value.values():
                number(part)
        if isinstance(value, Tensor) and value.key is None:  # others have it too
            value.key = str(len(tensors))
            tensors.append(value)

    number(checkpoint)
    stream = io.BytesIO()
    Pickler(stream, 2).dump(checkpoint)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("net/data.pkl", stream.getvalue())
        for tensor in tensors:
            archive.writestr(f"net/data/{tensor.key}", tensor.data)


def read_safetensors(file):
    content = file.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8:8 + size])
    return {name: Tensor(entry["shape"], content[8 + size:][slice(*entry["data_offsets"])])
            for name, entry in header.items() if name != "__metadata__"}


job = Job(images=16)
weights = read_safetensors(job.weights)
averaged = {name: Tensor(tensor.shape, bytes(len(tensor.data)) if name == "fc.bias" else tensor.data)
            for name, tensor in weights.items()}
one = Tensor([], b"\0\0\x80\x3f")
save({"epoch": 90, "arch": "resnet50", "best_acc1": one, "optimizer": {"state": {}, "param_groups": []},
      "state_dict": {"module._orig_mod." + name: tensor for name, tensor in weights.items()}
      | {"module._orig_mod.bn1.num_batches_tracked": one},
      "state_dict_ema": averaged}, job.folder / "checkpoint.pth")
other = ["--set", "model.weights=checkpoint.pth"]

database = job.database()
job.run(database, "--variant", "fp32")
expected = job.best(database.name)
said = job.run(database, "--variant", "fp32", *other).stderr
assert job.best(database.name) == expected
assert "(pth-zip, state_dict)" in said, said
assert "weights are those under state_dict of the checkpoint; others are under state_dict_ema" in said, said
assert re.search(r'in the weights file: counters left out: 1; names without their prefix "module\._orig_mod\.": \d+$', said,
                 re.M), said
said = job.run(database, "--variant", "fp32", *other, "--set", "model.state_dict=state_dict_ema").stderr
assert "(pth-zip, state_dict_ema)" in said and "others are under state_dict " in said, said
rows = json.loads(qeval("history", "--db", database, "--format", "json").stdout)
assert len({row["name"] for row in rows}) == 3, rows

message = qeval("validate", job.file, *other, "--set", "model.state_dict=ema", expect=3).stderr
assert "holds no dictionary of weights under 'ema'; it has some under 'state_dict', 'state_dict_ema'" in message, message
message = qeval("validate", job.file, "--set", "model.state_dict=model", expect=3).stderr
assert "safetensors file, which has no dictionaries" in message, message
job.remove()
