"""What the command-line tests share: a small real job, and ways to run the program on it."""
import csv
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from resumption import expect_resumable

QEVAL = sys.argv[1]
# What is remembered of files is this test's own.
CACHE = tempfile.TemporaryDirectory(prefix="qeval-cli-cache-")
os.environ["XDG_CACHE_HOME"] = CACHE.name
SOURCE = pathlib.Path(__file__).resolve().parents[2]
SKIP = 77


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIP)


def find_shared(relative):
    """A file or folder of the folder of oracles beside the repository, or None; the test fails without it where
    QEVAL_REQUIRE_SHARED=1: a misspelt path would be passed over for ever."""
    found = SOURCE.parent / "shared" / relative
    if found.exists():
        return found
    assert os.environ.get("QEVAL_REQUIRE_SHARED") != "1", f"no ../shared/{relative}, and QEVAL_REQUIRE_SHARED=1"
    return None


def shared(relative):
    """The same for a test that is nothing without it, and is skipped."""
    return find_shared(relative) or skip(f"no ../shared/{relative}")


def demo_folder():
    folder = pathlib.Path(os.environ.get("QEVAL_DEMO", SOURCE / "demo"))
    if not (folder / "complete").exists():
        skip("no demo data; tools/demo-data fetches it")
    return folder


def qeval(*arguments, expect=0, env=None, timeout=600, resumed=True):
    """Runs the program; returns the finished process. `expect`: exit code, or None for any. A job that ran to its end is
    also interrupted and resumed, unless `resumed` is False: for jobs that another call has with fewer images."""
    done = subprocess.run([QEVAL, *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          env={**os.environ, **(env or {})})
    if expect is not None and done.returncode != expect:
        print(done.stdout, done.stderr, sep="\n")
        raise AssertionError(f"qeval {' '.join(map(str, arguments))}: exit {done.returncode}, expected {expect}")
    if resumed:
        expect_resumable(arguments, done, env, Job.STANDARD)
    return done


def start(*arguments):
    return subprocess.Popen([QEVAL, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Job:
    """A tiny ResNeXt on real photos, small enough to finish in a second or two, in a folder of its own."""

    CLASSES = 4
    PIXELS = 64
    STANDARD = f"""qeval: 1
name: tiny
model:
  arch: resnet
  weights: weights.safetensors
  parameters: {{block: bottleneck, layers: [1, 1, 1, 1], groups: 4, width_per_group: 4,
               num_classes: {CLASSES}, input_size: {PIXELS}}}
dataset: {{name: photos, root: val}}
preprocess:
  - resize: {{short_side: 72}}
  - center_crop: {PIXELS}
  - normalize: {{mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}}
variants:
  fp32: {{quantization: none}}
  w8a8:
    quantization:
      scheme: tf_enhanced
      mode: aimet-1.24
      encodings: {{calibrate: {{samples: {{first: 60}}}}}}
run:
  batch_size: 4
"""

    def __init__(self, images=160, extra_run=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="qeval-cli-"))
        self.photos = sorted((demo_folder() / "images").glob("*.jpg"))
        self.data = self.folder / "val"
        copies = self.folder / "photos"
        shutil.copytree(demo_folder() / "images", copies)
        for index in range(images):
            target = self.data / f"class{index % self.CLASSES}" / f"{index:05d}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(copies / self.photos[index % len(self.photos)].name, target)
        self.weights = self.folder / "weights.safetensors"
        qeval("make-weights", "resnet", "--seed", 7, "-o", self.weights,
              *sum((["--parameter", p] for p in ["block=bottleneck", "layers=1,1,1,1", "groups=4", "width_per_group=4",
                                                 f"num_classes={self.CLASSES}", f"input_size={self.PIXELS}"]), []))
        self.file = self.folder / "job.yaml"
        self.file.write_text(self.STANDARD + extra_run)

    def database(self, name="results.db"):
        return self.folder / name

    def run(self, database, *arguments, **keywords):
        return qeval("run", self.file, "--db", database, "--progress", "none", *arguments, **keywords)

    def hashes(self, database):
        """Content hash of every run, by variant."""
        rows = json.loads(qeval("history", "--db", database, "--format", "json").stdout)
        found = {}
        for row in rows:
            text = qeval("show", row["name"], "--db", database).stdout
            assert row["variant"] not in found, f"two runs of {row['variant']} where one was expected"
            found[row["variant"]] = (row["state"], re.search(r"^content +([0-9a-f]{64})$", text, re.M).group(1))
        return found

    def best(self, database):
        """The best class of every image in the last run, in order."""
        text = qeval("show", "@last", "--db", self.database(database), "--predictions", "--format", "csv").stdout
        return [row["top1"] for row in csv.DictReader(text.splitlines())]

    def run_onnx(self, net, database):
        """The same job with an ONNX file of the folder as its network. Returns the job's file."""
        text = self.file.read_text()
        model = text[text.index("model:"):text.index("dataset:")]
        variants = text[text.index("variants:"):text.index("run:")]
        job = self.folder / "imported.yaml"
        job.write_text(text.replace(model, f"model: {{arch: onnx, weights: {net}}}\n")
                       .replace(variants, "variants: {back: {quantization: none}}\n"))
        qeval("run", job, "--db", self.database(database), "--progress", "none")
        return job

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
