"""Jobs that between them have every key of the job language are interrupted in each phase, resumed without their variables,
and end with the content of an uninterrupted run."""
import csv
import hashlib
import json
import os
import re

from fixture import SOURCE, Job, expect_resumable, qeval

MODULE = "layer2.0.conv3"
CONFIG = {"defaults": {"ops": {"is_output_quantized": "True"},
                       "params": {"is_quantized": "True", "is_symmetric": "True"}},
          "params": {"bias": {"is_quantized": "False"}}, "op_type": {}, "supergroups": [], "model_input": {},
          "model_output": {}}
PARAMETERS = {"block": "bottleneck", "layers": [1, 1, 1, 1], "groups": 4, "width_per_group": 4, "num_classes": 4,
              "input_size": 64}
NORMALIZE = {"normalize": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}
FIRST_6 = {"calibrate": {"samples": {"first": 6}}}
TORCH = {"mode": "aimet-torch-2", "share_module_quantizers": False}

job = Job(images=16)
folder = job.folder
(folder / "link.safetensors").symlink_to(job.weights)
(folder / "photos of mine").symlink_to(job.data)
names = sorted(path.relative_to(job.data).as_posix() for path in job.data.rglob("*.jpg"))
with open(folder / "labels.csv", "w", newline="") as file:
    csv.writer(file).writerows([("path", "label"), *((name, name[5]) for name in names), ("broken.jpg", 1)])
(job.data / "broken.jpg").write_bytes(b"no photo")
(folder / "wanted.txt").write_text("\n".join([*names[:9], "broken.jpg"]) + "\n")
(folder / "config.json").write_text(json.dumps(CONFIG))


def described(name, variants, **more):
    return {"qeval": 1, "name": name,
            "model": {"arch": "resnet", "weights": "weights.safetensors", "parameters": PARAMETERS},
            "dataset": {"root": "val"}, "preprocess": [{"resize": {"short_side": 72}}, {"center_crop": 64}, NORMALIZE],
            "variants": variants, "run": {"batch_size": 4}, **more}


def photos(variable):
    return {"root": variable, "kind": "list", "labels": "labels.csv"}


JOBS = {
    "lists, links and variables": described(
        "${QEVAL_TEST_NAME}", {"w8a8": {}}, description="of lists", tags=["a", "1"],
        model={"arch": "resnet", "weights": "link.safetensors", "parameters": PARAMETERS, "fold_batch_norm": True,
               "sha256": hashlib.sha256(job.weights.read_bytes()).hexdigest()},
        dataset={"name": "of mine", **photos("${QEVAL_TEST_PHOTOS}"), "subset": {"list": "wanted.txt"}},
        quantization={"scheme": "tf", "quantize_bias": True, "activation": {"symmetric": True}, "encodings": {
            "calibrate": {**photos("${QEVAL_TEST_UNSET:-val}"), "samples": {"list": "wanted.txt"}, "batch_size": 2}}},
        run={"batch_size": 4, "device": "cpu", "threads": 2, "decode_threads": 2, "replicas": 1,
             "bad_images": {"max": 1}},
        output={"export_encodings": "${name}-${variant}.encodings", "encodings_version": "2.0.0"}),
    "variants that change all": described(
        "sections", {
            "fp32": {"preprocess": [{"decode": {"max_pixels": 10 ** 8, "max_scans": 50}},
                                    {"center_crop": {"fraction": 0.875}},
                                    {"resize": {"size": [64, 64], "filter": "bicubic", "emulate": "pillow-12.1"}},
                                    NORMALIZE],
                     "quantization": "none"},
            "other": {"model": {"fold_batch_norm": False}, "dataset": {"subset": {"per_class": 2}},
                      "preprocess": [{"center_crop": {"size": 64, "padding": 8}}, {"resize": {"size": 64}},
                                     {"normalize": {"mean": 128, "std": 128, "range": "bytes", "channels": "bgr"}}]},
            "w8a8": {"dataset": {"subset": {"first": 9}}},
            "tenth": {"dataset": {"subset": {"every": 3}}, "quantization": "none"},
            "spread": {"dataset": {"subset": {"spread": 7}},
                       "quantization": {"encodings": {"calibrate": {"samples": {"spread": 6}}}}},
            "calibrated": {"dataset": {"subset": {"first": 3}},
                           "quantization": {"encodings": {"calibrate": {"samples": {"every": 4}}}}}},
        quantization={"scheme": "percentile", "percentile": 99.9, "quantize_input": False, "disable": ["conv1"],
                      "param": {"per_channel": True},
                      "encodings": {"calibrate": {"samples": {"per_class": 2}}}},
        metrics={"top1": {"reference": 0.5, "tolerance": 0.5}, "top5": {"reference": {"w8a8": 1}, "tolerance": 1}}),
    "changed layers": described(
        "techniques", {
            "equalized": {"quantization": {"equalize": True, "bias_correction": "analytic"}},
            "empirical": {"quantization": {"bias_correction": "empirical"}},
            "adaround": {"quantization": {"rounding": "adaround", "param": {"bits": 4},
                                          "activation": {"bits": 6},
                                          "adaround": {"iterations": 2, "learning_rate": 0.02,
                                                       "regularization": 0.02}}}},
        quantization={**TORCH, "config": "htp_v66", "requantize": True, "encodings": FIRST_6},
        compare={"baseline": "equalized"}, preflight="off",
        metrics={"top1": {"max_drop": 0.5, "alpha": 0.01}, "top5": {"max_drop": {"adaround": 0.5}}}),
    "files and types": described(
        "files", {
            "imported": {"quantization": {"config": "config.json", "encodings": {
                "import": "theirs.encodings", "names": "names.json", "policy": "partial", "missing": "leave_float"}}},
            "frozen": {"quantization": {"executor": "simulated-exact",
                                        "encodings": {**FIRST_6, "freeze": "frozen.encodings", "policy": "partial"}},
                       "needs": ["quantization.encodings.freeze", "dataset.root"]},
            "blocks": {"quantization": {"param": {"block_size": 4, "block_modules": [MODULE]}, "encodings": FIRST_6}},
            "half": {"quantization": {"param": {"dtype": "float", "bits": 16},
                                      "activation": {"dtype": "float", "bits": 16},
                                      "encodings": FIRST_6}},
            "uneven": {"quantization": {"param": {"symmetric": False}, "encodings": FIRST_6}},
            "codes": {"quantization": {"executor": "integer", "encodings": FIRST_6}}},
        quantization=TORCH, dataset={"root": "val", "subset": "all"}),
}
VARIABLES = {"QEVAL_TEST_NAME": "lists", "QEVAL_TEST_PHOTOS": str(folder / "photos of mine"),
             "QEVAL_TEST_WEIGHTS": str(job.weights),
             "QEVAL_TEST_OUT": str(folder.parent / f"{folder.name}-elsewhere.encodings")}
