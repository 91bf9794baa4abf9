#include "landseam/output/map_furniture.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <opencv2/imgproc.hpp>

namespace landseam::output {
namespace {

const cv::Scalar ink(30, 30, 30), paper(255, 255, 255);
constexpr int font = cv::FONT_HERSHEY_SIMPLEX;

cv::Mat view(ImageU8& picture) {
    if (picture.channels != 3) throw Error("", "a picture to draw on has three channels");
    return cv::Mat(picture.height, picture.width, CV_8UC3, picture.values.data());
}

// All furniture grows with the picture, and stays legible in a small one.
double text_scale(const ImageU8& picture) {
    return std::clamp(std::max(picture.width, picture.height) / 1600.0, 0.4, 1.6);
}

// OpenCV's fonts know ASCII; of a UTF-8 sequence one '?' is left.
std::string drawable(const std::string& text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f)
            result += c;
        else if ((byte & 0xC0) != 0x80)
            result += '?';
    }
    return result;
}

struct Text {
    Text(const std::string& words, double size)
        : text(drawable(words)),
          scale(size),
          thickness(std::max(1, static_cast<int>(std::lround(1.6 * size)))) {
        extent = cv::getTextSize(text, font, scale, thickness, &baseline);
    }
    int height() const { return extent.height + baseline; }
    void draw(cv::Mat& picture, cv::Point lower_left, const cv::Scalar& color) const {
        cv::putText(picture, text, lower_left, font, scale, color, thickness, cv::LINE_AA);
    }
    void draw_with_halo(cv::Mat& picture, cv::Point lower_left) const {
        cv::putText(picture, text, lower_left, font, scale, ink, thickness + 2, cv::LINE_AA);
        draw(picture, lower_left, paper);
    }

    std::string text;
    double scale;
    int thickness;
    cv::Size extent;
    int baseline = 0;
};

// Lightens what lies under furniture.
void lay_ground(cv::Mat& picture, const cv::Rect& box) {
    cv::Mat part = picture(box);
    part = part * 0.06 + paper * 0.94;
    cv::rectangle(picture, box, cv::Scalar(190, 190, 190));
}

bool fits(const cv::Mat& picture, const cv::Rect& box) {
    return (box & cv::Rect(0, 0, picture.cols, picture.rows)) == box;
}

std::string length_text(double metres) {
    char text[40];
    if (metres >= 1000)
        std::snprintf(text, sizeof text, "%g km", metres / 1000);
    else if (metres >= 1)
        std::snprintf(text, sizeof text, "%g m", metres);
    else
        std::snprintf(text, sizeof text, "%g cm", metres * 100);
    return text;
}

}  // namespace

int draw_labels(ImageU8& picture, const std::vector<MapLabel>& labels) {
    cv::Mat canvas = view(picture);
    std::vector<cv::Rect> taken;
    for (const MapLabel& label : labels) {
        const Text text(label.text, 0.9 * text_scale(picture));
        const cv::Point corner(static_cast<int>(std::lround(label.at.x - text.extent.width / 2.0)),
                               static_cast<int>(std::lround(label.at.y - text.extent.height / 2.0)));
        const cv::Rect box(corner.x - 2, corner.y - 2, text.extent.width + 4, text.height() + 4);
        const bool free = std::none_of(taken.begin(), taken.end(),
                                       [&](const cv::Rect& other) { return (other & box).area() > 0; });
        if (text.text.empty() || !free || !fits(canvas, box)) continue;
        text.draw_with_halo(canvas, {corner.x, corner.y + text.extent.height});
        taken.push_back(box);
    }
    return static_cast<int>(taken.size());
}

void draw_legend(ImageU8& picture, const std::string& title, const std::vector<LegendEntry>& entries) {
    cv::Mat canvas = view(picture);
    const double scale = text_scale(picture);
    std::vector<Text> lines;
    if (!title.empty()) lines.emplace_back(title, scale);
    for (const LegendEntry& entry : entries) lines.emplace_back(entry.text, 0.85 * scale);
    const int pad = static_cast<int>(14 * scale), swatch = static_cast<int>(22 * scale);
    int width = 0, line_height = swatch + pad / 2;
    for (const Text& line : lines) {
        width = std::max(width, line.extent.width);
        line_height = std::max(line_height, line.height() + pad / 2);
    }
    const cv::Rect box(pad, pad, width + swatch + 3 * pad,
                       static_cast<int>(lines.size()) * line_height + 2 * pad);
    if (lines.empty() || !fits(canvas, box)) return;
    lay_ground(canvas, box);
    int y = box.y + pad;
    for (std::size_t i = 0; i < lines.size(); ++i, y += line_height) {
        const std::size_t first = title.empty() ? 0 : 1;
        const cv::Point text_at(box.x + pad + (i < first ? 0 : swatch + pad),
                                y + (line_height + lines[i].extent.height) / 2);
        lines[i].draw(canvas, text_at, ink);
        if (i < first) continue;
        const PictureColor& c = entries[i - first].color;
        const cv::Rect sample(box.x + pad, y + (line_height - swatch) / 2, swatch, swatch);
        cv::rectangle(canvas, sample, cv::Scalar(c[0], c[1], c[2]), cv::FILLED);
        cv::rectangle(canvas, sample, ink);
    }
}

