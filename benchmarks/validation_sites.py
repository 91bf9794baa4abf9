"""Scenes with truth that segmentations are compared on, made from the shared imagery.

What is made lies in the work folder; nothing of it belongs into the repository. A site is one or more parts that are
segmented one by one and scored together.
"""
import dataclasses
import pathlib
import subprocess

import numpy
from osgeo import gdal, ogr, osr

gdal.UseExceptions()
ogr.UseExceptions()

FIRST_EAST_COLUMN = 2048  # of Banepa north: what lies west of it may be trained on
SMALLEST_COMPONENT = 100  # pixels; smaller ones in a mask are crumbs of drawing
DUBAI_CLASSES = {"building": 0x3C1098, "land": 0x8429F6, "road": 0x6EC1E4, "vegetation": 0xFEDD3A, "water": 0xE2A929}
DUBAI_PARTS = {5: (4, 5, 7, 8), 6: (1, 4, 7, 8)}  # the others are mostly water and sand
NO_CLASS = 255
DRAWN_SEEDS = (101, 102, 103, 104, 105, 106)
DRAW = pathlib.Path(__file__).resolve().parent.parent / "build/release/bin/make_sample_scene"


@dataclasses.dataclass
class Part:
    image: pathlib.Path
    truth: pathlib.Path = None  # None: to be looked at only


@dataclasses.dataclass
class Site:
    name: str
    parts: list
    gsd: float  # metres on the ground, as `landseam segment --gsd` takes them
    min_sizes: tuple = ()  # segments' smallest sizes in pixels at full resolution that peers try
    factors: tuple = (1,)  # reductions that peers try
    model_factors: tuple = (1, 2, 3)  # those that models try: small objects want smaller pixels
    class_field: str = ""


def reduced_image(part, factor):
    """The part's image, each pixel the mean of factor × factor."""
    if factor == 1:
        return part.image
    path = part.image.with_name(f"{part.image.stem}_x{factor}.tif")
    if not path.exists():
        size = gdal.Open(str(part.image))
        gdal.Translate(str(path), size, width=round(size.RasterXSize / factor), height=round(size.RasterYSize / factor),
                       resampleAlg="average")
    return path


def crop(source, target, window=None):
    if not target.exists():
        gdal.Translate(str(target), str(source), **({"srcWin": window} if window else {}))


def image_outline(path):
    image = gdal.Open(str(path))
    x0, step_x, _, y0, _, step_y = image.GetGeoTransform()
    x1, y1 = x0 + step_x * image.RasterXSize, y0 + step_y * image.RasterYSize
    return ogr.CreateGeometryFromWkt(f"POLYGON(({x0} {y0},{x1} {y0},{x1} {y1},{x0} {y1},{x0} {y0}))")


def create_layer(path, spatial_reference, field=None):
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = dataset.CreateLayer("truth", spatial_reference, ogr.wkbMultiPolygon)
    if field:
        layer.CreateField(ogr.FieldDefn(field, ogr.OFTString))
    return dataset, layer


def add_polygon(layer, geometry, **fields):
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.ForceToMultiPolygon(geometry))
    for name, value in fields.items():
        feature.SetField(name, value)
    layer.CreateFeature(feature)


def clip_labels(source, target, outline):
    """Objects at least half inside the outline, cut at it."""
    if target.exists():
        return
    labels = ogr.Open(str(source))
    dataset, layer = create_layer(target, labels.GetLayer().GetSpatialRef())
    for feature in labels.GetLayer():
        geometry = feature.GetGeometryRef().MakeValid()
        inside = geometry.Intersection(outline)
        if inside.Area() >= geometry.Area() / 2 > 0:
            add_polygon(layer, inside)
    del dataset


def banepa_east(imagery, folder):
    part = Part(folder / "image.tif", folder / "truth.gpkg")
    source = imagery / "banepa-north"
    scene = source / "banepa_north_3857.tif"
    size = gdal.Open(str(scene))
    crop(scene, part.image, [FIRST_EAST_COLUMN, 0, size.RasterXSize - FIRST_EAST_COLUMN, size.RasterYSize])
    clip_labels(source / "banepa_north_buildings_3857.geojson", part.truth, image_outline(part.image))
    return Site("banepa-east", [part], 0.132, min_sizes=(200, 500, 1600), factors=(2, 1))


def kampala(imagery, folder):
    part = Part(folder / "image.tif", imagery / "kampala" / "kampala_r2_1_buildings.gpkg")
    crop(imagery / "kampala" / "kampala_r2_1.tif", part.image)
    return Site("kampala", [part], 0.0746, min_sizes=(250, 500, 1000), factors=(2, 1))


def class_indices(mask_path):
    """The mask's classes by colour; palettes are looked up."""
    mask = gdal.Open(str(mask_path))
    if mask.GetRasterBand(1).GetColorTable():
        mask = gdal.Translate("", mask, format="MEM", rgbExpand="rgb")
    red, green, blue = mask.ReadAsArray()[:3].astype(numpy.uint32)
    color = red << 16 | green << 8 | blue
    classes = numpy.full(color.shape, NO_CLASS, numpy.uint8)
    for index, value in enumerate(DUBAI_CLASSES.values()):
        classes[color == value] = index
    return classes


