#!/usr/bin/python3
"""Writes the buildings of a classified layer that other looks at the same ground show as well.

    found_again.py CLASSIFIED OUTPUT.gpkg OTHER... [--least-probability 0.45] [--least-iou 0.5]

CLASSIFIED comes from 'landseam classify', each OTHER from 'landseam segment' with pixels of another size. A building
stays where every OTHER has a segment of at least that IoU with it, and nothing better lies on more than a fifth of it.
"""
import argparse
import collections

from osgeo import ogr

CELL = 20.0  # metres or so: side of the cells by which neighbours are found
LARGEST_OVERLAP = 0.2

ogr.UseExceptions()


class Neighbours:
    """Things with a geometry, found again by where they lie."""

    def __init__(self, things=()):
        self.cells = collections.defaultdict(list)
        for thing in things:
            self.add(thing)

    @staticmethod
    def cells_of(geometry):
        west, east, south, north = geometry.GetEnvelope()
        return [(x, y) for x in range(int(west // CELL), int(east // CELL) + 1)
                for y in range(int(south // CELL), int(north // CELL) + 1)]

    def add(self, thing):
        for cell in self.cells_of(thing["geometry"]):
            self.cells[cell].append(thing)

    def near(self, geometry):
        found = {id(thing): thing for cell in self.cells_of(geometry) for thing in self.cells.get(cell, ())}
        return found.values()


def shared_area(a, b):
    shared = a.Intersection(b)
    return 0.0 if shared is None or shared.GetDimension() < 2 else shared.Area()


def iou(a, b):
    shared = shared_area(a, b)
    return shared / (a.Area() + b.Area() - shared)


def read(path):
    source = ogr.Open(path)
    layer = source.GetLayer(0)
    things = [dict(feature.items(), geometry=feature.GetGeometryRef().Clone()) for feature in layer]
    return things, layer.GetSpatialRef().Clone()


def write(path, buildings, crs):
    output = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    layer = output.CreateLayer("buildings", crs, ogr.wkbUnknown)
    layer.CreateField(ogr.FieldDefn("probability", ogr.OFTReal))
    for building in buildings:
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(building["geometry"])
        feature["probability"] = building["probability"]
        layer.CreateFeature(feature)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("classified")
    parser.add_argument("output")
    parser.add_argument("others", nargs="+")
    parser.add_argument("--least-probability", type=float, default=0.45)
    parser.add_argument("--least-iou", type=float, default=0.5)
    arguments = parser.parse_args()
    segments, crs = read(arguments.classified)
    others = [Neighbours(read(path)[0]) for path in arguments.others]
    found = []
    for segment in segments:
        if segment["class"] != "building" or segment["probability"] < arguments.least_probability:
            continue
        likeness = [max((iou(segment["geometry"], other["geometry"]) for other in look.near(segment["geometry"])), default=0)
                    for look in others]
        if min(likeness) < arguments.least_iou:
            continue
        segment["rank"] = segment["probability"] * segment["predicted_iou"]
        for alike in likeness:
            segment["rank"] *= alike
        found.append(segment)
    kept, on_the_ground = [], Neighbours()
    for segment in sorted(found, key=lambda one: -one["rank"]):
        area = segment["geometry"].Area()
        if all(shared_area(segment["geometry"], other["geometry"]) <= LARGEST_OVERLAP * min(area, other["geometry"].Area())
               for other in on_the_ground.near(segment["geometry"])):
            kept.append(segment)
            on_the_ground.add(segment)
    write(arguments.output, kept, crs)
    print(f"{arguments.output}: {len(kept)} buildings")


if __name__ == "__main__":
    main()
