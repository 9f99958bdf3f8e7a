"""Live QuantSims of aimet-torch and aimet-onnx 2.42: a torchvision classifier with random weights, quantized W8A8 by
minimum and maximum, and what AIMET placed in it, as plain values by name."""
import contextlib
import copy
import dataclasses
import io
import json
import logging
import tempfile

import numpy as np
import torch
import torchvision

from torchvision_logits import randomize

logging.disable(logging.WARNING)


@dataclasses.dataclass
class Placed:
    """One name under which a quantizer stands; `group` is the same for all names of one quantizer."""
    bits: int
    symmetric: bool
    channels: int  # 0: one range for the whole tensor
    low: np.ndarray
    high: np.ndarray
    group: int


def random_model(arch, size, seed):
    torch.manual_seed(seed)
    settings = {"init_weights": True} if arch.startswith(("googlenet", "inception")) else {}
    model = torchvision.models.get_model(arch, **settings).eval()
    with torch.no_grad():
        randomize(model, size, torch.Generator().manual_seed(seed))
    return model


def config_file(name):
    from aimet_torch.common import quantsim_config
    stem = {"default_per_tensor": "default_config", "default": "default_config_per_channel"}
    return f"{quantsim_config.__path__[0]}/{stem.get(name, name.replace('htp_', 'htp_quantsim_config_'))}.json"


def quiet(function, *arguments, **settings):
    with contextlib.redirect_stdout(io.StringIO()):
        return function(*arguments, **settings)


def torch_sim(model, images, config, scheme="tf"):
    """The calibrated sim of the prepared and folded model."""
    from aimet_torch.batch_norm_fold import fold_all_batch_norms
    from aimet_torch.model_preparer import prepare_model
    from aimet_torch.quantsim import QuantizationSimModel
    prepared = quiet(prepare_model, copy.deepcopy(model))
    quiet(fold_all_batch_norms, prepared, tuple(images[:1].shape), dummy_input=images[:1])
    sim = quiet(QuantizationSimModel, prepared, images[:1], quant_scheme=scheme, default_param_bw=8,
                default_output_bw=8, config_file=config_file(config))
    sim.compute_encodings(lambda network: network(images))
    return sim


def modules_without_tensors(sim, image):
    """Modules that compute sizes: no quantizer of theirs is ever used."""
    found, hooks = set(), []
    for name, module in sim.model.named_modules():
        def hook(_module, _inputs, output, name=name):
            if not isinstance(output, (torch.Tensor, tuple, list)) or getattr(output, "shape", None) == ():
                found.add(name)
        hooks.append(module.register_forward_hook(hook))
    with torch.no_grad():
        sim.model(image)
    for hook in hooks:
        hook.remove()
    return found


def torch_placed(sim, image):
    from aimet_torch.nn.base import BaseQuantizationMixin
    placed, idle = {}, modules_without_tensors(sim, image)

    def add(name, quantizer):
        if quantizer is None:
            return
        known = quantizer.is_initialized()
        low, high = [(end().detach().double().numpy().reshape(-1) if known else np.array([]))
                     for end in (quantizer.get_min, quantizer.get_max)]
        placed[name] = Placed(quantizer.bitwidth, bool(quantizer.symmetric), low.size if quantizer.shape else 0, low,
                              high, id(quantizer))

    for name, module in sim.model.named_modules():
        if not isinstance(module, BaseQuantizationMixin) or name in idle:
            continue
        for side in ("input", "output"):
            for index, quantizer in enumerate(getattr(module, f"{side}_quantizers")):
                add(f"{name}:{side}" + (f"[{index}]" if index else ""), quantizer)
        for parameter, quantizer in module.param_quantizers.items():
            add(f"{name}.{parameter}", quantizer)
    join_silu(placed)
    return placed


def join_silu(placed):
    """prepare_model makes a sigmoid and a product of a SiLU, and the SiLU quantizes the quantized product once more: on
    one grid the second time changes nothing, so that both count as one quantizer."""
    for name, quantizer in placed.items():
        inner = placed.get(name.removesuffix(":output") + ".mul:output") if name.endswith(":output") else None
        if inner is not None:
            assert np.array_equal([quantizer.low, quantizer.high], [inner.low, inner.high]), name
            quantizer.group = inner.group


def best_classes(logits):
    """Per image, the classes whose logit lies within one step of the highest: what rounding of sums decides."""
    step = np.min(np.diff(np.unique(logits)))
    return [np.flatnonzero(row >= row.max() - 1.01 * step).tolist() for row in logits]


def torch_classes(sim, images):
    with torch.no_grad():
        return best_classes(sim.model(images).numpy())


def export_onnx(model, size, path, exporter):
    """`exporter`: "old" (TorchScript's) or "new"."""
    settings = {"dynamo": False, "opset_version": 17} if exporter == "old" else {"dynamo": True}
    quiet(torch.onnx.export, model, torch.randn(1, 3, size, size), path, input_names=["input"],
          output_names=["output"], dynamic_axes={"input": {0: "n"}, "output": {0: "n"}}, **settings)


def onnx_sim(path, images, config, scheme="tf"):
    import onnx
    from aimet_onnx.batch_norm_fold import fold_all_batch_norms_to_weight
    from aimet_onnx.quantsim import QuantizationSimModel
    model = onnx.load(path)
    quiet(fold_all_batch_norms_to_weight, model)
    with tempfile.TemporaryDirectory() as folder:
        sim = quiet(QuantizationSimModel, model, {"input": images.numpy()}, quant_scheme=scheme, default_param_bw=8,
                    default_activation_bw=8, config_file=config_file(config), path=folder)
    quiet(sim.compute_encodings, lambda session, _: session.run(None, {"input": images.numpy()}), None)
    return sim


def onnx_placed(sim):
    placed = {}
    for name, quantizer in sim.qc_quantize_op_dict.items():
        if not quantizer.enabled:
            continue
        encodings = quantizer.get_encodings() or []
        low, high = [np.array([getattr(encoding, end) for encoding in encodings]) for end in ("min", "max")]
        per_channel = quantizer.quant_info.usePerChannelMode
        placed[name] = Placed(quantizer.bitwidth, bool(quantizer.use_symmetric_encodings),
                              low.size if per_channel else 0, low, high, id(quantizer))
    return placed


def onnx_classes(sim, images):
    return best_classes(sim.session.run(None, {"input": images.numpy()})[0])


def stored(path, compute):
    """(placed, classes) of `compute`, kept in a file from one call to the next."""
    if path.exists():
        document = json.loads(path.read_text())
    else:
        placed, classes = compute()
        document = {"classes": classes, "placed": {name: {**vars(quantizer), "low": quantizer.low.tolist(),
                                                          "high": quantizer.high.tolist()}
                                                   for name, quantizer in placed.items()}}
        path.write_text(json.dumps(document))
    return {name: Placed(**{**fields, "low": np.array(fields["low"]), "high": np.array(fields["high"])})
            for name, fields in document["placed"].items()}, document["classes"]
