#!/usr/bin/env python3
"""Trains the small model that landseam embeds, on drawn scenes only.

    train_default_model.py --upstream DIR --make-sample-scene PROGRAM --start WEIGHTS.pth --output OUT.pth

DIR is a checkout of facebookresearch/segment-anything, PROGRAM is bin/make_sample_scene. Scenes are drawn into --scenes
(and found there again). WEIGHTS.pth gives the first weights: tests/data/parity/vit/weights.pth, or an earlier OUT.pth.
OUT.pth holds the moving average of the weights and is rewritten every --save-every minutes.
The learning rate follows the wall clock, so that two runs agree in kind, not in bits.

The recipe is that of Kirillov et al. 2023, section 3 and appendix A: focal and dice loss 20:1 on the best of the three masks
of one point, and a squared error on the predicted IoU. Here points on ground that belongs to no object have an IoU of 0,
and a linear map from the picture's embedding, which is not kept, learns each pixel's class and where its object's middle is:
that teaches the encoder with far fewer pictures than prompts alone.
Needs Python with torch, numpy and GDAL.
"""
import argparse
import collections
import csv
import importlib
import math
import os
import pathlib
import random
import subprocess
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # torch's own threads share the work better
import numpy
import torch
import torch.nn.functional as functional
from osgeo import gdal, ogr

gdal.UseExceptions()

SIDE = 256          # pixels of a picture
TARGET_SIDE = 128   # pixels of a mask in the loss
LEAST_VISIBLE = 60  # pixels of an object in a picture, for it to be asked for
DENSE_SIDE = 64     # pixels of the encoder's own lesson
MEAN = torch.tensor([123.675, 116.28, 103.53]).view(3, 1, 1)
DEVIATION = torch.tensor([58.395, 57.12, 57.375]).view(3, 1, 1)

# What lies on top of what, and how often a class that is in the picture is asked for.
HEIGHT = {"field": 0, "meadow": 0, "orchard": 0, "wood": 0, "pond": 1, "road": 2, "track": 2, "driveway": 2, "pool": 3,
          "building": 4, "shed": 4, "car": 5, "hedge": 6, "tree": 7}
WEIGHT = {"field": 2.5, "meadow": 1.5, "orchard": 1, "wood": 1, "pond": 2, "road": 2, "track": 0.7, "driveway": 0.5, "pool": 1,
          "building": 4, "shed": 0.8, "car": 0.3, "hedge": 0.3, "tree": 1.2}

Shape = collections.namedtuple("Shape", "class_name x y mask")  # mask: the whole object, its corner at (x, y)
Scene = collections.namedtuple("Scene", "bands top shapes")     # top: 1 + index of the topmost shape, 0 for none


def stretched(values):
    """Bytes from the 2nd to the 98th percentile of the valid pixels, as landseam does for 16 bits."""
    low, high = numpy.percentile(values[values > 0], (2, 98))
    return (numpy.clip((values - low) / (high - low), 0, 1) * 255 * (values > 0) + 0.5).astype(numpy.uint8)


def rasterized(feature, dataset):
    """The pixels whose centres lie in the feature, cut to its bounding box."""
    left, dx, _, top, _, dy = dataset.GetGeoTransform()
    west, east, south, north = feature.geometry().GetEnvelope()
    x0, y0 = max(0, int((west - left) / dx)), max(0, int((north - top) / dy))
    x1 = min(dataset.RasterXSize, math.ceil((east - left) / dx))
    y1 = min(dataset.RasterYSize, math.ceil((south - top) / dy))
    raster = gdal.GetDriverByName("MEM").Create("", max(1, x1 - x0), max(1, y1 - y0), 1, gdal.GDT_Byte)
    raster.SetGeoTransform((left + x0 * dx, dx, 0, top + y0 * dy, 0, dy))
    raster.SetProjection(dataset.GetProjection())
    source = ogr.GetDriverByName("Memory").CreateDataSource("")
    layer = source.CreateLayer("shape", dataset.GetSpatialRef(), ogr.wkbMultiPolygon)
    copy = ogr.Feature(layer.GetLayerDefn())
    copy.SetGeometry(feature.geometry())
    layer.CreateFeature(copy)
    gdal.RasterizeLayer(raster, [1], layer, burn_values=[1])
    return Shape(feature["class"], x0, y0, raster.ReadAsArray().astype(bool))


