#!/usr/bin/env python3
"""How far aimet-torch agrees with itself, and with stored logits, on the quantized EfficientNet-Lite0.

One simulation with stored encodings classifies the first 64 photos three times: as it is, in channels-last memory
order, and without oneDNN. The three differ only in the order in which convolutions sum; the agreement between them is
the most that can be asked of another implementation.

    aimet_self_agreement.py SHARED WEIGHTS [w8a8_tf | w8a8_tf_enhanced | w8a8_tf_enhanced_per_channel]

Needs aimet-torch 2.42, efficientnet-lite-pytorch, safetensors and Pillow. SHARED holds data/ and oracle/.
"""
import csv
import itertools
import pathlib
import sys

import aimet_torch
import numpy
import torch
from aimet_torch.batch_norm_fold import fold_all_batch_norms
from aimet_torch.common.defs import QuantScheme
from aimet_torch.model_preparer import prepare_model
from aimet_torch.quantsim import QuantizationSimModel
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from safetensors.torch import load_file

CASES = {
    "w8a8_tf": (QuantScheme.post_training_tf, ""),
    "w8a8_tf_enhanced": (QuantScheme.post_training_tf_enhanced, ""),
    "w8a8_tf_enhanced_per_channel": (QuantScheme.post_training_tf_enhanced, "_per_channel"),
}


def photo(path):
    image = Image.open(path).convert("RGB")
    width, height = image.size
    size = (256, int(256 * height / width)) if width < height else (int(256 * width / height), 256)
    image = image.resize(size, Image.BILINEAR)
    left, top = (int(round((side - 224) / 2)) for side in image.size)
    pixels = numpy.asarray(image.crop((left, top, left + 224, top + 224)), numpy.float32)
    return torch.from_numpy(pixels).permute(2, 0, 1).sub(127).div(128)


def photos(shared, count):
    folder = shared / "data/imagenet-sample"
    rows = list(csv.reader(open(folder / "labels.csv")))[1 : count + 1]
    return torch.stack([photo(folder / row[0]) for row in rows])


def simulation(shared, weights, case, images):
    model = EfficientNet.from_name("efficientnet-lite0")
    model.load_state_dict(torch.load(weights, weights_only=False))
    model = prepare_model(model.eval()).eval()
    fold_all_batch_norms(model, (1, 3, 224, 224))
    scheme, suffix = CASES[case]
    config = pathlib.Path(aimet_torch.__file__).parent / f"common/quantsim_config/default_config{suffix}.json"
    simulated = QuantizationSimModel(model, images[:1], quant_scheme=scheme, default_output_bw=8, default_param_bw=8,
                                     config_file=str(config))
    simulated.compute_encodings(lambda network: network(images[:16]))
    simulated.load_encodings(str(shared / f"oracle/efficientnet-lite0/{case}.torch.encodings"), strict=False,
                             partial=False, allow_overwrite=True)
    return simulated.model


def output_step(model):
    classifier = next(module for name, module in model.named_modules() if name.endswith("_fc"))
    return classifier.output_quantizers[0].get_scale().item()


def logits(model, images):
    return torch.cat([model(batch) for batch in images.split(16)])


@torch.no_grad()
def main():
    shared, weights = pathlib.Path(sys.argv[1]), sys.argv[2]
    case = sys.argv[3] if len(sys.argv) > 3 else "w8a8_tf_enhanced_per_channel"
    images = photos(shared, 64)
    model = simulation(shared, weights, case, images)
    answers = {"plain": logits(model, images),
               "channels last": logits(model, images.contiguous(memory_format=torch.channels_last))}
    with torch.backends.mkldnn.flags(enabled=False):
        answers["without oneDNN"] = logits(model, images)
    answers["stored"] = load_file(shared / f"oracle/efficientnet-lite0/{case}.safetensors")["logits64"]
    step = output_step(model)
    for (name, one), (other_name, other) in itertools.combinations(answers.items(), 2):
        within = ((one - other).abs() <= 1.01 * step).float().mean().item()
        same = (one.argmax(1) == other.argmax(1)).sum().item()
        print(f"{name:14} {other_name:14} within one step: {100 * within:5.1f} %  same class: {same} of {len(images)}")


main()
