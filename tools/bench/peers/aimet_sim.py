"""aimet-torch's QuantSim of the network: W8A8, per tensor, minimum and maximum; and a script that evaluates it as its
users do, from JPEGs to classes.

    aimet_sim.py FOLDER --calibrate      writes the encodings of the first photos
    aimet_sim.py FOLDER                  loads them and prints a class per photo
"""
import contextlib
import io
import logging
import pathlib
import sys

import torch

from material import BATCH
from onnx_network import OnnxNetwork

logging.disable(logging.WARNING)
WORKERS, ENCODINGS = 2, "aimet_torch"


def make_sim(folder):
    from aimet_torch.common import quantsim_config
    from aimet_torch.nn.modules.custom import Add
    from aimet_torch.quantsim import QuantizationSimModel
    network = OnnxNetwork(folder / "float.onnx", Add).eval()
    config = pathlib.Path(quantsim_config.__path__[0]) / "default_config.json"
    with contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
        return QuantizationSimModel(network, torch.zeros(1, 3, 224, 224), quant_scheme="tf", default_param_bw=8,
                                    default_output_bw=8, config_file=str(config))


def load_sim(folder):
    sim = make_sim(folder)
    sim.load_encodings(str(folder / f"{ENCODINGS}.json"))
    return sim.model.eval()


def loader(folder, workers):
    from photos import Photos
    return torch.utils.data.DataLoader(Photos(folder / "photos"), batch_size=BATCH, num_workers=workers)


def calibrate(folder):
    sim = make_sim(folder)
    images = next(iter(loader(folder, 0)))
    sim.compute_encodings(lambda model: model(images))
    sim.save_encodings_to_json(str(folder), ENCODINGS)


def evaluate(folder):
    model = load_sim(folder)
    with torch.no_grad():
        for images in loader(folder, WORKERS):
            print(*model(images).argmax(dim=1).tolist(), sep="\n")


if __name__ == "__main__":
    torch.set_num_threads(2)
    (calibrate if "--calibrate" in sys.argv else evaluate)(pathlib.Path(sys.argv[1]))