def load_scene(folder):
    dataset = gdal.Open(str(folder / "town_edge.tif"))
    bands = numpy.stack([stretched(band.astype(numpy.float32)) for band in dataset.ReadAsArray()])
    truth = ogr.Open(str(folder / "town_edge_truth.gpkg"))
    shapes = [rasterized(feature, dataset) for feature in truth.GetLayer(0)]
    shapes.sort(key=lambda shape: HEIGHT[shape.class_name])  # stable: later ones of a class stay on top
    top = numpy.zeros(bands.shape[1:], numpy.int32)
    for index, shape in enumerate(shapes):
        height, width = shape.mask.shape
        top[shape.y:shape.y + height, shape.x:shape.x + width][shape.mask] = index + 1
    return Scene(bands, top, shapes)


def draw_scenes(program, folder, seeds):
    scenes = []
    for seed in seeds:
        target = folder / str(seed)
        if not (target / "town_edge_truth.gpkg").exists():
            subprocess.run([program, str(target), str(seed)], check=True, stdout=subprocess.DEVNULL)
        scenes.append(load_scene(target))
    return scenes


def resized(planes, side):
    """float planes [n, h, w] → [n, side, side]; averages when shrinking."""
    mode = dict(mode="area") if planes.shape[-1] > side else dict(mode="bilinear", align_corners=False)
    return functional.interpolate(torch.from_numpy(planes)[None], size=(side, side), **mode)[0]


def turned(plane, turn):
    plane = numpy.rot90(plane, turn % 4, axes=(-2, -1))
    return numpy.ascontiguousarray(plane[..., ::-1] if turn >= 4 else plane)


def coloured(bands, dice):
    """Three channels out of red, green, blue, near infrared."""
    kind = dice.random()
    order = [0, 1, 2] if kind < 0.65 else [3, 0, 1] if kind < 0.85 else dice.sample(range(4), 3)
    return bands[order]


def jittered(picture, dice):
    """picture [3, SIDE, SIDE], 0…255: other light, other colours, other sharpness, other noise."""
    if dice.random() < 0.7:
        contrast, light = dice.uniform(0.75, 1.3), dice.uniform(-25, 25)
        for channel in picture:
            channel.sub_(127).mul_(contrast * dice.uniform(0.9, 1.1)).add_(127 + light + dice.uniform(-12, 12))
    if dice.random() < 0.25:
        picture = functional.avg_pool2d(functional.pad(picture[None], (1, 1, 1, 1), mode="reflect"), 3, 1)[0]
    if dice.random() < 0.35:
        picture = picture + torch.randn_like(picture) * dice.uniform(1, 8)
    return picture.clamp(0, 255).round()


