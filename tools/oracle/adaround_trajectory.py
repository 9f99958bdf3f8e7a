"""AdaRound of one small convolution, behind one with quantized weights, by aimet-torch's own wrapper, loss and optimizer: the numbers in
tests/infer/adaround_test.cpp.

usage: adaround_trajectory.py

Needs aimet-torch and torch in the running Python, best in an environment of its own. Weights, inputs and targets are the
test's: f32 numbers from the Mersenne Twister. Prints some of the learned variables after 300 of 400 iterations on all images,
how many weights round up after all of them, and a checksum of which.
"""
import numpy as np
import torch
from aimet_torch._base.adaround.adaround_loss import AdaroundHyperParameters, AdaroundLoss
from aimet_torch.adaround.adaround_weight import Adaround
from aimet_torch.nn import QuantizedConv2d
from aimet_torch.quantization.affine import QuantizeDequantize
from aimet_torch.quantization.encoding_analyzer import MinMaxEncodingAnalyzer

ITERATIONS, PRINTED = 400, 300


def numbers(shape, seed):
    raw = np.random.RandomState(seed).randint(0, 2**32, int(np.prod(shape)), dtype=np.uint32)
    return torch.from_numpy(((raw >> 8).astype(np.float32) / np.float32(8388608) - np.float32(1)) * np.float32(2)).reshape(shape)


images, weight, bias = numbers((6, 4, 5, 5), 1), numbers((5, 4, 3, 3), 2) * np.float32(0.3), numbers((5,), 3)
weight_before = numbers((4, 4, 1, 1), 4) * np.float32(0.3)
before = QuantizeDequantize((1,), 3, True, MinMaxEncodingAnalyzer(shape=(1,)))
with before.compute_encodings():
    before(weight_before)
inputs = torch.nn.functional.conv2d(images, before(weight_before).detach().as_subclass(torch.Tensor))
targets = torch.nn.functional.conv2d(torch.nn.functional.conv2d(images, weight_before), weight, bias, padding=1)
module = QuantizedConv2d(4, 5, 3, padding=1)
module.weight, module.bias = torch.nn.Parameter(weight), torch.nn.Parameter(bias)
module.param_quantizers["weight"] = QuantizeDequantize((5, 1, 1, 1), 3, True, MinMaxEncodingAnalyzer(shape=(5, 1, 1, 1)))
with torch.no_grad():
    module.compute_param_encodings()
wrapper = Adaround._get_adaround_wrapper(module)
print("scales", [float(x) for x in wrapper.broadcasted_delta.flatten()[::36]])
hyper = AdaroundHyperParameters(ITERATIONS, 0.01, (20, 2), 0.2)
optimizer = torch.optim.Adam([wrapper.alpha])
for iteration in range(ITERATIONS):
    optimizer.zero_grad()
    found = torch.nn.functional.conv2d(inputs, wrapper.apply_adaround(weight), bias, padding=1)
    loss = AdaroundLoss.compute_recon_loss(torch.relu(found), torch.relu(targets))
    loss = loss + AdaroundLoss.compute_round_loss(wrapper.alpha, hyper, iteration)
    loss.backward()
    optimizer.step()
    if iteration + 1 == PRINTED:
        print("alpha", [float(f"{x:.7g}") for x in wrapper.alpha.detach().flatten()[::12]])
up = (wrapper.alpha.detach().flatten() >= 0).numpy()
nearest = (weight / wrapper.broadcasted_delta - torch.floor(weight / wrapper.broadcasted_delta) >= 0.5).flatten().numpy()
print("up", int(up.sum()), "of", up.size, "otherwise than the nearest", int((up != nearest).sum()))
print("checksum", sum(i + 1 for i in np.flatnonzero(up)))
