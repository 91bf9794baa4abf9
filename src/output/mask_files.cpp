#include "landseam/output/mask_files.h"

#include "landseam/core/coco_rle.h"
#include "landseam/core/error.h"
#include "landseam/output/picture.h"

#include "output/gdal_session.h"
#include "output/staged_output.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace landseam::output {
namespace fs = std::filesystem;
namespace {

// The shortest text that reads back as the same number, as Python writes it.
std::string number_text(double value) {
    char text[32];
    const auto result = std::to_chars(text, text + sizeof text, value);
    std::string number(text, result.ptr);
    if (number.find_first_of(".einf") == std::string::npos) number += ".0";
    return number;
}

std::string numbers_text(const PixelBox& box, const char* separator) {
    return std::to_string(box.x) + separator + std::to_string(box.y) + separator + std::to_string(box.width) +
           separator + std::to_string(box.height);
}

std::string metadata_csv(const std::vector<TileMask>& masks) {
    std::string text =
        "id,area,bbox_x0,bbox_y0,bbox_w,bbox_h,point_input_x,point_input_y,predicted_iou,stability_score,"
        "crop_box_x0,crop_box_y0,crop_box_w,crop_box_h";
    for (std::size_t i = 0; i < masks.size(); ++i) {
        const TileMask& mask = masks[i];
        text += "\n" + std::to_string(i) + "," + std::to_string(mask.area) + "," +
                numbers_text(mask.bbox, ",") + "," + number_text(mask.point_coords.x) + "," +
                number_text(mask.point_coords.y) + "," + number_text(mask.predicted_iou) + "," +
                number_text(mask.stability_score) + "," + numbers_text(mask.crop_box, ",");
    }
    return text;
}

std::string record_json(const TileMask& mask, int width, int height) {
    std::string counts;
    for (const char c : compressed_counts(mask.segmentation.to_coco(width, height).counts))
        counts += c == '\\' ? std::string("\\\\") : std::string(1, c);
    return "{\"segmentation\": {\"size\": [" + std::to_string(height) + ", " + std::to_string(width) +
           "], \"counts\": \"" + counts + "\"}, \"area\": " + std::to_string(mask.area) + ", \"bbox\": [" +
           numbers_text(mask.bbox, ", ") + "], \"predicted_iou\": " + number_text(mask.predicted_iou) +
           ", \"point_coords\": [[" + number_text(mask.point_coords.x) + ", " +
           number_text(mask.point_coords.y) +
           "]], \"stability_score\": " + number_text(mask.stability_score) + ", \"crop_box\": [" +
           numbers_text(mask.crop_box, ", ") + "]}";
}

void write_text(const fs::path& path, const std::string& text, const std::string& target) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (!file) throw write_error(target, "the disk may be full");
}

// A hidden folder beside the one to be made; what is left of it goes with this.
class StagedFolder {
public:
    explicit StagedFolder(const fs::path& target) : target_(target) {
        const fs::path parent = target.has_parent_path() ? target.parent_path() : fs::path(".");
        std::string name = (parent / ".landseam-XXXXXX").string();
        if (!::mkdtemp(name.data()))
            throw Error(target.string(), "cannot write into the folder '" + parent.string() + "'",
                        "check that it exists and is writable");
        place_ = name;
        made_ = place_ / target.filename();
        fs::create_directory(made_);
    }
    ~StagedFolder() {
        std::error_code ignored;
        fs::remove_all(place_, ignored);
    }
    StagedFolder(const StagedFolder&) = delete;
    StagedFolder& operator=(const StagedFolder&) = delete;

    const fs::path& path() const { return made_; }
    void publish() {
        std::error_code failure;
        if (fs::exists(target_)) fs::rename(target_, place_ / "replaced", failure);
        if (!failure) fs::rename(made_, target_, failure);
        if (failure) throw write_error(target_.string(), failure.message());
    }

private:
    fs::path target_, place_, made_;
};

}  // namespace

void write_mask_folder(const std::string& folder, const std::vector<TileMask>& masks, int width, int height,
                       bool overwrite) {
    const fs::path target(folder);
    if (!overwrite && fs::exists(target))
        throw Error(folder, "exists already", "give another folder, or --overwrite to replace it");
    StagedFolder staged(target);
    const PixelBox frame{0, 0, width, height};
    for (std::size_t i = 0; i < masks.size(); ++i) {
        ImageU8 picture = masks[i].segmentation.to_image(frame);
        for (std::uint8_t& value : picture.values) value = value ? 255 : 0;
        write_png((staged.path() / (std::to_string(i) + ".png")).string(), picture);
    }
    write_text(staged.path() / "metadata.csv", metadata_csv(masks), folder);
    staged.publish();
}

void write_mask_json(const std::string& path, const std::vector<TileMask>& masks, int width, int height,
                     bool overwrite) {
    StagedOutput staged(path, overwrite);
    std::string text = "[";
    for (std::size_t i = 0; i < masks.size(); ++i)
        text += (i ? ", " : "") + record_json(masks[i], width, height);
    write_text(staged.path(), text + "]", path);
    staged.publish();
}

}  // namespace landseam::output
