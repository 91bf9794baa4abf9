"""The reference's side of compare_reference: one process, one setting of threads and BLAS.

Reads requests from standard input, one a line, and answers each with a line of JSON, as time_landseam --on-request does:

    encode       the picture's embedding
    tile         SamAutomaticMaskGenerator.generate; the time of its encoder is measured in it
    write PATH   the masks of the last tile
    export PATH  the encoder for ONNX Runtime, and beside it the normalised picture (PATH.f32) and its embedding
                 (PATH.embedding.f32), raw floats
"""
import argparse
import importlib
import json
import pathlib
import sys
import time
import warnings

import numpy
import torch
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scripts"))
import make_reference

SMALL = "small"  # the models of tests/data/parity
EMBEDDED = "embedded"  # of the sizes of sample_data/models/landseam_default.pth, see docs/model-card.md


def embedded_model(upstream):
    modeling = importlib.import_module(upstream.__name__ + ".modeling")
    norm = lambda size: torch.nn.LayerNorm(size, eps=1e-6)
    encoder = modeling.ImageEncoderViT(img_size=192, patch_size=8, embed_dim=128, depth=6, num_heads=4, out_chans=64, use_rel_pos=True,
                                       window_size=8, global_attn_indexes=(2, 5), norm_layer=norm)
    transformer = modeling.TwoWayTransformer(depth=2, embedding_dim=64, num_heads=8, mlp_dim=128)
    return modeling.Sam(
        encoder, modeling.PromptEncoder(embed_dim=64, image_embedding_size=(24, 24), input_image_size=(192, 192), mask_in_chans=16),
        modeling.MaskDecoder(transformer_dim=64, transformer=transformer, iou_head_hidden_dim=64))


def build_model(upstream, encoder, name):
    if name == SMALL:
        return make_reference.small_model(upstream, encoder)
    if name == EMBEDDED:
        return embedded_model(upstream)
    return upstream.sam_model_registry[name or {"vit": "vit_b", "tiny_vit": "vit_t"}[encoder]]()


def smooth_noise(shape, scale):
    """Noise [1, height, width, C] that changes over an eighth of a side."""
    _, height, width, channels = shape
    noise = torch.randn((1, channels, 8, 8), generator=torch.Generator().manual_seed(8)) * scale
    return torch.nn.functional.interpolate(noise, size=(height, width), mode="bicubic").permute(0, 2, 3, 1)


def make_masks_smooth(model):
    """Random positions and kernels make masks of noise, whose outlines are hundreds of times longer than a real one's."""
    with torch.no_grad():
        positions = getattr(model.image_encoder, "pos_embed", None)
        if positions is not None:
            positions.copy_(smooth_noise(positions.shape, 1.0))
        for layer in (model.mask_decoder.output_upscaling[0], model.mask_decoder.output_upscaling[3]):
            layer.weight.copy_(layer.weight.mean(dim=(2, 3), keepdim=True).expand_as(layer.weight) * 2)


def predicted_ious(predictor, picture, points_per_side=8):
    """[prompts, masks] of a grid of points."""
    height, width = picture.shape[:2]
    at = (numpy.arange(points_per_side) + 0.5) / points_per_side
    points = numpy.stack(numpy.meshgrid(at * width, at * height), axis=-1).reshape(-1, 1, 2)
    points = torch.as_tensor(predictor.transform.apply_coords(points, (height, width)))
    return predictor.predict_torch(points, torch.ones(len(points), 1), multimask_output=True, return_logits=True)[1]


def set_predicted_ious(model, ious):
    """Moves the IoU head's output so that each mask's scores lie around 0.7, as a trained model's do: thresholds are
    numbers between 0 and 1."""
    layer = model.mask_decoder.iou_prediction_head.layers[-1]
    middle, spread = ious.median(dim=0).values, ious.std(dim=0).clamp(min=1e-6)
    layer.weight[1:] *= (0.05 / spread)[:, None]
    layer.bias[1:] = 0.7 + (layer.bias[1:] - middle) * 0.05 / spread


def make_checkpoint(model, upstream, picture, path):
    make_reference.randomize(model)
    make_masks_smooth(model)
    model.eval()
    predictor = upstream.SamPredictor(model)
    predictor.set_image(picture)
    set_predicted_ious(model, predicted_ious(predictor, picture))
    torch.save(model.state_dict(), path)


