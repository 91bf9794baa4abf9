#!/usr/bin/env python3
"""Runs the reference implementation, so that landseam can be compared with it.

    make_reference.py parity    --upstream DIR FOLDER           rewrite the expected results in a folder of tests/data/parity
    make_reference.py more-bands --upstream DIR FOLDER          the same for tests/data/parity/six_bands, drawn where missing
    make_reference.py full-size --upstream DIR --picture FILE.ppm OUT_FOLDER
                                                                a full-size model with random weights and its results

DIR is a checkout of facebookresearch/segment-anything (a ViT) or ChaoningZhang/MobileSAM (a TinyViT); which of the two it
is decides the model. Needs Python with torch, torchvision, numpy and Pillow, and OpenCV for `parity`.
The results of `full-size` are for bin/compare_with_reference.
"""
import argparse
import importlib
import json
import pathlib
import sys
import types

import numpy
import torch
from PIL import Image


def stand_in_for_timm():
    """MobileSAM takes four small things from timm, none of which computes anything when a model is evaluated."""
    class DropPath(torch.nn.Module):
        def __init__(self, drop_prob=None):
            super().__init__()
            self.drop_prob = drop_prob

        def forward(self, x):
            return x

    layers = types.ModuleType("timm.models.layers")
    layers.DropPath, layers.to_2tuple = DropPath, lambda x: (x, x)
    layers.trunc_normal_ = torch.nn.init.trunc_normal_
    registry = types.ModuleType("timm.models.registry")
    registry.register_model = lambda function: function
    for name, module in (("timm", types.ModuleType("timm")), ("timm.models", types.ModuleType("timm.models")),
                         ("timm.models.layers", layers), ("timm.models.registry", registry)):
        sys.modules.setdefault(name, module)


def load_upstream(folder):
    """The upstream package, and which encoder it brings."""
    sys.path.insert(0, str(folder))
    if (pathlib.Path(folder) / "mobile_sam").is_dir():
        stand_in_for_timm()
        return importlib.import_module("mobile_sam"), "tiny_vit"
    return importlib.import_module("segment_anything"), "vit"


def small_tiny_vit(upstream):
    base = importlib.import_module(upstream.__name__ + ".modeling").TinyViT

    class SmallTinyViT(base):
        def forward(self, x):  # upstream's is written for pictures of 1024 pixels
            x = self.patch_embed(x)
            for layer in self.layers:
                x = layer(x)
            side = self.img_size // 16
            return self.neck(x.transpose(1, 2).reshape(len(x), -1, side, side))

    return SmallTinyViT(img_size=256, num_classes=10, embed_dims=[16, 32, 64, 320], depths=[1, 1, 2, 1],
                        num_heads=[1, 1, 2, 10], window_sizes=[7, 7, 14, 7], drop_path_rate=0.0)


def small_model(upstream, encoder):
    """The models of tests/data/parity."""
    modeling = importlib.import_module(upstream.__name__ + ".modeling")
    dim = 64 if encoder == "vit" else 256
    if encoder == "vit":
        image_encoder = modeling.ImageEncoderViT(
            img_size=256, embed_dim=96, depth=4, num_heads=3, out_chans=dim, use_rel_pos=True, window_size=7,
            global_attn_indexes=(1, 3), norm_layer=lambda size: torch.nn.LayerNorm(size, eps=1e-6))
    else:
        image_encoder = small_tiny_vit(upstream)
    transformer = modeling.TwoWayTransformer(depth=2, embedding_dim=dim, num_heads=8, mlp_dim=128)
    return modeling.Sam(
        image_encoder,
        modeling.PromptEncoder(embed_dim=dim, image_embedding_size=(16, 16), input_image_size=(256, 256), mask_in_chans=16),
        modeling.MaskDecoder(transformer_dim=dim, transformer=transformer, iou_head_hidden_dim=dim))


def predict(predictor, results, arrays, name, **prompt):
    masks, scores, logits = predictor.predict(**prompt)
    results[name] = {"iou": scores.tolist(), "mask_pixels": masks.sum(axis=(1, 2)).tolist()}
    arrays[name + "_low_res_logits"] = logits
    return logits


