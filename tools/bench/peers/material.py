"""One network and one set of photos for every engine: weights, a job file, encodings and two ONNX files in a folder."""
import json
import os
import pathlib
import shutil
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[3]
MODE, BATCH = "aimet-torch-2", 8
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

JOB = """qeval: 1
name: peers
model: {{arch: {arch}, weights: weights.safetensors, fold_batch_norm: true}}
dataset: {{name: photos, kind: list, root: photos, labels: photos.csv}}
preprocess:
  - resize: {{short_side: 256, filter: bilinear}}
  - center_crop: 224
  - normalize: {{mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}}
quantization:
  mode: {mode}
  scheme: tf
  param: {{bits: 8, symmetric: true, per_channel: false}}
  activation: {{bits: 8, symmetric: false}}
  share_module_quantizers: false
  encodings: {{import: network.encodings}}
variants:
  float: {{quantization: none}}
  simulated: {{quantization: {{executor: simulated}}}}
  simulated-exact: {{quantization: {{executor: simulated-exact}}}}
  integer: {{quantization: {{executor: integer}}}}
  calibrated: {{quantization: {{encodings: {{calibrate: {{samples: {{first: {batch}}}}}}}}}}}
  unquantized: {{quantization: {{encodings: {{import: none.encodings, policy: partial}}}}}}
run: {{batch_size: {batch}, device: cpu}}
preflight: off
"""


def photo_files(count):
    """`count` photos, evenly out of the thousand where that folder is there, else the demonstration's, repeated."""
    sample = sorted((SOURCE.parent / "shared/data/imagenet-sample/val").glob("*/*"))
    if sample:
        return [sample[i * len(sample) // count] for i in range(count)]
    demo = sorted((SOURCE / "demo/images").glob("*.jp*g"))
    if not demo:
        raise SystemExit("compare-peers: no photos; run tools/demo-data")
    return [demo[i % len(demo)] for i in range(count)]


class Material:
    """`qeval` runs in `folder`, with a memory of files of its own."""

    def __init__(self, folder, arch, images, machine):
        self.folder, self.arch, self.images = folder, arch, images
        self.program = SOURCE / "build/release/bin/qeval"
        self.environment = {**machine.environment, "XDG_CACHE_HOME": str(folder / "cache")}

    def qeval(self, *arguments):
        done = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True, cwd=self.folder,
                              env=self.environment)
        if done.returncode != 0:
            raise SystemExit(f"compare-peers: qeval {arguments[0]}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    def make(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "photos").mkdir(parents=True)
        lines = ["path,label"]
        for number, file in enumerate(photo_files(self.images)):
            name = f"{number:04}.jpg"
            os.symlink(file, self.folder / "photos" / name)
            lines.append(f"{name},0")
        self.write("photos.csv", "\n".join(lines) + "\n")
        self.write("job.yaml", JOB.format(arch=self.arch, mode=MODE, batch=BATCH))
        self.write("none.encodings", json.dumps({"version": "2.0.0", "encodings": []}))
        self.qeval("make-weights", self.arch, "--seed", 1, "-o", "weights.safetensors")
        self.calibrate_and_export()

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def calibrate_and_export(self):
        database = ("--db", "calibration.db")
        first = ("--set", f"dataset.subset.first={BATCH}")
        self.qeval("run", "job.yaml", "--variant", "calibrated", *first, "--progress", "none", *database)
        self.qeval("encodings", "export", "@last", "-o", "network.encodings", *database)
        for variant, name in (("simulated", "qdq"), ("unquantized", "float")):
            self.qeval("export", "job.yaml", "--variant", variant, "--format", "onnx-qdq", "-o", f"{name}.onnx",
                       *database)

    def predictions(self, variant, count):
        """The best classes of the first `count` photos."""
        database = ("--db", f"{variant}.db")
        self.qeval("run", "job.yaml", "--variant", variant, "--set", f"dataset.subset.first={count}", "--progress",
                   "none", *database)
        table = self.qeval("show", "@last", "--predictions", "--format", "csv", *database).splitlines()
        column = table[0].split(",").index("top1")
        return [int(line.split(",")[column]) for line in table[1:]]