double scale_bar_length(double metres_per_pixel, int picture_width) {
    const double most = metres_per_pixel * picture_width / 4;
    const double power = std::pow(10, std::floor(std::log10(most)));
    return power * (most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1);
}

void draw_scale_bar(ImageU8& picture, double metres_per_pixel) {
    if (!(metres_per_pixel > 0) || !std::isfinite(metres_per_pixel)) return;
    cv::Mat canvas = view(picture);
    const double scale = text_scale(picture), metres = scale_bar_length(metres_per_pixel, picture.width);
    const int length = static_cast<int>(std::lround(metres / metres_per_pixel));
    const Text text(length_text(metres), 0.85 * scale);
    const int pad = static_cast<int>(14 * scale), thick = std::max(4, static_cast<int>(8 * scale));
    const int height = text.height() + thick + 2 * pad;
    const cv::Rect box(pad, picture.height - pad - height, std::max(length, text.extent.width) + 2 * pad,
                       height);
    if (!fits(canvas, box)) return;
    lay_ground(canvas, box);
    const cv::Point begin(box.x + pad, box.y + box.height - pad - thick);
    text.draw(canvas, {begin.x, begin.y - text.baseline}, ink);
    // Four fields, dark and light in turn.
    for (int i = 0; i < 4; ++i)
        cv::rectangle(canvas, {begin.x + length * i / 4, begin.y},
                      {begin.x + length * (i + 1) / 4, begin.y + thick}, i % 2 ? paper : ink, cv::FILLED);
    cv::rectangle(canvas, begin, {begin.x + length, begin.y + thick}, ink);
}

void draw_north_arrow(ImageU8& picture, Point north) {
    const double norm = std::hypot(north.x, north.y);
    if (!(norm > 0) || !std::isfinite(norm)) return;
    cv::Mat canvas = view(picture);
    const double scale = text_scale(picture), size = 34 * scale;
    const int pad = static_cast<int>(14 * scale), side = static_cast<int>(2 * size + 2 * pad);
    const cv::Rect box(picture.width - pad - side, pad, side, side);
    if (!fits(canvas, box)) return;
    lay_ground(canvas, box);
    const cv::Point2d middle(box.x + side / 2.0, box.y + side / 2.0), up(north.x / norm, north.y / norm),
        right(-up.y, up.x);
    const auto place = [&](double along, double across) {
        const cv::Point2d p = middle + size * (along * up + across * right);
        return cv::Point(static_cast<int>(std::lround(p.x * 16)), static_cast<int>(std::lround(p.y * 16)));
    };
    const std::vector<cv::Point> left_half{place(0.6, 0), place(-1, -0.5), place(-0.65, 0)},
        right_half{place(0.6, 0), place(-1, 0.5), place(-0.65, 0)};
    cv::fillPoly(canvas, std::vector<std::vector<cv::Point>>{left_half}, ink, cv::LINE_AA, 4);
    cv::polylines(canvas, std::vector<std::vector<cv::Point>>{right_half}, true, ink, 1, cv::LINE_AA, 4);
    const Text letter("N", 0.8 * scale);
    const cv::Point2d at = middle + size * 0.88 * up;
    letter.draw(canvas,
                {static_cast<int>(at.x - letter.extent.width / 2.0),
                 static_cast<int>(at.y + letter.extent.height / 2.0)},
                ink);
}

ImageU8 beside_each_other(const ImageU8& first, const ImageU8& second) {
    if (first.width != second.width || first.height != second.height || first.channels != second.channels)
        throw Error("", "pictures to put beside each other have one size");
    const bool stacked = 2 * first.width >= 3 * first.height;
    const int gap = std::max(2, std::max(first.width, first.height) / 200);
    ImageU8 result(stacked ? first.width : 2 * first.width + gap,
                   stacked ? 2 * first.height + gap : first.height, first.channels, 255);
    const auto put = [&](const ImageU8& picture, int x, int y) {
        for (int row = 0; row < picture.height; ++row)
            std::copy_n(picture.row(row), static_cast<std::size_t>(picture.width) * picture.channels,
                        &result.at(x, y + row));
    };
    put(first, 0, 0);
    put(second, stacked ? 0 : first.width + gap, stacked ? first.height + gap : 0);
    return result;
}

PictureColor ramp_color(double share) {
    static constexpr double anchors[][3] = {
        {68, 1, 84}, {59, 82, 139}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37}};
    const double at = std::clamp(share, 0.0, 1.0) * 4;
    const int i = std::min(3, static_cast<int>(at));
    PictureColor color{};
    for (int c = 0; c < 3; ++c)
        color[c] = static_cast<std::uint8_t>(
            std::lround(anchors[i][c] + (anchors[i + 1][c] - anchors[i][c]) * (at - i)));
    return color;
}

}  // namespace landseam::output