def prompts_of(predictor, points, labels, box):
    """Every kind of prompt, with the names they have in tests/data/parity."""
    points, labels, box = numpy.array(points), numpy.array(labels), numpy.array(box)
    results, arrays = {}, {"image_embedding": predictor.get_image_embedding()[0].numpy()}
    cases = {
        "one_point": dict(point_coords=points[:1], point_labels=labels[:1]),
        "two_points": dict(point_coords=points, point_labels=labels),
        "box": dict(box=box),
        "box_and_point": dict(point_coords=points[:1], point_labels=labels[:1], box=box),
    }
    for name, prompt in cases.items():
        for kind in ("multi", "single"):
            predict(predictor, results, arrays, f"{name}_{kind}", multimask_output=kind == "multi", **prompt)
    predict(predictor, results, arrays, "mask_prompt_single", multimask_output=False,
            mask_input=arrays["one_point_multi_low_res_logits"][:1], **cases["one_point"])
    return results, arrays


def save_arrays(folder, arrays):
    for name, values in arrays.items():
        numpy.save(folder / f"{name}.npy", numpy.ascontiguousarray(values, dtype=numpy.float32))


def make_parity(arguments):
    upstream, encoder = load_upstream(arguments.upstream)
    folder = pathlib.Path(arguments.folder)
    model = small_model(upstream, encoder)
    model.load_state_dict(torch.load(folder / "weights.pth", map_location="cpu"))
    model.eval()  # after the weights are in: TinyViT's attention expands its biases here
    picture = numpy.array(Image.open(folder / "image.png").convert("RGB"))

    description = json.loads((folder / "predictor.json").read_text())
    predictor = upstream.SamPredictor(model)
    predictor.set_image(picture)
    description["predictor"], arrays = prompts_of(predictor, description["points"], description["labels"], description["box"])
    save_arrays(folder, arrays)
    (folder / "predictor.json").write_text(json.dumps(description, indent=1))

    runs = json.loads((folder / "mask_generation.json").read_text())
    for run in runs.values():
        generator = upstream.SamAutomaticMaskGenerator(model, output_mode="uncompressed_rle", **run["parameters"])
        run["masks"] = [
            {"rle": mask["segmentation"], "area": int(mask["area"]), "bbox": mask["bbox"],
             "predicted_iou": mask["predicted_iou"], "point": mask["point_coords"][0],
             "stability_score": mask["stability_score"], "crop_box": mask["crop_box"]}
            for mask in generator.generate(picture)]
    (folder / "mask_generation.json").write_text(json.dumps(runs))


def randomize(model):
    """Weights that leave nothing out: no table of positions, bias or batch statistic stays at its trivial value."""
    generator = torch.Generator().manual_seed(7)

    def noise(tensor, scale):
        return torch.randn(tensor.shape, generator=generator) * scale

    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if name.endswith("num_batches_tracked") or "gaussian_matrix" in name:
                continue
            if name.endswith("running_var"):
                tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
            elif name.endswith("running_mean"):
                tensor.copy_(noise(tensor, 0.3))
            elif tensor.dim() == 1 and name.endswith("weight"):  # norms
                tensor.copy_(1 + noise(tensor, 0.2))
            elif tensor.dim() == 1:
                tensor.copy_(noise(tensor, 0.1))
            elif "rel_pos" in name or "attention_biases" in name or "pos_embed" in name:
                tensor.copy_(noise(tensor, 0.5))
            elif tensor.dim() >= 2:
                tensor.copy_(noise(tensor, tensor[0].numel() ** -0.5))


def six_band_model(upstream):
    """A very small ViT whose pictures have six bands."""
    modeling = importlib.import_module(upstream.__name__ + ".modeling")
    dim = 32
    encoder = modeling.ImageEncoderViT(
        img_size=64, in_chans=6, embed_dim=24, depth=2, num_heads=3, out_chans=dim, use_rel_pos=True, window_size=3,
        global_attn_indexes=(1,), norm_layer=lambda size: torch.nn.LayerNorm(size, eps=1e-6))
    transformer = modeling.TwoWayTransformer(depth=2, embedding_dim=dim, num_heads=8, mlp_dim=32)
    return modeling.Sam(
        encoder, modeling.PromptEncoder(embed_dim=dim, image_embedding_size=(4, 4), input_image_size=(64, 64), mask_in_chans=8),
        modeling.MaskDecoder(transformer_dim=dim, transformer=transformer, iou_head_hidden_dim=dim),
        pixel_mean=[90.5, 101.25, 80, 120, 60.75, 140], pixel_std=[40, 51.5, 38.25, 62, 30, 45])


