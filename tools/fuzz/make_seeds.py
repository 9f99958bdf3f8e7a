"""Writes small sound files of the kinds that qeval reads, for qeval_fuzz to damage.

Usage: make_seeds.py QEVAL FOLDER
"""
import json
import pathlib
import shutil
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "cli"))
from weights_files import OnnxWriter, SafetensorsFile, write_legacy, write_reshaped, write_zip  # noqa: E402


def write_checkpoints(qeval, folder):
    plain = folder / "resnet20.safetensors"
    subprocess.run([qeval, "make-weights", "resnet20", "-o", plain], check=True, stdout=subprocess.DEVNULL)
    write_zip(SafetensorsFile(plain), folder / "zip.pth")
    write_legacy(SafetensorsFile(plain), folder / "legacy.pth")


def write_networks(folder):
    for place in ("raw", "float_data", "constant", "half"):
        target = folder / place
        target.mkdir()
        OnnxWriter(place, 8, 2).write(target)
    for kind in ("floats", "chain", "whole numbers"):
        write_reshaped(folder / f"reshaped-{kind.replace(' ', '-')}.onnx", kind, 20)


def write_predictions(folder):
    rows = [(f"{i}.jpg", i % 10, [(i + k) % 10 for k in range(5)]) for i in range(20)]
    with open(folder / "top5.csv", "w", encoding="utf-8") as file:
        file.write("image,label,top1,top2,top3,top4,top5\n")
        file.writelines(f"{name},{label},{','.join(map(str, top))}\n" for name, label, top in rows)
    with open(folder / "logits.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"image": name, "logits": [float(k == top[0]) for k in range(10)]}) + "\n"
                        for name, _, top in rows)
    header = json.dumps({"logits": {"dtype": "F32", "shape": [20, 10], "data_offsets": [0, 800]}}).encode()
    (folder / "logits.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(800))


def write_encodings(folder):
    entry = {"bitwidth": 8, "dtype": "int", "is_symmetric": "False", "max": 1.0, "min": 0.0, "offset": 0,
             "scale": 1 / 255}
    old = {"version": "0.6.1", "activation_encodings": {"layer1.relu": {"output": {"0": entry}}},
           "param_encodings": {"conv1.weight": [entry, entry]}, "excluded_layers": [],
           "quantizer_args": {"activation_bitwidth": 8, "per_channel_quantization": True}}
    one = {"version": "1.0.0", "activation_encodings": [{"name": "relu", "bw": 8, "dtype": "INT", "enc_type": "PER_TENSOR",
                                                         "is_sym": False, "offset": [0], "scale": [0.004]}],
           "param_encodings": [{"name": "conv1.weight", "bw": 8, "dtype": "INT", "enc_type": "PER_CHANNEL", "is_sym": True,
                                "offset": [-128, -128], "scale": [0.004, 0.005]}]}
    two = {"version": "2.0.0", "encodings": [{"name": "conv1.weight", "output_dtype": "int8", "y_scale": [0.1, 0.2],
                                              "axis": 0},
                                             {"name": "relu", "output_dtype": "uint8", "y_scale": 0.1,
                                              "y_zero_point": 3}]}
    for name, document in (("old", old), ("one", one), ("two", two)):
        (folder / f"{name}.encodings").write_text(json.dumps(document, indent=1), encoding="utf-8")


def write_text(folder):
    for job in (ROOT / "jobs").glob("*.yaml"):
        shutil.copy(job, folder / job.name)
    config = {"defaults": {"ops": {"is_output_quantized": "True"}, "params": {"is_quantized": "True"},
                           "per_channel_quantization": "True"},
              "params": {"bias": {"is_quantized": "False"}}, "op_type": {"Conv": {"params": {}}},
              "supergroups": [{"op_list": ["Conv", "Relu"]}], "model_input": {"is_input_quantized": "True"},
              "model_output": {}}
    (folder / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    (folder / "list.csv").write_text('path,label\nphoto.jpg,0\n"./photo.jpg",3\n', encoding="utf-8")


def main():
    qeval, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    write_checkpoints(qeval, folder)
    write_networks(folder)
    write_predictions(folder)
    write_encodings(folder)
    write_text(folder)


if __name__ == "__main__":
    main()
