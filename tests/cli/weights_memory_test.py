"""A network's weights are in memory once: what a file needs beside its own size is less than half of it, whatever the
format, and also where batch norms are folded. Half precision becomes floats: there it is twice the file."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from fixture import QEVAL, demo_folder, qeval, skip
from weights_files import OnnxWriter, SafetensorsFile, write_legacy, write_reshaped, write_zip

if "libasan" in subprocess.run(["ldd", QEVAL], capture_output=True, text=True).stdout:
    skip("AddressSanitizer has memory of its own beside every block")

MOST = 1.5
MOST_HALF = 2.5
JOB = """qeval: 1
name: memory
model: {{{model}}}
dataset: {{name: photos, kind: list, root: ., labels: labels.csv}}
preprocess:
  - resize: {{short_side: 72}}
  - center_crop: {pixels}
  - normalize: {{mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}}
variants: {{{variants}}}
run: {{batch_size: 4}}
"""
FLOAT = "{}: {{quantization: none, model: {{fold_batch_norm: {}}}}}"
NOT_FOLDED, FOLDED = FLOAT.format("not_folded", "false"), FLOAT.format("folded", "true")
SEVERAL = ", ".join(f"several{number}: {{quantization: {{scheme: tf, mode: {mode}, "
                    "encodings: {calibrate: {samples: {first: 1}}}}}"
                    for number, mode in enumerate(("aimet-1.24", "aimet-torch-2", "aimet-onnx-2")))
# A process begins with the peak of the one that started it, so that one must be small.
STARTER = "import os, sys; pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ); " \
          "_, status, used = os.wait4(pid, 0); print(used.ru_maxrss); sys.exit(os.waitstatus_to_exitcode(status))"

with tempfile.TemporaryDirectory(prefix="qeval-memory-") as name:
    folder = pathlib.Path(name)
    shutil.copy(next((demo_folder() / "images").glob("*.jpg")), folder / "photo.jpg")
    (folder / "labels.csv").write_text("path,label\nphoto.jpg,0\n")

    def peak(model, pixels, variants, expect=0):
        """The most memory in bytes, and what was said. `plan` and `run` do first what `validate` does alone; after that
        they open LibTorch, whose hundred megabytes would hide what is measured here."""
        file = folder / "job.yaml"
        file.write_text(JOB.format(model=model, pixels=pixels, variants=variants))
        done = subprocess.run([sys.executable, "-I", "-S", "-c", STARTER, os.path.abspath(QEVAL), "validate", file],
                              capture_output=True, text=True)
        assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
        return int(done.stdout.splitlines()[-1]) << 10, done.stdout + done.stderr

    def check(kind, tiny, large, size, pixels, most=MOST, variants=(NOT_FOLDED, FOLDED, SEVERAL)):
        for wanted in variants:
            base, _ = peak(*tiny, wanted)
            found, said = peak(large, pixels, wanted)
            print(f"{kind}, {wanted.split(':')[0]}: {(found - base) / size:.2f} × {size >> 20} MiB")
            assert 0.9 * size < found - base <= most * size, (kind, wanted, found, base, size, said)

    # State dicts: a layer of more than half the file, which is at any byte of it, and some that are folded.
    PARAMETERS = {"block": "bottleneck", "layers": "1,1,1,1", "groups": 1, "width_per_group": 64, "num_classes": 8000,
                  "input_size": 64}
    qeval("make-weights", "resnet20", "-o", folder / "tiny.safetensors")
    qeval("make-weights", "resnet", "-o", folder / "large.safetensors",
          *sum((["--parameter", f"{key}={value}"] for key, value in PARAMETERS.items()), []))
    LISTED = ", ".join(f"{key}: {f'[{value}]' if key == 'layers' else value}" for key, value in PARAMETERS.items())
    for suffix, write in ((".safetensors", None), (".zip.pth", write_zip), (".legacy.pth", write_legacy)):
        for source in ("tiny", "large"):
            if write:
                write(SafetensorsFile(folder / f"{source}.safetensors"), folder / (source + suffix))
        large = folder / f"large{suffix}"
        assert large.stat().st_size > 90e6
        check(suffix, (f"arch: resnet20, weights: tiny{suffix}", 32),
              f"arch: resnet, weights: large{suffix}, parameters: {{{LISTED}}}", large.stat().st_size, 64)

    # ONNX: some layers that are folded, and one alone that is not.
    def onnx(place, channels, layers):
        target = folder / f"{place}-{channels}"
        target.mkdir()
        return f"arch: onnx, weights: {target.name}/net.onnx", OnnxWriter(place, channels, layers).write(target)

    for place in ("raw", "float_data", "constant", "external", "half"):
        most = MOST_HALF if place == "half" else MOST
        tiny, _ = onnx(place, 8, 1)
        large, size = onnx(place, 768, 6)
        check(f"ONNX {place}", (tiny, 8), large, size, 8, most)
        large, size = onnx(place, 1600, 1)
        check(f"ONNX {place}, one layer", (tiny, 8), large, size, 8, most, [NOT_FOLDED])
        for made in (f"{place}-768", f"{place}-1600"):
            shutil.rmtree(folder / made)

    # What moves no element of a constant shares its storage; what else is computed of constants has a bound.
    base, _ = peak(tiny, 8, NOT_FOLDED)
    for kind, expect in (("floats", 0), ("chain", 0), ("whole numbers", 3)):
        write_reshaped(folder / "reshaped.onnx", kind, 20000)
        found, said = peak("arch: onnx, weights: reshaped.onnx", 8, NOT_FOLDED, expect)
        print(f"20,000 reshapes, {kind}: {(found - base) >> 20} MiB")
        assert found - base < 256 << 20, (kind, found, base)
        if expect:
            assert re.search(r"node 'fr\d+' \(DequantizeLinear\): what is computed of constants up to here takes more "
                             r"than \d+ MiB", said), said
