#include "catalog/sources.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <sstream>

#include <fnmatch.h>

namespace landseam::catalog {
namespace {

constexpr std::size_t most_files = 10'000'000;
constexpr int deepest_list = 8;  // lists in lists
constexpr std::int64_t longest_list = std::int64_t{256} << 20;

std::string extension_of(const std::string& path) {
    const std::string name = path.substr(
        0, path.rfind("/vsi", 0) == 0 || path.find("://") != std::string::npos ? path.find_first_of("?#")
                                                                               : std::string::npos);
    const std::size_t dot = name.find_last_of("./");
    if (dot == std::string::npos || name[dot] == '/') return "";
    std::string extension = name.substr(dot);
    for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return extension;
}

// What folders are searched for.
bool is_raster_name(const std::string& path) {
    static const std::set<std::string> extensions{".tif",  ".tiff", ".jp2", ".j2k", ".vrt",  ".img", ".ntf",
                                                  ".nitf", ".ecw",  ".sid", ".jpg", ".jpeg", ".png", ".dat"};
    return extensions.count(extension_of(path)) != 0;
}

std::string stem_of(const std::string& path) {
    std::string name =
        path.substr(0, raster::is_remote_path(path) ? path.find_first_of("?#") : std::string::npos);
    name = name.substr(name.find_last_of('/') + 1);
    const std::size_t dot = name.rfind('.');
    return dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
}

std::string absolute(const std::string& path) {
    if (path.rfind("/vsi", 0) == 0) return path;
    return std::filesystem::absolute(path).lexically_normal().string();
}

std::string trimmed(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(" \t\r"), end = text.find_last_not_of(" \t\r");
    return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

// What a table's column says of a scene, as a STAC property would.
json property_of(const std::string& text) {
    char* rest = nullptr;
    const double number = std::strtod(text.c_str(), &rest);
    return rest != text.c_str() && *rest == '\0' ? json(number) : json(text);
}

}  // namespace

SourceReader::SourceReader(SceneChoice& choice, Progress& progress)
    : choice_(choice),
      progress_(progress),
      walk_([&](Candidate candidate) { choice_.offer(std::move(candidate)); },
            [&](LeftOut left_out) { choice_.leave_out(std::move(left_out)); }, progress) {}

void SourceReader::read(const std::string& given, int depth) {
    const std::string source = absolute(raster::access_path(given));
    const std::string extension = extension_of(source);
    const bool is_local = source.rfind("/vsi", 0) != 0;
    const bool exists = is_local && std::filesystem::exists(source);
    if (extension == ".json" || extension == ".geojson") return walk_.read(source);
    if (!exists && source.substr(source.find_last_of('/') + 1).find_first_of("*?[") != std::string::npos &&
        !(source.rfind("/vsicurl", 0) == 0))
        return read_pattern(source);
    if (extension == ".txt" || extension == ".lst") return read_list(source, depth);
    if (extension == ".csv") return read_csv(source);
    if (is_local && !exists) throw Error(given, "there is no such file or folder", "check the path");
    if (raster::is_folder(source)) return read_folder(source);
    // An API's address has no extension: what it answers is looked at where it is no raster's name.
    if (!is_local && !is_raster_name(source)) return walk_.read(source);
    offer_raster(source, source);
}

void SourceReader::read_folder(const std::string& folder) {
    std::size_t found = 0;
    for (const std::string& file : raster::list_files(folder, most_files))
        if (is_raster_name(file)) {
            offer_raster(file, folder);
            ++found;
        }
    if (found == 0)
        throw Error(folder, "holds no rasters",
                    "name a folder of .tif, .jp2, .vrt … files, or a catalog's JSON file");
}

void SourceReader::read_pattern(const std::string& pattern) {
    const std::size_t slash = pattern.find_last_of('/');
    const std::string folder = pattern.substr(0, slash);
    std::size_t found = 0;
    for (const std::string& file : raster::list_files(folder, most_files)) {
        if (file.find('/', slash + 1) != std::string::npos ||
            fnmatch(pattern.c_str() + slash + 1, file.c_str() + slash + 1, 0) != 0)
            continue;
        ++found;
        read(file);
    }
    if (found == 0)
        throw Error(pattern, "no file has such a name",
                    "check the pattern; quote it, so that the shell leaves it alone");
}

void SourceReader::read_list(const std::string& path, int depth) {
    if (depth >= deepest_list)
        throw Error(path, "is a list in a list in a list … of lists", "does one of them name itself?");
    std::istringstream lines(raster::read_text(path, longest_list));
    for (std::string line; std::getline(lines, line);) {
        line = trimmed(line);
        if (line.empty() || line[0] == '#') continue;
        // Names count from the list's own folder.
        const bool relative = line[0] != '/' && line.find("://") == std::string::npos;
        const std::string source = relative ? path.substr(0, path.find_last_of('/') + 1) + line : line;
        if (is_raster_name(source) && source.find_first_of("*?[") == std::string::npos)
            offer_raster(absolute(raster::access_path(source)), path);
        else
            read(source, depth + 1);
    }
}

void SourceReader::read_csv(const std::string& path) {
    std::size_t rows = 0;
    for (const pipeline::TableRow& row : pipeline::read_rows(path)) {
        ++rows;
        Candidate candidate;
        std::string href;
        for (const auto& [name, text] : row) {
            if (name == "href" || name == "path" || name == "url" || name == "uri" || name == "scene")
                href = trimmed(text);
            else if (name == "id")
                candidate.scene.id = text;
            else if (name == "collection")
                candidate.scene.collection = text;
            else if (name == "datetime" || name == "date") {
                std::string moment = text;
                std::replace(moment.begin(), moment.end(), '/',
                             '-');  // as GDAL writes dates that it has read
                if (const auto seconds = parse_moment(moment))
                    candidate.scene.datetime = moment_text(*seconds);
            }
            candidate.properties[name == "cloud_cover" ? "eo:cloud_cover" : name] = property_of(text);
        }
        if (href.empty()) {
            choice_.leave_out(
                {candidate.scene.id, path, "no path in its row", "row " + std::to_string(rows)});
            continue;
        }
        offer_raster(resolve_address(href, path), path, std::move(candidate));
    }
    if (rows == 0) throw Error(path, "holds no rows", "give a CSV table with a column href");
}

void SourceReader::offer_raster(const std::string& path, const std::string& source, Candidate candidate) {
    Scene& scene = candidate.scene;
    scene.source = source;
    scene.assets = {{path, {}}};
    if (scene.id.empty()) scene.id = stem_of(path);
    if (scene.datetime.empty()) scene.datetime = day_in_name(stem_of(path));
    if (path.rfind("/vsi", 0) != 0) {
        scene.bytes = raster::local_file_size(path);
        try {
            const raster::SceneOutline outline = raster::scene_outline(path);
            scene.width = outline.width;
            scene.height = outline.height;
            scene.box = outline.box;
        } catch (const Error& error) {
            return choice_.leave_out({scene.id, source, "cannot be read as a scene", error.what()});
        }
    }
    scene.is_file = true;
    choice_.offer(std::move(candidate));
}

}  // namespace landseam::catalog