def middle_of(values):
    """Between the two middle values, so that no score lies on it."""
    ordered = values.flatten().sort().values
    half = len(ordered) // 2
    return ((ordered[half - 1] + ordered[half]) / 2).item()


class Reference:
    def __init__(self, arguments):
        torch.set_num_threads(arguments.threads)
        self.upstream, encoder = make_reference.load_upstream(arguments.upstream)
        torch.manual_seed(7)
        self.model = build_model(self.upstream, encoder, arguments.model)
        self.picture = numpy.array(Image.open(arguments.picture).convert("RGB"))
        if arguments.make_checkpoint:
            make_checkpoint(self.model, self.upstream, self.picture, arguments.checkpoint)
        self.model.load_state_dict(torch.load(arguments.checkpoint, map_location="cpu"), strict=True)
        self.model.eval()
        self.predictor = self.upstream.SamPredictor(self.model)
        self.masks = []
        threshold = arguments.pred_iou_thresh
        if arguments.warm_up:
            self.predictor.set_image(self.picture)
            ious = predicted_ious(self.predictor, self.picture)
            threshold = middle_of(ious) if threshold is None else threshold
        self.tell(what="ready", pred_iou_thresh=threshold, threads=torch.get_num_threads(), torch=torch.__version__)
        self.generator = self.upstream.SamAutomaticMaskGenerator(
            self.model, points_per_side=arguments.points_per_side, points_per_batch=64, pred_iou_thresh=threshold or 0,
            stability_score_thresh=arguments.stability_score_thresh, box_nms_thresh=arguments.box_nms_thresh,
            output_mode="uncompressed_rle")
        self.time_encoder_of(self.generator.predictor)

    def time_encoder_of(self, predictor):
        set_image = predictor.set_image

        def timed(*values):
            start = time.perf_counter()
            set_image(*values)
            self.encode_seconds = time.perf_counter() - start

        predictor.set_image = timed

    @staticmethod
    def tell(**message):
        print(json.dumps(message), flush=True)

    def encode(self):
        start = time.perf_counter()
        self.predictor.set_image(self.picture)
        self.tell(what="encode", seconds=time.perf_counter() - start)

    def tile(self):
        start = time.perf_counter()
        self.masks = self.generator.generate(self.picture)
        seconds = time.perf_counter() - start
        self.tell(what="tile", seconds=seconds, encode_seconds=self.encode_seconds,
                  masks_seconds=seconds - self.encode_seconds, masks=len(self.masks))

    def write(self, path):
        records = [{"predicted_iou": mask["predicted_iou"], "stability_score": mask["stability_score"],
                    "point": mask["point_coords"][0], **mask["segmentation"]} for mask in self.masks]
        pathlib.Path(path).write_text(json.dumps(records))
        self.tell(what="write")

    def export(self, path):
        self.predictor.set_image(self.picture)
        resized = self.predictor.transform.apply_image(self.picture)
        picture = self.model.preprocess(torch.as_tensor(resized).permute(2, 0, 1)[None])
        picture.numpy().astype(numpy.float32).tofile(path + ".f32")
        self.predictor.get_image_embedding().numpy().tofile(path + ".embedding.f32")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sizes become constants, as they should
            torch.onnx.export(self.model.image_encoder, picture, path, opset_version=13, input_names=["picture"],
                              output_names=["embedding"])
        self.tell(what="export", side=picture.shape[-1])

    def follow_requests(self):
        for line in sys.stdin:
            name, *path = line.split(maxsplit=1)
            {"encode": self.encode, "tile": self.tile, "write": self.write, "export": self.export}[name](
                *(text.strip() for text in path))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--model")
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--make-checkpoint", action="store_true")
    parser.add_argument("--picture", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--points-per-side", type=int, default=32)
    parser.add_argument("--pred-iou-thresh", type=float)
    parser.add_argument("--stability-score-thresh", type=float, default=0)
    parser.add_argument("--box-nms-thresh", type=float, default=1)
    parser.add_argument("--no-warm-up", dest="warm_up", action="store_false")
    with torch.no_grad():
        Reference(parser.parse_args()).follow_requests()


if __name__ == "__main__":
    main()
