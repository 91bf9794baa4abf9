#include "output/layer_format.h"

#include "landseam/core/error.h"

#include "output/gdal_session.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <limits>
#include <set>

namespace landseam::output {
namespace {

constexpr FormatDescription formats[] = {
    {LayerFormat::geopackage, ".gpkg", "GPKG"},      {LayerFormat::shapefile, ".shp", "ESRI Shapefile"},
    {LayerFormat::geojson, ".geojson", "GeoJSON"},   {LayerFormat::geojson, ".json", "GeoJSON"},
    {LayerFormat::flatgeobuf, ".fgb", "FlatGeobuf"}, {LayerFormat::geoparquet, ".parquet", "Parquet"},
};

std::string lower_case(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

// The first `bytes` bytes at most, without half a UTF-8 character at the end.
std::string cut(const std::string& text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
    return text.substr(0, bytes);
}

}  // namespace

std::vector<std::string> layer_extensions() {
    std::vector<std::string> extensions;
    for (const FormatDescription& format : formats)
        if (find_driver(format.driver)) extensions.push_back(format.extension);
    return extensions;
}

bool is_database(const std::string& path) {
    return path.compare(0, 3, "PG:") == 0;
}

const FormatDescription& format_of(const std::string& path) {
    const std::string extension = lower_case(std::filesystem::path(path).extension().string());
    for (const FormatDescription& format : formats)
        if (extension == format.extension && find_driver(format.driver)) return format;
    std::string known;
    for (const std::string& one : layer_extensions()) known += (known.empty() ? "" : ", ") + one;
    throw Error(path,
                extension.empty() ? "has no extension to tell the format" : "unknown format " + extension,
                "use one of " + known, ErrorKind::usage);
}

std::vector<std::string> companions_of(const std::string& path, LayerFormat format) {
    const std::filesystem::path target(path);
    std::vector<std::string> names;
    if (format == LayerFormat::geopackage)
        for (const char* suffix : {"-wal", "-shm", "-journal"})
            names.push_back(target.filename().string() + suffix);
    if (format == LayerFormat::shapefile)
        for (const char* extension :
             {".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".qpj", ".shp.xml"})
            names.push_back(target.stem().string() + extension);
    return names;
}

std::vector<std::string> shapefile_field_names(const std::vector<FieldDefinition>& fields) {
    constexpr std::size_t longest = 10;
    std::vector<std::string> names;
    std::set<std::string> taken;
    // Names that fit are kept, whatever the longer ones before them become.
    for (const FieldDefinition& field : fields)
        if (field.name.size() <= longest) taken.insert(lower_case(field.name));
    for (const FieldDefinition& field : fields) {
        std::string name = cut(field.name, longest);
        if (name != field.name)
            for (int number = 1; !taken.insert(lower_case(name)).second; ++number) {
                const std::string digits = std::to_string(number);
                name = cut(field.name, longest - digits.size()) + digits;
            }
        names.push_back(name);
    }
    return names;
}

void ShapefileSize::add(std::int64_t rings, std::int64_t vertices) {
    // Source: ESRI Shapefile Technical Description (1998): record header 8 bytes; shape type, box, counts 44;
    // then 4 bytes a ring and 16 a vertex.
    constexpr std::int64_t limit = std::numeric_limits<std::int32_t>::max();
    shapes_ += 8 + 44 + 4 * rings + 16 * vertices;
    ++records_;
    if (shapes_ > limit || records_ * record_width_ > limit - 65536)  // a .dbf's header is 64 KiB at most
        throw Error(path_, "a Shapefile holds 2 GB at most, and there is more to write",
                    "write to .gpkg or .fgb instead");
}

}  // namespace landseam::output