def scene_crop(scene, dice):
    """The picture, its topmost shapes [SIDE, SIDE], and a function that gives a shape's mask in the picture."""
    height, width = scene.top.shape
    side = SIDE if dice.random() < 0.4 else int(math.exp(dice.uniform(math.log(128), math.log(400))))
    x, y, turn = dice.randint(0, width - side), dice.randint(0, height - side), dice.randrange(8)
    bands = coloured(scene.bands[:, y:y + side, x:x + side], dice).astype(numpy.float32)
    nearest = (numpy.arange(SIDE) * side + side // 2) // SIDE
    top = turned(scene.top[y:y + side, x:x + side], turn)[nearest][:, nearest]

    def mask_of(index):
        shape, mask = scene.shapes[index - 1], numpy.zeros((side, side), numpy.float32)
        shape_height, shape_width = shape.mask.shape
        y0, y1 = max(y, shape.y), min(y + side, shape.y + shape_height)
        x0, x1 = max(x, shape.x), min(x + side, shape.x + shape_width)
        mask[y0 - y:y1 - y, x0 - x:x1 - x] = shape.mask[y0 - shape.y:y1 - shape.y, x0 - shape.x:x1 - shape.x]
        return resized(turned(mask, turn)[None], TARGET_SIDE)[0] > 0.5

    return resized(turned(bands, turn), SIDE), top, mask_of, lambda index: scene.shapes[index - 1].class_name


def drawn_crop(dice):
    """Discs and boxes on noisy ground, light on dark or dark on light."""
    ground = dice.uniform(30, 200)
    picture = numpy.full((3, SIDE, SIDE), ground, numpy.float32)
    picture += numpy.float32([dice.uniform(-20, 20) for _ in range(3)]).reshape(3, 1, 1)
    top, (ys, xs), masks = numpy.zeros((SIDE, SIDE), numpy.int32), numpy.mgrid[0:SIDE, 0:SIDE], []
    for index in range(1, dice.randint(2, 9)):
        x, y, a, b = dice.uniform(5, 251), dice.uniform(5, 251), dice.uniform(6, 50), dice.uniform(6, 50)
        mask = (xs - x) ** 2 + (ys - y) ** 2 < a * a if dice.random() < 0.5 else (abs(xs - x) < a) & (abs(ys - y) < b)
        change = dice.choice((-1, 1)) * dice.uniform(30, 120)
        if not 0 <= ground + change <= 255:
            change = -change
        for channel in picture:
            channel[mask] = ground + change + dice.uniform(-25, 25)
        top[mask] = index
        masks.append(mask)
    picture += numpy.random.default_rng(dice.randrange(2 ** 32)).normal(0, dice.uniform(0, 10), picture.shape)

    def mask_of(index):
        return resized(masks[index - 1].astype(numpy.float32)[None], TARGET_SIDE)[0] > 0.5

    return torch.from_numpy(picture), top, mask_of, lambda index: "building"


def choose_prompts(top, class_of, count, nothing_share, dice):
    """(shape or 0, y, x) for each prompt; classes by weight, any object of a class alike, any visible pixel of it."""
    ids, sizes = numpy.unique(top, return_counts=True)
    classes = collections.defaultdict(list)
    for index, size in zip(ids.tolist(), sizes.tolist()):
        if index > 0 and size >= LEAST_VISIBLE:
            classes[class_of(index)].append(index)
    names = sorted(classes)
    ground = (top == 0).sum() >= LEAST_VISIBLE
    if not names and not ground:
        return None
    chosen = []
    for _ in range(count):
        nothing = not names or (ground and dice.random() < nothing_share)
        index = 0 if nothing else dice.choice(classes[dice.choices(names, [WEIGHT[name] for name in names])[0]])
        pixels = numpy.flatnonzero(top == index)
        y, x = divmod(int(pixels[dice.randrange(len(pixels))]), SIDE)
        chosen.append((index, y, x))
    return chosen


def dense_lesson(top, class_of, drawn):
    """Class (0: none, -1: do not ask) and offset to the middle of what is seen of the object, in 32 pixels; DENSE_SIDE²."""
    step = SIDE // DENSE_SIDE
    ids, members = numpy.unique(top, return_inverse=True)
    members, (ys, xs) = members.reshape(-1), numpy.mgrid[0:SIDE, 0:SIDE]
    sizes = numpy.bincount(members)
    middle = [numpy.bincount(members, weights=axis.reshape(-1)) / sizes for axis in (ys, xs)]
    names = list(HEIGHT)
    classes = numpy.array([0 if not index else -1 if drawn else names.index(class_of(index)) + 1 for index in ids.tolist()])
    offsets = numpy.stack([(m[members].reshape(top.shape) - axis) / 32 for m, axis in zip(middle, (ys, xs))])
    return (torch.from_numpy(classes[members].reshape(top.shape)[step // 2::step, step // 2::step].copy()),
            torch.from_numpy(offsets[:, step // 2::step, step // 2::step].clip(-3, 3).astype(numpy.float32)))


def make_batch(scenes, crops, prompts, kind, dice, augment=True):
    """Pictures [crops, 3, S, S]; per prompt: coordinates, labels, box, mask, whether there is an object; dense lessons."""
    lessons, pictures, coordinates, labels, boxes, masks, found = ([] for _ in range(7))
    while len(pictures) < crops:
        drawn = augment and dice.random() < 0.1
        picture, top, mask_of, class_of = drawn_crop(dice) if drawn else scene_crop(dice.choice(scenes), dice)
        chosen = choose_prompts(top, class_of, prompts, 0.17 if kind == "point" else 0, dice)
        if chosen is None or (kind != "point" and any(index == 0 for index, _, _ in chosen)):
            continue
        lessons.append(dense_lesson(top, class_of, drawn))
        pictures.append(((jittered(picture, dice) if augment else picture) - MEAN) / DEVIATION)
        for index, y, x in chosen:
            mask = mask_of(index) if index else torch.zeros(TARGET_SIDE, TARGET_SIDE, dtype=torch.bool)
            points, marks = [[x, y]], [1]
            if kind == "points":
                inside, outside = numpy.flatnonzero(top == index), numpy.flatnonzero(top != index)
                for pixels, mark in ((inside, 1), (outside if len(outside) else inside, 0 if len(outside) else 1)):
                    second_y, second_x = divmod(int(pixels[dice.randrange(len(pixels))]), SIDE)
                    points.append([second_x, second_y])
                    marks.append(mark)
            # The prompt encoder adds half a pixel itself.
            coordinates.append(points)
            labels.append(marks)
            rows, columns = mask.any(1).nonzero(), mask.any(0).nonzero()
            box = [0, 0, SIDE, SIDE]
            if len(rows) and len(columns):
                scale = SIDE / TARGET_SIDE
                box = [columns[0].item(), rows[0].item(), columns[-1].item() + 1, rows[-1].item() + 1]
                box = [min(SIDE, max(0, edge * scale + (dice.uniform(-2, 2)))) for edge in box]
            boxes.append(box)
            masks.append(mask)
            found.append(index > 0 and bool(mask.any()))
    return (torch.stack(pictures).float(), torch.tensor(coordinates).float(), torch.tensor(labels), torch.tensor(boxes).float(),
            torch.stack(masks).float(), torch.tensor(found), *(torch.stack(part) for part in zip(*lessons)))


class Batches(torch.utils.data.IterableDataset):
    """Endless (kind, batch): mostly one point, for the three masks; sometimes any kind of prompt, for the single mask."""
    def __init__(self, scenes, arguments):
        self.scenes, self.arguments = scenes, arguments

    def __iter__(self):
        torch.set_num_threads(1)
        dice = random.Random(self.arguments.seed)
        while True:
            single = dice.random() < 0.12
            kind = dice.choice(("point", "points", "box")) if single else "point"
            batch = make_batch(self.scenes, self.arguments.crops, self.arguments.prompts, kind, dice)
            if batch[5].any():
                yield single, kind, batch


def decode(model, embeddings, sparse, dense, tokens):
    """Logits [prompts, tokens, TARGET_SIDE, TARGET_SIDE] and predicted IoU of some of the decoder's four masks."""
    decoder = model.mask_decoder
    queries = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])
    queries = torch.cat([queries.expand(len(sparse), -1, -1), sparse], dim=1)
    source = embeddings.repeat_interleave(len(sparse) // len(embeddings), dim=0) + dense
    position = model.prompt_encoder.get_dense_pe().expand(len(sparse), -1, -1, -1)
    hidden, keys = decoder.transformer(source, position, queries)
    upscaled = decoder.output_upscaling(keys.transpose(1, 2).reshape(source.shape))
    weights = torch.stack([decoder.output_hypernetworks_mlps[i](hidden[:, 1 + i]) for i in tokens], dim=1)
    logits = torch.einsum("ptc,pchw->pthw", weights, upscaled)
    logits = functional.interpolate(logits, size=(TARGET_SIDE, TARGET_SIDE), mode="bilinear", align_corners=False)
    return logits, decoder.iou_prediction_head(hidden[:, 0])[:, tokens]


def forward(model, batch, kind, tokens):
    pictures, coordinates, labels, boxes = batch[:4]
    points = None if kind == "box" else (coordinates, labels)
    sparse, dense = model.prompt_encoder(points=points, boxes=boxes if kind == "box" else None, masks=None)
    embeddings = model.image_encoder(pictures)
    return *decode(model, embeddings, sparse, dense, tokens), embeddings


def intersection_over_union(logits, masks):
    predicted, true = logits > 0, masks[:, None] > 0.5
    union = (predicted | true).sum((2, 3))
    return (predicted & true).sum((2, 3)) / union.clamp(min=1)


def losses(logits, scores, masks, found):
    target = masks[:, None].expand_as(logits)
    with torch.no_grad():
        actual = intersection_over_union(logits, masks) * found[:, None]
    score_loss = ((scores - actual) ** 2).mean()
    logits, target = logits[found], target[found]
    entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    probability = torch.sigmoid(logits)
    wrong = probability + target - 2 * probability * target
    balance = 0.25 * target + 0.75 * (1 - target)
    focal = (balance * wrong * wrong * entropy).mean((2, 3))
    dice = 1 - (2 * (probability * target).sum((2, 3)) + 1) / (probability.sum((2, 3)) + target.sum((2, 3)) + 1)
    return (20 * focal + dice).min(1).values.mean(), score_loss


def dense_loss(head, embeddings, classes, offsets):
    values = functional.pixel_shuffle(head(embeddings), DENSE_SIDE // embeddings.shape[-1])
    loss = functional.cross_entropy(values[:, 2:], classes, ignore_index=-1) if (classes >= 0).any() else 0
    inside = (classes != 0)[:, None].expand_as(offsets)
    if inside.any():
        loss = loss + functional.smooth_l1_loss(values[:, :2][inside], offsets[inside])
    return loss


def validate(model, batches):
    """Mean IoU of the best mask and of the one the model likes best; mean predicted IoU on objects and on nothing."""
    best, liked, on_objects, on_nothing = [], [], [], []
    model.eval()
    with torch.no_grad():
        for batch in batches:
            logits, scores, _ = forward(model, batch, "point", [1, 2, 3])
            actual, found = intersection_over_union(logits, batch[4]), batch[5]
            best += actual.max(1).values[found].tolist()
            liked += actual.gather(1, scores.argmax(1, keepdim=True))[:, 0][found].tolist()
            on_objects += scores.max(1).values[found].tolist()
            on_nothing += scores.max(1).values[~found].tolist()
    model.train()
    return [round(float(numpy.mean(values)), 4) for values in (best, liked, on_objects, on_nothing)]


def make_model(upstream):
    sys.path.insert(0, str(upstream))
    modeling = importlib.import_module("segment_anything.modeling")
    return modeling.Sam(
        modeling.ImageEncoderViT(
            img_size=SIDE, embed_dim=96, depth=4, num_heads=3, out_chans=64, use_rel_pos=True, window_size=7,
            global_attn_indexes=(1, 3), norm_layer=lambda size: torch.nn.LayerNorm(size, eps=1e-6)),
        modeling.PromptEncoder(embed_dim=64, image_embedding_size=(16, 16), input_image_size=(SIDE, SIDE), mask_in_chans=16),
        modeling.MaskDecoder(transformer_dim=64, iou_head_hidden_dim=64, transformer=modeling.TwoWayTransformer(
            depth=2, embedding_dim=64, num_heads=8, mlp_dim=128)))


def save(average, path):
    partial = path.with_suffix(".partial")
    torch.save(collections.OrderedDict((name, value.clone()) for name, value in average.items()), partial)
    partial.replace(path)


def train(arguments):
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    model = make_model(arguments.upstream)
    model.load_state_dict(torch.load(arguments.start, map_location="cpu"))
    scenes = draw_scenes(arguments.make_sample_scene, arguments.scenes, arguments.seeds)
    held_out = draw_scenes(arguments.make_sample_scene, arguments.scenes, [arguments.validation_seed])
    check = random.Random(0)
    held_out_batches = [make_batch(held_out, 8, 8, "point", check, augment=False) for _ in range(8)]
    print(f"{len(scenes)} scenes, {sum(len(scene.shapes) for scene in scenes)} objects", flush=True)

    evaluated = make_model(arguments.upstream)
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    head = torch.nn.Conv2d(64, (2 + 1 + len(HEIGHT)) * (DENSE_SIDE // 16) ** 2, 1)
    optimizer = torch.optim.AdamW([*model.parameters(), *head.parameters()], lr=0, weight_decay=0.01)
    log = csv.writer(open(arguments.log, "w", newline=""))
    log.writerow(["step", "minutes", "mask_loss", "score_loss", "lesson_loss",
                  "best_iou", "liked_iou", "score_objects", "score_nothing"])
    begin, saved, step, sums = time.time(), 0.0, 0, [0.0, 0.0, 0.0, 0]
    for single, kind, batch in torch.utils.data.DataLoader(Batches(scenes, arguments), batch_size=None, num_workers=1):
        minutes = (time.time() - begin) / 60
        done = minutes >= arguments.minutes
        if step == 50 or done or minutes - saved >= arguments.save_every:
            saved = minutes
            evaluated.load_state_dict(average)
            row = [step, round(minutes, 2), *(round(value / max(1, sums[3]), 4) for value in sums[:3]),
                   *validate(evaluated, held_out_batches)]
            log.writerow(row)
            print(*row, flush=True)
            save(average, arguments.output)
            sums = [0.0, 0.0, 0.0, 0]
        if done:
            return
        rate = arguments.rate * min(1, step / 100) * (0.01 + 0.99 * (1 + math.cos(math.pi * minutes / arguments.minutes)) / 2)
        for group in optimizer.param_groups:
            group["lr"] = rate
        logits, scores, embeddings = forward(model, batch, kind, [0] if single else [1, 2, 3])
        mask_loss, score_loss = losses(logits, scores, *batch[4:6])
        lesson_loss = dense_loss(head, embeddings, *batch[6:])
        optimizer.zero_grad()
        (mask_loss + 4 * score_loss + lesson_loss).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        decay = min(0.998, step / (step + 20))
        with torch.no_grad():
            for name, value in model.state_dict().items():
                average[name].lerp_(value, 1 - decay)
        if not single:
            sums = [sums[0] + mask_loss.item(), sums[1] + score_loss.item(), sums[2] + lesson_loss.item(), sums[3] + 1]


def seed_range(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upstream", type=pathlib.Path, required=True)
    parser.add_argument("--make-sample-scene", required=True)
    parser.add_argument("--scenes", type=pathlib.Path, default=pathlib.Path("scenes"), help="folder for the drawn scenes")
    parser.add_argument("--seeds", type=seed_range, default=range(100, 140), help="scenes to learn from, as 100-139")
    parser.add_argument("--validation-seed", type=int, default=2)
    parser.add_argument("--start", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--log", type=pathlib.Path, default=pathlib.Path("training.csv"))
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--save-every", type=float, default=5, help="minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1e-3, help="the highest learning rate")
    parser.add_argument("--crops", type=int, default=4, help="a step")
    parser.add_argument("--prompts", type=int, default=8, help="a crop")
    parser.add_argument("--threads", type=int, default=1)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
