"""A real uint8 MobileNetV2: its own scales, imported as encodings under a name map, give its accuracy."""
import json

import fixture
from fixture import pathlib, qeval, tempfile

model = fixture.shared("weights/mobilenet_v2_coral_quant_encodings.json")
shared = model.parents[1]

# The operators in the file are in execution order; so are torchvision's modules.
BLOCKS = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]


def modules():
    """Of each operator: what quantizes its output, and its weight."""
    yield "features.0.2:output", "features.0.0.weight"
    number, channels, adds = 1, 32, 0
    for expansion, outputs, repeats, stride in BLOCKS:
        for repeat in range(repeats):
            parts = [f"features.{number}.conv.{part}" for part in range(3 if expansion != 1 else 2)]
            for part in parts[:-1]:
                yield f"{part}.2:output", f"{part}.0.weight"
            yield f"{parts[-1]}:output", f"{parts[-1]}.weight"
            if (stride == 1 or repeat > 0) and channels == outputs:
                yield f"features.{number}.module_add{f'_{adds}' if adds else ''}:output", None
                adds += 1
            number, channels = number + 1, outputs
    yield f"features.{number}.2:output", f"features.{number}.0.weight"
    yield "module_adaptive_avg_pool2d:output", None
    yield "classifier.1:output", "classifier.1.weight"


folder = pathlib.Path(tempfile.mkdtemp(prefix="qeval-cli-"))
operators = [op for op in json.loads(model.read_text()) if op["op"] not in ("RESHAPE", "SOFTMAX")]
places = list(modules())
assert len(operators) == len(places), (len(operators), len(places))
entries = [{"name": "image", "output_dtype": "uint8", "y_scale": 1 / 128, "y_zero_point": 128}]
names = {"image": "features.0.0:input"}
for op, (output, weight) in zip(operators, places):
    # An average pool does not change the grid, and the file gives it no zero point.
    entries.append({"name": op["out"], "output_dtype": "uint8", "y_scale": op["out_scale"],
                    "y_zero_point": op["out_zero"] or 0})
    names[op["out"]] = output
    if weight:
        entries.append({"name": op["w"], "output_dtype": "uint8", "y_scale": op["w_scale"], "y_zero_point": op["w_zero"]})
        names[op["w"]] = weight
(folder / "own.encodings").write_text(json.dumps({"version": "2.0.0", "encodings": entries}))
(folder / "names.json").write_text(json.dumps(names))
# aimet-torch-2 also has quantizers between depthwise convolutions and their ReLU6, where the model has none.
(folder / "job.yaml").write_text(f"""qeval: 1
name: uint8
model:
  arch: mobilenet_v2_tf
  weights: {shared}/weights/mobilenet_v2_coral_quant_dequantized.safetensors
dataset: {{name: imagenet-sample, root: {shared}/data/imagenet-sample/val}}
preprocess:
  - center_crop: {{fraction: 0.875}}
  - resize: {{size: 224}}
  - normalize: {{range: bytes, mean: 128, std: 128}}
variants:
  fp32: {{quantization: none}}
  uint8:
    quantization:
      mode: aimet-torch-2
      param: {{symmetric: false}}
      share_module_quantizers: false
      encodings: {{import: own.encodings, names: names.json, missing: leave_float}}
run: {{batch_size: 8}}
""")
qeval("run", folder / "job.yaml", "--db", folder / "r.db", "--progress", "none", timeout=1500, resumed=False)
qeval("run", folder / "job.yaml", "--db", folder / "few.db", "--progress", "none", "--limit", 16)
rows = {row["variant"]: row for row in json.loads(qeval("history", "--db", folder / "r.db", "--format", "json").stdout)}
correct = {name: (round(row["top1"] * row["n_done"] / 100), round(row["top5"] * row["n_done"] / 100))
           for name, row in rows.items()}
print("correct of 1,000, top-1 and top-5:", correct)
# What the same scales give in an independent simulation; summation order moves a few images.
assert abs(correct["uint8"][0] - 852) <= 3 and abs(correct["uint8"][1] - 959) <= 3, correct
assert abs(correct["fp32"][0] - 849) <= 2 and abs(correct["fp32"][1] - 964) <= 2, correct
