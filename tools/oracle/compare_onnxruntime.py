#!/usr/bin/env python3
"""Random small ONNX graphs through qeval's importer and executor, against onnxruntime.

    compare_onnxruntime.py PROBE [--cases N] [--seed S] [--keep FOLDER] [--class NAME]
    compare_onnxruntime.py build/release/tools/oracle/onnx_probe --cases 1000

Needs onnx and onnxruntime, in an environment of their own. A case is one operator with random legal attributes, or a
chain or branches of 2 to 8, run with batch norms folded and not, and, exported again, by onnxruntime. Graphs that
onnxruntime refuses do not count. What may differ is what onnxruntime's own answer changes by when the images do in
their last bits, and 1e-4 of the logits' size. Prints a table by class, refusals by message, and the seeds of wrong
cases; --keep saves the files of all that are not equal. Exit status 1 if a case is wrong.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, shape_inference

from onnx_operators import OPERATORS, GraphMaker

IMAGES = 3
onnxruntime.set_default_logger_severity(4)


class Probe:
    """The program under test; started again after a crash."""

    def __init__(self, program):
        self.program, self.process = program, None

    def ask(self, file, way, images):
        """"logits" and an array, or "refused", "failed", "crashed" and why."""
        if self.process is None:
            self.process = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=subprocess.DEVNULL)
        try:
            self.process.stdin.write(f"{way} {len(images)} {images.size} {file}\n".encode() + images.tobytes())
            self.process.stdin.flush()
            kind, size = self.process.stdout.readline().decode().split()
            answer = self.process.stdout.read(int(size))
        except (BrokenPipeError, ValueError):
            status, self.process = self.process.wait(), None
            return "crashed", f"exit status {status}"
        return kind, numpy.frombuffer(answer, numpy.float32) if kind == "logits" else answer.decode()


def model_of(g, image, output):
    batch = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *image])]
    out = [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)]
    graph = helper.make_graph(g.nodes, "random", batch, out, g.initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", g.opset)], ir_version=9)


def shape_of(g, image, value):
    """Without the batch; None where onnx cannot tell, or where a side is empty."""
    if value == "x":
        return list(image)
    inferred = shape_inference.infer_shapes(model_of(g, image, value), data_prop=True)
    sides = inferred.graph.output[0].type.tensor_type.shape.dim
    shape = [side.dim_value for side in sides]
    return None if not shape or min([1, *shape[1:]]) < 1 or shape[0] not in (0, 1) else shape[1:]


def add_operator(g, image, value, only=None):
    """A random operator behind `value`; its class and value, or None where none could be added."""
    shape = shape_of(g, image, value)
    if shape is None or numpy.prod(shape) > 4000:
        return None
    fitting = [(name, make) for name, make, ranks, opset in OPERATORS
               if len(shape) in ranks and opset <= g.opset and only in (None, name)]
    if not fitting:
        return None
    name, make = fitting[g.random.integers(len(fitting))]
    return name, make(g, value, shape)


def join(g, image, a, b):
    """Two branches as one value."""
    shapes = [shape_of(g, image, v) for v in (a, b)]
    if None in shapes:
        return None
    if shapes[0] == shapes[1]:
        return g.node(g.choose("Add", "Mul", "Sub", "Max"), [a, b])
    return g.node("Concat", [g.node("Flatten", [v]) for v in (a, b)], axis=1)


def close(g, image, value):
    """Logits: one row per image."""
    shape = shape_of(g, image, value)
    if shape is None:
        return None
    if len(shape) == 1:
        return g.node("Identity", [value])
    return g.node("Reshape", [value, g.constant([-1, int(numpy.prod(shape))], numpy.int64)])


def random_graph(seed, only):
    random = numpy.random.default_rng(seed)
    g = GraphMaker(random, int(random.choice([11, 12, 13, 14, 16, 17, 18, 19, 20, 21])))
    image = (3, g.number(3, 9), g.number(4, 9))  # of [N, 3, 3, 3], channels could be first or last
    kind = "single" if only else g.choose("single", "chain", "branches")
    value, names = "x", []
    if kind == "single" and g.chance(0.3):
        value = g.node("Conv", ["x", g.floats(g.number(1, 6), 3, 1, 1)])
    branches = []
    for _ in range({"single": 1}.get(kind, g.number(2, 8))):
        added = add_operator(g, image, value, only)
        if added is None:
            break
        names.append(added[0])
        value = added[1]
        branches.append(value)
        if kind == "branches" and g.chance(0.4):
            value = branches[g.random.integers(len(branches))]
    if kind == "branches" and len(branches) > 1:
        value = join(g, image, branches[0], branches[-1])
    output = names and value and close(g, image, value)
    if not output:
        return None
    return (names[0] if kind == "single" else kind), model_of(g, image, output), image


def expected_of(model, images, random):
    """onnxruntime's logits and by how much they may differ; None if it refuses the graph."""
    try:
        session = session_of(model.SerializeToString())
        logits = session.run(None, {"x": images})[0]
        shaken = [session.run(None, {"x": (images * (1 + 1e-6 * random.uniform(-1, 1, images.shape))).astype("f4")})[0]
                  for _ in range(6)]
    except Exception:  # whatever onnxruntime says: it does not take the graph
        return None
    if logits.ndim != 2 or len(logits) != len(images) or not numpy.isfinite(logits).all() or logits.size == 0:
        return None
    size = numpy.abs(logits).max()
    if size > 1e6:
        return None
    return logits, 1e-4 * (size + 0.1) + 3 * max(numpy.abs(s - logits).max() for s in shaken)