def make_more_bands(arguments):
    upstream, _ = load_upstream(arguments.upstream)
    folder = pathlib.Path(arguments.folder)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    model = six_band_model(upstream)
    if not (folder / "weights.pth").exists():
        randomize(model)
        names = torch.tensor(list(b"blue,green,red,nir,swir16,swir22"), dtype=torch.uint8)
        torch.save({**model.state_dict(), "pixel_mean": model.pixel_mean, "pixel_std": model.pixel_std, "pixel_bands": names},
                   folder / "weights.pth")
        random = numpy.random.default_rng(7)
        coarse = random.integers(0, 256, (7, 9, 6)).repeat(6, 0).repeat(6, 1)  # blocks of 6 pixels, and noise on them
        picture = numpy.clip(coarse + random.normal(0, 9, coarse.shape), 0, 255).astype(numpy.uint8)
        numpy.save(folder / "picture.npy", picture.astype(numpy.float32))
    weights = torch.load(folder / "weights.pth", map_location="cpu")
    # They are buffers of the reference's model that its checkpoints leave out.
    model.pixel_mean, model.pixel_std = weights.pop("pixel_mean"), weights.pop("pixel_std")
    weights.pop("pixel_bands")
    model.load_state_dict(weights)
    model.eval()
    picture = numpy.load(folder / "picture.npy").astype(numpy.uint8)

    # SamPredictor.set_image, which takes three bands only.
    predictor = upstream.SamPredictor(model)
    bands = [predictor.transform.apply_image(picture[:, :, band]) for band in range(picture.shape[2])]
    resized = torch.as_tensor(numpy.stack(bands)).unsqueeze(0)
    predictor.original_size, predictor.input_size = picture.shape[:2], tuple(resized.shape[-2:])
    predictor.features, predictor.is_image_set = model.image_encoder(model.preprocess(resized)), True
    results = {}
    arrays = {"image_embedding": predictor.get_image_embedding()[0].numpy()}
    predict(predictor, results, arrays, "one_point_multi", point_coords=numpy.array([[20, 15]]), point_labels=numpy.array([1]))
    predict(predictor, results, arrays, "box_single", box=numpy.array([6, 6, 30, 24]), multimask_output=False)
    save_arrays(folder, arrays)
    (folder / "predictor.json").write_text(json.dumps({"predictor": results}, indent=1))


def make_full_size(arguments):
    upstream, encoder = load_upstream(arguments.upstream)
    folder = pathlib.Path(arguments.folder)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    model = upstream.sam_model_registry["vit_b" if encoder == "vit" else "vit_t"]()
    randomize(model)
    model.eval()
    torch.save(model.state_dict(), folder / "weights.pth")
    picture = numpy.array(Image.open(arguments.picture).convert("RGB"))
    height, width = picture.shape[:2]
    points = [[0.25 * width, 0.25 * height], [0.6 * width, 0.7 * height]]
    box = [0.1 * width, 0.2 * height, 0.7 * width, 0.8 * height]
    predictor = upstream.SamPredictor(model)
    predictor.set_image(picture)
    results, arrays = prompts_of(predictor, points, [1, 0], box)
    save_arrays(folder, arrays)
    (folder / "predictor.json").write_text(json.dumps(
        {"points": points, "labels": [1, 0], "box": box, "predictor": results}, indent=1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, function in (("parity", make_parity), ("more-bands", make_more_bands), ("full-size", make_full_size)):
        command = commands.add_parser(name)
        command.add_argument("--upstream", required=True)
        if name == "full-size":
            command.add_argument("--picture", required=True)
        command.add_argument("folder")
        command.set_defaults(run=function)
    arguments = parser.parse_args()
    with torch.no_grad():
        arguments.run(arguments)


if __name__ == "__main__":
    main()