OPTIONS = {"lists, links and variables": ["--set", "model.weights=${QEVAL_TEST_WEIGHTS}", "--limit", "9",
                                          "--set", "output.export_encodings=${QEVAL_TEST_OUT}"]}
PHASES = {name: {"calibration", "evaluation"} for name in JOBS}
PHASES["changed layers"].add("tuning")


def keys_of(value, path=""):
    """Of a job as its reference writes them; a variant has the sections of the top level."""
    if isinstance(value, dict):
        for key, inner in value.items():
            own_names = path in ("variants", "model.parameters", *(f"metrics.{top}.{gate}" for top in ("top1", "top5") for gate in ("reference", "max_drop")))
            inner_path = "" if path == "variants" else f"{path}.*" if own_names else f"{path}.{key}".lstrip(".")
            if inner_path == "needs":  # the one key that a variant alone has
                inner_path = "variants.*.needs"
            yield f"{path}.*" if own_names else inner_path
            yield from keys_of(inner, inner_path)
    elif isinstance(value, list):
        for inner in value:
            yield f"{path}[]"
            yield from keys_of(inner, f"{path}[]")


# Rows of the fields' table: four cells. Architectures have two.
reference = set(re.findall(r"^\| `([^`]+)` \|[^|\n]*\|[^|\n]*\|", (SOURCE / "jobs/README.md").read_text(), re.M))
used = {key for described_job in JOBS.values() for key in keys_of(described_job)}
# As top5's; and checkpoints_test has a checkpoint to choose from, whose runs are interrupted as all tests' are.
known = {"metrics.top1.reference.*", "metrics.top1.max_drop.*", "metrics.top5.alpha", "model.state_dict"}
assert used - reference == set(), f"no keys of the language: {used - reference}"
assert reference - used - known == set(), f"keys that no job here has: {reference - used - known}"

for name, content in JOBS.items():
    file = folder / f"{name}.yaml"
    file.write_text(json.dumps(content, indent=1))
    arguments = ["run", file, "--db", job.database(f"{name}.db"), "--progress", "none", *OPTIONS.get(name, [])]
    done = qeval(*arguments, env=VARIABLES, resumed=False)
    met = expect_resumable(arguments, done, VARIABLES)
    assert set(met) == PHASES[name], (name, met)
    if name == "lists, links and variables":
        written = json.loads((folder.parent / f"{folder.name}-elsewhere.encodings").read_text())
        os.remove(VARIABLES["QEVAL_TEST_OUT"])
        theirs = {**written, "encodings": [{**one, "name": f"their/{one['name']}"} for one in written["encodings"][1:]]}
        (folder / "theirs.encodings").write_text(json.dumps(theirs))
        names = {f"their/{one['name']}": one["name"] for one in written["encodings"]}
        (folder / "names.json").write_text(json.dumps(names))
        (folder / "frozen.encodings").write_text(json.dumps({**written, "encodings": written["encodings"][:3]}))
job.remove()
