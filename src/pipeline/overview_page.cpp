#include "landseam/pipeline/overview_page.h"

#include "landseam/core/error.h"
#include "landseam/output/html_report.h"
#include "landseam/raster/raster_source.h"

#include <filesystem>

namespace landseam::pipeline {
namespace {

constexpr std::size_t most_pictures = 200;

ImageU8 read_picture(const std::string& path) {
    const auto source = raster::open_scene(path);
    const raster::SceneInfo& info = source->info();
    const RasterWindow pixels = source->read({0, 0, info.width, info.height}, {1, 2, 3});
    ImageU8 picture(static_cast<int>(info.width), static_cast<int>(info.height), 3);
    for (std::size_t band = 0; band < 3; ++band)
        for (std::size_t i = 0; i < pixels.bands[band].values.size(); ++i)
            picture.values[3 * i + band] = static_cast<std::uint8_t>(pixels.bands[band].values[i]);
    return picture;
}

}  // namespace

void write_overview(const std::string& path, const Overview& overview, bool overwrite) {
    output::HtmlReport report;
    report.title = overview.title;
    report.facts = overview.facts;
    report.warnings = overview.warnings;
    output::ReportTable table;
    table.title = "Scenes";
    table.header = overview.header;
    for (const OverviewScene& scene : overview.scenes) {
        table.rows.push_back(scene.row);
        std::error_code unknown;
        if (report.cards.size() == most_pictures || !std::filesystem::exists(scene.thumbnail, unknown))
            continue;
        try {
            report.cards.push_back({{scene.caption, read_picture(scene.thumbnail)}, {}});
        } catch (const Error& error) {
            report.warnings.push_back(error.what());  // a picture that is broken is no reason to have no page
        }
    }
    report.cards_title = report.cards.size() == most_pictures ? "The first 200 pictures" : "Pictures";
    report.tables.push_back(std::move(table));
    output::write_html_report(path, report, overwrite);
}

}  // namespace landseam::pipeline
