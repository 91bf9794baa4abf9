"""Holds `landseam evaluate` against the same scores computed here, by GDAL's geometry calls, on random layers.

Usage: evaluate_by_gdal.py LANDSEAM. Ends with 77 where Python has no GDAL.
"""
import itertools
import json
import math
import os
import random
import subprocess
import sys
import tempfile

try:
    from osgeo import ogr, osr
except ImportError:
    print("this Python has no GDAL")
    sys.exit(77)
ogr.UseExceptions()

CLASSES = ["roof", "pond", "field"]


def rectangle(chance, x, y, notch):
    width, height, angle = chance.uniform(3, 14), chance.uniform(3, 14), chance.uniform(0, math.pi)
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    if notch:
        corners[2:3] = [(width, height / 2), (width / 2, height / 2), (width / 2, height)]
    ring = ogr.Geometry(ogr.wkbLinearRing)
    for u, v in corners + corners[:1]:
        ring.AddPoint_2D(x + u * math.cos(angle) - v * math.sin(angle), y + u * math.sin(angle) + v * math.cos(angle))
    polygon = ogr.Geometry(ogr.wkbPolygon)
    polygon.AddGeometry(ring)
    if chance.random() < 0.2:
        polygon = polygon.Difference(polygon.Centroid().Buffer(0.8, 2))
    return polygon


def draw_layers(chance):
    """True objects, and predictions that are some of them moved, some split, and some false alarms."""
    truth, predicted = [], []
    for row, column in itertools.product(range(6), range(6)):
        if chance.random() < 0.25:
            continue
        x, y = 500000 + 12 * column, 4200000 + 12 * row
        name, shape = chance.choice(CLASSES), rectangle(chance, x, y, chance.random() < 0.4)
        truth.append((shape, name, 0))
        guess = name if chance.random() < 0.8 else chance.choice(CLASSES)
        kind = chance.random()
        if kind < 0.6:
            moved = shape.Clone()
            shift = chance.choice([0.3, 1, 3])
            for ring in range(moved.GetGeometryCount()):
                part = moved.GetGeometryRef(ring)
                for i in range(part.GetPointCount()):
                    part.SetPoint_2D(i, part.GetX(i) + shift, part.GetY(i) - shift / 2)
            predicted.append((moved, guess, chance.choice([0.5, 0.6, 0.7, chance.random()])))
        elif kind < 0.8:
            x0, x1, y0, y1 = shape.GetEnvelope()
            middle = x0 + 0.43 * (x1 - x0)  # no IoU comes close to a threshold
            for left, right in ((x0, middle), (middle, x1)):
                half = ogr.CreateGeometryFromWkt(
                    f"POLYGON(({left} {y0},{right} {y0},{right} {y1},{left} {y1},{left} {y0}))")
                predicted.append((shape.Intersection(half), guess, chance.random()))
        if chance.random() < 0.2:
            predicted.append((rectangle(chance, x + 5, y + 5, False), chance.choice(CLASSES), chance.random()))
    return predicted, truth


def write(path, objects):
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32632)
    source = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    layer = source.CreateLayer("objects", reference, ogr.wkbMultiPolygon)
    layer.CreateField(ogr.FieldDefn("class", ogr.OFTString))
    layer.CreateField(ogr.FieldDefn("predicted_iou", ogr.OFTReal))
    for shape, name, score in objects:
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(ogr.ForceToMultiPolygon(shape.Clone()))
        feature["class"], feature["predicted_iou"] = name, score
        layer.CreateFeature(feature)


def shared_areas(predicted, truth):
    return [[p[0].Intersection(t[0]).Area() for t in truth] for p in predicted]


def iou_table(predicted, truth, shared, by_class):
    return [[0 if by_class and p[1] != t[1] else shared[i][j] / (p[0].Area() + t[0].Area() - shared[i][j])
             for j, t in enumerate(truth)] for i, p in enumerate(predicted)]


def greedy(ious, scores, threshold):
    """The true object of each prediction, or None."""
    taken, result = set(), [None] * len(scores)
    for i in sorted(range(len(scores)), key=lambda i: -scores[i]):
        free = [(iou, -j) for j, iou in enumerate(ious[i]) if j not in taken and iou > 0]
        if free and max(free)[0] >= threshold:
            result[i] = -max(free)[1]
            taken.add(result[i])
    return result


def average_precision(matches, scores, count):
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    curve, hits = [], 0
    for n, i in enumerate(order, 1):
        hits += matches[i] is not None
        curve.append((hits / count, hits / n))
    return sum(max((p for r, p in curve if r >= k / 100), default=0) for k in range(101)) / 101


def united(shapes):
    result = ogr.Geometry(ogr.wkbPolygon)
    for shape in shapes:
        result = result.Union(shape)
    return result


def ground_iou(a, b):
    a, b = united(o[0] for o in a), united(o[0] for o in b)
    either = a.Union(b).Area()
    return a.Intersection(b).Area() / either if either else 0


