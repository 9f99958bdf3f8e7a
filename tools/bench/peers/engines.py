"""A peer that stays loaded and is measured in turn with others.

    engines.py NAME FOLDER THREADS

NAME: see ENGINES. FOLDER: material.py's, with pixels.npy. A line of standard input is a number of images, answered by
the seconds they took, decoding excluded; or `classes`, answered by the best classes of all images of pixels.npy.
"""
import pathlib
import sys
import time

import numpy

from material import BATCH


class OnnxRuntime:
    def __init__(self, folder, threads, file):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(folder / file), options, providers=["CPUExecutionProvider"])

    def logits(self, batches):
        return [self.session.run(None, {"input": batch})[0] for batch in batches]


class OpenVino:
    """`streams` batches at once, as its hint for throughput has it."""

    def __init__(self, folder, threads, file, streams, precision=None):
        import openvino
        core = openvino.Core()
        model = core.read_model(folder / file)
        model.reshape([BATCH, 3, 224, 224])
        settings = {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": str(streams), "INFERENCE_NUM_THREADS": threads}
        if precision:
            settings["INFERENCE_PRECISION_HINT"] = precision
        self.queue = openvino.AsyncInferQueue(core.compile_model(model, "CPU", settings))

    def logits(self, batches):
        results = [None] * len(batches)

        def keep(request, index):
            results[index] = request.get_output_tensor().data.copy()

        self.queue.set_callback(keep)
        for index, batch in enumerate(batches):
            self.queue.start_async({0: batch}, index)
        self.queue.wait_all()
        return results


class Torch:
    """Eager; `make`: the module."""

    def __init__(self, threads, make, channels_last):
        import torch
        torch.set_num_threads(threads)
        self.torch, self.module = torch, make()
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.module.to(memory_format=self.format)

    def logits(self, batches):
        with self.torch.inference_mode():
            return [self.module(self.torch.from_numpy(batch).contiguous(memory_format=self.format)).numpy()
                    for batch in batches]


def eager(folder, threads):
    from onnx_network import OnnxNetwork
    return Torch(threads, lambda: OnnxNetwork(folder / "float.onnx").eval(), channels_last=True)


def aimet(folder, threads):
    from aimet_sim import load_sim
    return Torch(threads, lambda: load_sim(folder), channels_last=False)


ENGINES = {
    "onnxruntime float": lambda folder, threads: OnnxRuntime(folder, threads, "float.onnx"),
    "onnxruntime QDQ": lambda folder, threads: OnnxRuntime(folder, threads, "qdq.onnx"),
    "OpenVINO float, 1 stream": lambda folder, threads: OpenVino(folder, threads, "float.onnx", 1, "f32"),
    "OpenVINO float, 2 streams": lambda folder, threads: OpenVino(folder, threads, "float.onnx", 2, "f32"),
    "OpenVINO int8, 1 stream": lambda folder, threads: OpenVino(folder, threads, "qdq.onnx", 1),
    "OpenVINO int8, 2 streams": lambda folder, threads: OpenVino(folder, threads, "qdq.onnx", 2),
    "LibTorch eager": eager,
    "aimet-torch QuantSim": aimet,
}


def batches_of(pixels, images):
    """So many images in whole batches, from the beginning again where there are no more."""
    whole = [pixels[at:at + BATCH] for at in range(0, len(pixels) - BATCH + 1, BATCH)]
    return [whole[index % len(whole)] for index in range(-(-images // BATCH))]


def main():
    name, folder, threads = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    pixels = numpy.load(folder / "pixels.npy")
    engine = ENGINES[name](folder, threads)
    for line in sys.stdin:
        if line.strip() == "classes":
            logits = numpy.concatenate(engine.logits(batches_of(pixels, len(pixels))))
            print(*logits.argmax(axis=1), flush=True)
            continue
        batches = batches_of(pixels, int(line))
        begin = time.perf_counter()
        engine.logits(batches)
        print(time.perf_counter() - begin, flush=True)


if __name__ == "__main__":
    main()