def session_of(model):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def exported_logits(file, images):
    """Of what the probe made of the file; none where onnxruntime does not take it."""
    exported = pathlib.Path(f"{file}.exported")
    try:
        return session_of(exported.read_bytes()).run(None, {"input": images})[0]
    except Exception as error:  # whatever onnxruntime says
        print(f"exported: {str(error).splitlines()[0]}")
        return numpy.zeros(0)
    finally:
        exported.unlink()


class Tally:
    def __init__(self):
        self.by_class = collections.defaultdict(collections.Counter)
        self.refusals, self.wrong = collections.Counter(), []

    def add(self, name, verdict, why, seed):
        self.by_class[name][verdict] += 1
        if verdict == "refused":
            message = re.sub(r"^.*?: (node '[^']*' )?", "", why.replace("\n", " "))
            self.refusals[re.sub(r"\d+", "#", message)[:150]] += 1
        elif verdict != "equal":
            self.wrong.append((seed, name, verdict, why))

    def show(self):
        verdicts = ("equal", "refused", "wrong", "failed", "crashed")
        print(f"{'class':<26}" + "".join(f"{v:>9}" for v in verdicts))
        total = collections.Counter()
        for name, counts in sorted(self.by_class.items()):
            total.update(counts)
            print(f"{name:<26}" + "".join(f"{counts[v]:>9}" for v in verdicts))
        print(f"{'all':<26}" + "".join(f"{total[v]:>9}" for v in verdicts))
        for message, count in self.refusals.most_common(25):
            print(f"refused {count}: {message}")
        for case in self.wrong[:60]:
            print("seed %d, %s: %s: %s" % case)


def verdict_of(probe, file, images, logits, tolerance):
    for way in ("fold", "nofold", "export"):
        kind, answer = probe.ask(file, way, images)
        if kind != "logits":
            return kind, answer
        found = exported_logits(file, images) if way == "export" else answer.reshape(len(images), -1)
        if found.shape != logits.shape:
            return "wrong", f"{way}: shape {found.shape}, not {logits.shape}"
        off = numpy.abs(found - logits).max()
        if not off <= tolerance:
            return "wrong", f"{way}: off by {off:.3g}, allowed {tolerance:.3g}"
    return "equal", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("probe")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--class", dest="only", help="single operators of this class")
    given = parser.parse_args()
    probe, tally = Probe(given.probe), Tally()
    done, number = 0, given.seed * 1_000_000
    with tempfile.TemporaryDirectory(prefix="qeval-onnx-") as folder:
        while done < given.cases:
            number += 1
            made = random_graph(number, given.only)
            if made is None:
                continue
            name, model, image = made
            random = numpy.random.default_rng(number + 1)
            images = random.normal(0, 1, (IMAGES, *image)).astype(numpy.float32)
            expected = expected_of(model, images, random)
            if expected is None:
                continue
            done += 1
            file = pathlib.Path(folder) / "m.onnx"
            onnx.save(model, file)
            verdict, why = verdict_of(probe, file, images, *expected)
            tally.add(name, verdict, why, number)
            if given.keep and verdict != "equal":
                given.keep.mkdir(parents=True, exist_ok=True)
                onnx.save(model, given.keep / f"{number}.onnx")
    tally.show()
    sys.exit(1 if tally.wrong else 0)


if __name__ == "__main__":
    main()