def vertices(shape):
    for part in shape if shape.GetGeometryType() == ogr.wkbMultiPolygon else [shape]:
        for ring in part:
            for i in range(ring.GetPointCount() - 1):
                point = ogr.Geometry(ogr.wkbPoint)
                point.AddPoint_2D(ring.GetX(i), ring.GetY(i))
                yield point


def polis(a, b):
    def one_way(a, b):
        outline = b.Boundary()
        distances = [point.Distance(outline) for point in vertices(a)]
        return sum(distances) / len(distances)
    return (one_way(a, b) + one_way(b, a)) / 2


def boundary_iou(a, b, width):
    a, b = (shape.Difference(shape.Buffer(-width, 16)) for shape in (a, b))
    return a.Intersection(b).Area() / a.Union(b).Area()


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else 0


def expected(predicted, truth, width, by_class):
    shared = shared_areas(predicted, truth)
    ious = iou_table(predicted, truth, shared, by_class)
    scores = [p[2] for p in predicted]
    matches = greedy(ious, scores, 0.5)
    pairs = [(predicted[i][0], truth[j][0]) for i, j in enumerate(matches) if j is not None]
    best = [max((row[j] for row in ious), default=0) for j in range(len(truth))]
    fits = [(j, max(range(len(predicted)), key=lambda i: ious[i][j])) for j in range(len(truth)) if best[j] > 0]
    precision, recall = len(pairs) / len(predicted), len(pairs) / len(truth)
    by_threshold = []
    for k in range(10):
        found = greedy(ious, scores, 0.5 + 0.05 * k)
        if not by_class:
            by_threshold.append(average_precision(found, scores, len(truth)))
            continue
        of_classes = []
        for name in sorted({t[1] for t in truth}):
            own = [i for i, p in enumerate(predicted) if p[1] == name]
            of_classes.append(average_precision([found[i] for i in own], [scores[i] for i in own],
                                                sum(t[1] == name for t in truth)))
        by_threshold.append(mean(of_classes))
    result = {
        "true_positives": len(pairs), "false_positives": len(predicted) - len(pairs),
        "false_negatives": len(truth) - len(pairs), "precision": precision, "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if pairs else 0,
        "average_precision": mean(by_threshold), "average_precision_50": by_threshold[0],
        "average_precision_75": by_threshold[5],
        "mean_best_iou": mean(best), "share_best_iou_50": mean(b >= 0.5 for b in best),
        "pixel_iou": ground_iou(predicted, truth),
        "boundary_iou": mean(boundary_iou(a, b, width) for a, b in pairs),
        "polis": mean(polis(a, b) for a, b in pairs),
        "vertex_ratio": sum(len(list(vertices(a))) for a, b in pairs) / sum(len(list(vertices(b))) for a, b in pairs)
        if pairs else 0,
        "over_segmentation": mean(1 - shared[i][j] / truth[j][0].Area() for j, i in fits),
        "under_segmentation": mean(1 - shared[i][j] / predicted[i][0].Area() for j, i in fits),
    }
    if by_class:
        total = sum(map(sum, shared))
        right = sum(shared[i][j] for i, p in enumerate(predicted) for j, t in enumerate(truth) if p[1] == t[1])
        chance = sum(sum(shared[i][j] for i in range(len(predicted)) for j, t in enumerate(truth) if t[1] == name) *
                     sum(shared[i][j] for i, p in enumerate(predicted) if p[1] == name for j in range(len(truth)))
                     for name in CLASSES) / total ** 2
        result["overall_accuracy"] = right / total
        result["kappa"] = (right / total - chance) / (1 - chance)
        for name in {t[1] for t in truth}:
            result["pixel_iou of " + name] = ground_iou([p for p in predicted if p[1] == name],
                                                        [t for t in truth if t[1] == name])
    return result


def main():
    landseam = sys.argv[1]
    compared = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed, by_class in itertools.product(range(6), (False, True)):
            predicted, truth = draw_layers(random.Random(seed))
            paths = [os.path.join(folder, f"{seed}{by_class}{kind}.gpkg") for kind in "pt"]
            write(paths[0], predicted)
            write(paths[1], truth)
            options = ["--boundary-width", "0.7"]
            if by_class:
                options += ["--class-field", "class", "--predicted-class-field", "class"]
            output = subprocess.run([landseam, "evaluate", *paths, "--json", *options], check=True,
                                    stdout=subprocess.PIPE).stdout
            told = json.loads(output)
            for name, value in expected(predicted, truth, 0.7, by_class).items():
                place = told["per_class"][name[13:]]["pixel_iou"] if " of " in name else told[name]
                if not math.isclose(place, value, rel_tol=1e-7, abs_tol=1e-9):
                    sys.exit(f"seed {seed}: {name} is {place}, and {value} by GDAL")
                compared += 1
    print(f"{compared} scores agree")


main()