def in_memory(values, reference):
    """An array as a raster that lies where `reference` does."""
    raster = gdal.GetDriverByName("MEM").Create("", values.shape[1], values.shape[0], 1, gdal.GDT_Int32)
    raster.SetGeoTransform(reference.GetGeoTransform())
    raster.SetProjection(reference.GetProjection())
    raster.GetRasterBand(1).WriteArray(values)
    return raster


def components_as_polygons(mask_path, image_path, target):
    """One object for each set of pixels of a class that are connected by their sides."""
    if target.exists():
        return
    image = gdal.Open(str(image_path))
    raster = in_memory(class_indices(mask_path), image)
    spatial_reference = osr.SpatialReference(image.GetProjection())
    memory = ogr.GetDriverByName("Memory").CreateDataSource("")  # a layer dies with its data source
    components = memory.CreateLayer("", spatial_reference)
    components.CreateField(ogr.FieldDefn("class", ogr.OFTInteger))
    gdal.Polygonize(raster.GetRasterBand(1), None, components, 0)
    dataset, layer = create_layer(target, spatial_reference, "class")
    names = list(DUBAI_CLASSES)
    pixel = abs(image.GetGeoTransform()[1] * image.GetGeoTransform()[5])
    for feature in components:
        index, geometry = feature.GetField("class"), feature.GetGeometryRef()
        if index != NO_CLASS and geometry.Area() >= SMALLEST_COMPONENT * pixel:
            add_polygon(layer, geometry, **{"class": names[index]})
    del dataset


def place(source, target):
    """The picture as a GeoTIFF of metre pixels: it says nothing of its place, and image and truth only have to agree."""
    if not target.exists():
        height = gdal.Open(str(source)).RasterYSize
        width = gdal.Open(str(source)).RasterXSize
        gdal.Translate(str(target), str(source), outputSRS="EPSG:32640",
                       outputBounds=[500000, 2800000, 500000 + width, 2800000 - height])


def dubai(data, folder, tile, every_part):
    parts = []
    source = data / "training" / "dubai" / f"Tile {tile}"
    for number in range(1, 10) if every_part else DUBAI_PARTS[tile]:
        part = Part(folder / f"part{number}.tif", folder / f"part{number}.gpkg")
        place(next(source.glob(f"images/*part_00{number}.jpg")), part.image)
        components_as_polygons(next(source.glob(f"masks/*part_00{number}.png")), part.image, part.truth)
        parts.append(part)
    return Site(f"dubai-{tile}", parts, 1.0, min_sizes=(50, 200), model_factors=(0.5, 1, 2), class_field="class")


def drawn(folder, kind, min_sizes):
    """Objects of one kind in scenes as the sample scene, of other seeds: 8 bits, from 0 to the scene's 99th percentile."""
    parts = []
    for seed in DRAWN_SEEDS:
        part = Part(folder / f"seed{seed}.tif", folder / f"seed{seed}.gpkg")
        if not part.truth.exists():
            subprocess.run([DRAW, folder / f"seed{seed}", str(seed)], check=True, stdout=subprocess.DEVNULL)
            scene = gdal.Open(str(folder / f"seed{seed}" / "town_edge.tif"))
            brightest = float(numpy.percentile(scene.ReadAsArray()[:3], 99))
            gdal.Translate(str(part.image), scene, bandList=[1, 2, 3], outputType=gdal.GDT_Byte,
                           scaleParams=[[0, brightest, 0, 255]])
            gdal.VectorTranslate(str(part.truth), str(folder / f"seed{seed}" / "town_edge_truth.gpkg"), where=f"class = '{kind}'")
        parts.append(part)
    return Site(folder.name, parts, 0.3, min_sizes=min_sizes, factors=(2, 1))


def prepare_sites(data, work, names, every_part):
    """Sites by name (none: all), made where they are not there yet."""
    imagery = data / "imagery"
    makers = {"banepa-east": lambda folder: banepa_east(imagery, folder),
              "kampala": lambda folder: kampala(imagery, folder),
              "dubai-5": lambda folder: dubai(data, folder, 5, every_part),
              "dubai-6": lambda folder: dubai(data, folder, 6, every_part),
              "drawn-buildings": lambda folder: drawn(folder, "building", (50, 200)),
              "drawn-fields": lambda folder: drawn(folder, "field", (200, 1000, 4000)),
              "naip": lambda _: Site("naip", [Part(imagery / "naip/m_4709963_se_14_1_20200831.tif")], 5.0),
              "sentinel2": lambda _: Site("sentinel2", [Part(imagery / "sentinel2/sen2_20210527_aber_subset.tif")], 10.0)}
    sites = []
    for name in names or makers:
        folder = work / "sites" / name
        folder.mkdir(parents=True, exist_ok=True)
        sites.append(makers[name](folder))
    return sites
