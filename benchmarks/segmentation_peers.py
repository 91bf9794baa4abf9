#!/usr/bin/env python3
"""Classical segmentations of a raster into polygons, and the settings that are tried of each.

As a program it makes polygons of what GRASS and OpenCV make as label rasters:

    segmentation_peers.py grass INPUT OUTPUT.gpkg --threshold 0.2 --minsize 100
    segmentation_peers.py felzenszwalb INPUT OUTPUT.gpkg --scale 300 --sigma 0.8 --minsize 100

Orfeo ToolBox writes polygons itself. All outlines run along pixel edges.
"""
import argparse
import dataclasses
import itertools
import os
import pathlib
import subprocess
import sys
import tempfile

from osgeo import gdal, ogr, osr

gdal.UseExceptions()
ogr.UseExceptions()

GRASS_SCRIPT = """
set -e
r.in.gdal --quiet -o input="$SCENE" output=scene
bands=$(g.list type=raster pattern='scene*' separator=,)
g.region --quiet raster="${bands%%,*}"
i.group --quiet group=scene input="$bands"
i.segment --quiet group=scene output=segments threshold="$THRESHOLD" minsize="$MINSIZE"
r.out.gdal --quiet -f -c -m input=segments output="$LABELS" format=GTiff type=Int32
"""


@dataclasses.dataclass
class Peer:
    """A program and its grid of settings: `grid` holds values by option, sizes come from the site."""
    name: str
    grid: dict
    command: callable  # (scene, output, setting) → arguments
    suffix: str = ".gpkg"

    @property
    def short_name(self):
        return self.name.split()[0].lower()

    def settings(self, site, factor):
        """Dictionaries, every combination of the grid and the site's sizes, which shrink with the picture."""
        sizes = {"minsize": [max(10, round(size / factor ** 2)) for size in site.min_sizes]}
        options = {**self.grid, **sizes}
        return [dict(zip(options, values)) for values in itertools.product(*options.values())]


def own_command(name):
    def command(scene, output, setting):
        options = [part for option, value in setting.items() for part in (f"--{option}", value)]
        return [sys.executable, pathlib.Path(__file__).resolve(), name, scene, output, *options]
    return command


def otb_command(scene, output, setting):
    return ["otbcli_LargeScaleMeanShift", "-in", scene, "-spatialr", 5, "-ranger", setting["ranger"], "-minsize",
            setting["minsize"], "-tilesizex", 500, "-tilesizey", 500, "-mode", "vector", "-mode.vector.out", output,
            "-cleanup", 1]


PEERS = [
    Peer("OTB mean shift", {"ranger": (20, 40, 60, 80)}, otb_command, ".shp"),  # its only format that works
    Peer("GRASS i.segment", {"threshold": (0.1, 0.2, 0.3, 0.4)}, own_command("grass")),
    Peer("Felzenszwalb", {"scale": (100, 300, 1000), "sigma": (0.5, 1.0)}, own_command("felzenszwalb"))]


def polygonize(labels, output):
    """One polygon for each set of pixels of a label that are connected by their sides."""
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(str(output))
    reference = osr.SpatialReference(labels.GetProjection())
    layer = dataset.CreateLayer("segments", reference, ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("label", ogr.OFTInteger))
    gdal.Polygonize(labels.GetRasterBand(1), labels.GetRasterBand(1).GetMaskBand(), layer, 0)
    del dataset


def grass(arguments):
    with tempfile.TemporaryDirectory() as folder:
        labels = os.path.join(folder, "labels.tif")
        environment = dict(os.environ, SCENE=os.path.abspath(arguments.input), LABELS=labels,
                           THRESHOLD=str(arguments.threshold), MINSIZE=str(arguments.minsize))
        subprocess.run(["grass", "--tmp-location", environment["SCENE"], "--exec", "bash", "-c", GRASS_SCRIPT],
                       env=environment, check=True, stdout=sys.stderr)
        polygonize(gdal.Open(labels), arguments.output)


def felzenszwalb(arguments):
    import cv2
    import numpy
    cv2.setNumThreads(1)
    scene = gdal.Open(arguments.input)
    picture = numpy.ascontiguousarray(numpy.moveaxis(scene.ReadAsArray()[:3], 0, 2))
    segmenter = cv2.ximgproc.segmentation.createGraphSegmentation(arguments.sigma, arguments.scale, arguments.minsize)
    labels = gdal.Translate("", scene, format="MEM", bandList=[1], outputType=gdal.GDT_Int32)
    labels.GetRasterBand(1).WriteArray(segmenter.processImage(picture))
    polygonize(labels, arguments.output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for work, options in ((grass, ("threshold",)), (felzenszwalb, ("scale", "sigma"))):
        command = commands.add_parser(work.__name__)
        command.add_argument("input")
        command.add_argument("output")
        for option in options:
            command.add_argument(f"--{option}", type=float, required=True)
        command.add_argument("--minsize", type=int, required=True, help="of a segment, in pixels")
        command.set_defaults(work=work)
    arguments = parser.parse_args()
    arguments.work(arguments)


if __name__ == "__main__":
    main()
