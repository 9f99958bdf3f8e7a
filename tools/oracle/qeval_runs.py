"""Runs of the qeval program for oracles: a job of its own folder, and what the program says of its quantizers."""
import csv
import io
import json
import re
import subprocess

import numpy as np
import PIL.Image
import torch

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def write_images(folder, count, size, seed):
    """Smooth random pictures; returns them as the network's input."""
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    pixels, lines = [], ["path,label"]
    for number in range(count):
        coarse = random.integers(0, 256, (4 + 2 * (number % 4), 4 + number % 3, 3), dtype=np.uint8)
        picture = PIL.Image.fromarray(coarse).resize((size, size), PIL.Image.Resampling.BICUBIC)
        name = f"{number:03}.jpg"
        picture.save(folder / name, quality=95)
        lines.append(f"{name},{number}")
        pixels.append(np.asarray(PIL.Image.open(folder / name).convert("RGB")).transpose(2, 0, 1))
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    values = torch.from_numpy(np.stack(pixels)).to(torch.float32) / 255
    return (values - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)


class Job:
    """One quantized variant on the images of write_images, in `folder`."""

    def __init__(self, qeval, folder, arch, weights, size, count, quantization, parameters=None):
        self.qeval, self.folder, self.database = qeval, folder, folder / "results.db"
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "job.yaml"
        self.export = folder / "exported.encodings"
        self.file.write_text(json.dumps({
            "qeval": 1, "name": "oracle",
            "model": {"arch": arch, "weights": str(weights), "parameters": parameters or {}},
            "dataset": {"kind": "list", "root": str(folder.parent / "images"),
                        "labels": str(folder.parent / "images" / "labels.csv")},
            "preprocess": [{"center_crop": size}, {"normalize": {"mean": list(MEAN), "std": list(STD)}}],
            "variants": {"quantized": {"quantization": quantization}},
            "run": {"batch_size": count}}))

    def call(self, *arguments, accept=(0,)):
        done = subprocess.run([self.qeval, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode not in accept:
            said = done.stdout[-2000:] + done.stderr[-4000:]
            raise RuntimeError(f"qeval {arguments[0]}: exit {done.returncode}\n{said}")
        return done.stdout

    def run(self, version="0.6.1", **settings):
        self.database.unlink(missing_ok=True)
        self.export.unlink(missing_ok=True)
        chosen = [argument for key, value in settings.items() for argument in ("--set", f"{key}={value}")]
        self.call("run", self.file, "--db", self.database, "--progress", "none", "--set",
                  f"output.export_encodings={self.export}", "--set", f"output.encodings_version={version}", *chosen)
        return json.loads(self.export.read_text())

    def classes(self):
        rows = csv.DictReader(io.StringIO(self.call("show", "@last", "--db", self.database, "--predictions", "--format",
                                                    "csv")))
        return [int(row["top1"]) for row in rows]

    def quantizer_groups(self):
        """Of every quantized tensor, the names that its quantizer has."""
        groups, columns = {}, None
        for line in self.call("plan", self.file, "--db", self.database, "--quantizers").splitlines():
            cells = re.split(r"  +", line.strip())
            if cells[:2] == ["tensor", "bits"]:
                columns = [match.start() for match in re.finditer(r"\S+( \S+)*", line)]
            elif columns and len(line) > columns[-1] and not set(line) <= set("- "):
                row = [line[a:b].strip() for a, b in zip(columns, [*columns[1:], len(line)])]
                if row[1] != "float":
                    others = [] if row[4] == "-" or row[4].endswith("calls") else row[4].split(", ")
                    together = frozenset([row[0], *others])
                    groups.update((name, together) for name in together)
        return groups
