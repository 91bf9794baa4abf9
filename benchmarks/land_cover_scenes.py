"""Dubai's tiles as scenes with land cover, and scores by pixel."""
import numpy
from osgeo import gdal, ogr, osr

from validation_sites import DUBAI_CLASSES, NO_CLASS, add_polygon, class_indices, create_layer

GAP = 64  # empty pixels between tiles
SMALLEST_SAMPLE = 25  # pixels
REDUCTION = 2  # of pictures and masks, for the peers take long


def tile_pictures(data, tile):
    """(column, row, picture, classes) of a tile's parts, which are a grid of three by three."""
    source = data / "training" / "dubai" / f"Tile {tile}"
    for number in range(1, 10):
        for image in source.glob(f"images/*part_00{number}.jpg"):
            mask = next(source.glob(f"masks/*part_00{number}.png"))
            picture = gdal.Open(str(image))
            width, height = picture.RasterXSize // REDUCTION, picture.RasterYSize // REDUCTION
            reduced = gdal.Translate("", picture, format="MEM", width=width, height=height, resampleAlg="average").ReadAsArray()
            yield (number - 1) % 3, (number - 1) // 3, reduced, class_indices(mask)[::REDUCTION, ::REDUCTION][:height, :width]


def write(path, bands):
    height, width = bands[0].shape
    raster = gdal.GetDriverByName("GTiff").Create(str(path), width, height, len(bands), gdal.GDT_Byte, ["TILED=YES", "COMPRESS=DEFLATE"])
    raster.SetGeoTransform([500000, 1, 0, 2800000, 0, -1])  # of some place: image and truth only have to agree
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32640)
    raster.SetProjection(reference.ExportToWkt())
    for number, band in enumerate(bands, 1):
        raster.GetRasterBand(number).WriteArray(band)
        if len(bands) == 3:
            raster.GetRasterBand(number).SetColorInterpretation(gdal.GCI_RedBand + number - 1)


def write_samples(path, classes_path):
    raster = gdal.Open(str(classes_path))
    reference = osr.SpatialReference(raster.GetProjection())
    memory = ogr.GetDriverByName("Memory").CreateDataSource("")
    components = memory.CreateLayer("", reference)
    components.CreateField(ogr.FieldDefn("class", ogr.OFTInteger))
    gdal.Polygonize(raster.GetRasterBand(1), None, components, 0)
    dataset, layer = create_layer(path, reference, "class")
    names = list(DUBAI_CLASSES)
    layer.StartTransaction()
    for feature in components:
        index, geometry = feature.GetField(0), feature.GetGeometryRef()
        if index != NO_CLASS and geometry.Area() >= SMALLEST_SAMPLE:
            add_polygon(layer, geometry, **{"class": names[index]})
    layer.CommitTransaction()
    del dataset


def land_cover_scene(data, folder, tiles):
    """The folder with image.tif, classes.tif and truth.gpkg of the tiles, one beside the other."""
    if (folder / "truth.gpkg").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    placed, left, height = [], 0, 0
    for tile in tiles:
        parts = list(tile_pictures(data, tile))
        wide, high = max(p[2].shape[2] for p in parts), max(p[2].shape[1] for p in parts)
        placed += [(left + column * wide, row * high, picture, classes) for column, row, picture, classes in parts]
        left, height = left + 3 * wide + GAP, max(height, 3 * high)
    image = numpy.zeros((3, height, left - GAP), numpy.uint8)
    classes = numpy.full(image.shape[1:], NO_CLASS, numpy.uint8)
    for x, y, picture, own in placed:
        image[:, y:y + picture.shape[1], x:x + picture.shape[2]] = picture
        classes[y:y + own.shape[0], x:x + own.shape[1]] = own
    write(folder / "image.tif", image)
    write(folder / "classes.tif", [classes])
    write_samples(folder / "truth.gpkg", folder / "classes.tif")
    return folder


def pixel_scores(folder, layer_path, field, index_of):
    """Accuracy, mean IoU and IoU of each class as text, over the pixels with a class."""
    truth = gdal.Open(str(folder / "classes.tif"))
    told = gdal.GetDriverByName("MEM").Create("", truth.RasterXSize, truth.RasterYSize, 1, gdal.GDT_Byte)
    told.SetGeoTransform(truth.GetGeoTransform())
    told.SetProjection(truth.GetProjection())
    told.GetRasterBand(1).Fill(NO_CLASS)
    dataset = ogr.Open(str(layer_path))
    layer = dataset.GetLayer()
    for value, index in index_of.items():
        layer.SetAttributeFilter(f"{field} = '{value}'" if isinstance(value, str) else f"{field} = {value}")
        gdal.RasterizeLayer(told, [1], layer, burn_values=[index])
    truth, told = truth.ReadAsArray(), told.ReadAsArray()
    known = truth != NO_CLASS
    ious = []
    for index in sorted(index_of.values()):
        both = (known & (truth == index) & (told == index)).sum()
        either = (known & ((truth == index) | (told == index))).sum()
        ious.append(both / either if either else 0)
    accuracy = (truth == told)[known].mean()
    return [f"{value:.3f}" for value in (accuracy, sum(ious) / len(ious), *ious)]
