#!/usr/bin/env python3
"""Writes torchvision models with random weights and their logits, for tests/infer/torchvision_archs_test.cpp.

    pip install torch torchvision
    tools/oracle/torchvision_logits.py --folder FOLDER [ARCH ...]  # default: every architecture of the families below
    QEVAL_TORCHVISION_ORACLE=FOLDER ctest --preset release -R TorchvisionArchs

For each architecture FOLDER gets ARCH.weights.safetensors (the float tensors of the state dict) and
ARCH.io.safetensors ("images" [n, 3, size, size] and "logits" [n, 1000]). All architectures together need 13 GB; give
names to make some of them. --keys prints a line per architecture instead: its name, the number of float tensors, and
the FNV-1a hash of their names and shapes that tests/model/published_archs_test.cpp states.

Batch norms get the statistics of a pass over random images, then both statistics and all affine parameters are
disturbed at random, so that every tensor matters and no signal dies out.
"""
import argparse
import json
import pathlib
import struct

import torch
import torchvision

FAMILIES = ("resnet", "resnext", "wide_resnet", "regnet", "mobilenet_v2", "mobilenet_v3", "efficientnet_b", "densenet",
            "squeezenet", "shufflenet", "vgg", "mnasnet", "convnext")
# Evaluation sizes of torchvision's weights where they are not 224.
SIZES = {f"efficientnet_b{i}": size for i, size in enumerate((224, 240, 288, 300, 380, 456, 528, 600))}


def architectures():
    names = torchvision.models.list_models(module=torchvision.models)
    return [name for name in names if name.startswith(FAMILIES)]


def float_tensors(model):
    return {name: tensor for name, tensor in sorted(model.state_dict().items()) if tensor.dtype == torch.float32}


def keys_hash(tensors):
    value = 0xCBF29CE484222325
    for name, tensor in tensors.items():
        for byte in f"{name} {','.join(map(str, tensor.shape))}\n".encode():
            value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            out.write(tensor.detach().contiguous().numpy().tobytes())


def randomize(model, size, generator):
    def noise(tensor):
        return torch.randn(tensor.shape, generator=generator)

    def around_one(tensor):
        return 0.75 + 0.5 * torch.rand(tensor.shape, generator=generator)

    norms = [m for m in model.modules() if isinstance(m, (torch.nn.BatchNorm2d, torch.nn.LayerNorm))]
    for norm in norms:
        norm.weight.data = around_one(norm.weight)
    for module in model.modules():
        # torchvision draws these by their outputs, which drives squeeze-and-excitation into chaos: float32 and float64
        # then give different logits.
        if isinstance(module, torch.nn.Conv2d) and module.bias is not None:
            module.weight.data = noise(module.weight) * (2 / module.weight[0].numel()) ** 0.5
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            parameter.data = 0.1 * noise(parameter)
        if name.endswith("layer_scale"):
            parameter.data = 0.2 * around_one(parameter)
    batch_norms = [norm for norm in norms if isinstance(norm, torch.nn.BatchNorm2d)]
    for norm in batch_norms:
        norm.momentum = 1.0
        norm.train()
    # At the size of the test: deep networks are ill-conditioned on statistics of another one.
    model(torch.randn((2, 3, size, size), generator=generator))
    for norm in batch_norms:
        norm.eval()
        # Slightly: over many layers larger errors add up until float32 and float64 give different logits.
        norm.running_mean += 0.02 * norm.running_var.sqrt() * noise(norm.running_mean)
        norm.running_var *= 0.9 + 0.2 * around_one(norm.running_var)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keys", action="store_true")
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("archs", nargs="*")
    options = parser.parse_args()
    if not options.keys:
        if options.folder is None:
            parser.error("--folder says where the files go")
        options.folder.mkdir(parents=True, exist_ok=True)
    for arch in options.archs or architectures():
        if options.keys:
            tensors = float_tensors(torchvision.models.get_model(arch))
            print(arch, len(tensors), f"{keys_hash(tensors):#018x}")
            continue
        torch.manual_seed(options.seed)
        generator = torch.Generator().manual_seed(options.seed)
        model = torchvision.models.get_model(arch).eval()
        size = SIZES.get(arch, 224)
        with torch.no_grad():
            randomize(model, size, generator)
            images = torch.randn((options.images, 3, size, size), generator=generator)
            logits = model(images)
        write_safetensors(options.folder / f"{arch}.weights.safetensors", float_tensors(model))
        write_safetensors(options.folder / f"{arch}.io.safetensors", {"images": images, "logits": logits})
        print(arch, "logit range", float(logits.max() - logits.min()), flush=True)


if __name__ == "__main__":
    main()
