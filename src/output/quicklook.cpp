#include "landseam/output/quicklook.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace landseam::output {
namespace {

// OKLCH to 8-bit sRGB, clamped. Source: Björn Ottosson, "A perceptual color space for image processing",
// 2020.
Color oklch_to_srgb(double lightness, double chroma, double hue) {
    const double a = chroma * std::cos(hue), b = chroma * std::sin(hue);
    const double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    const double m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    const double s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    const double linear[3] = {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
                              -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
                              -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
    Color color{};
    for (int c = 0; c < 3; ++c) {
        const double v = std::clamp(linear[c], 0.0, 1.0);
        const double encoded = v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1 / 2.4) - 0.055;
        color[c] = static_cast<std::uint8_t>(std::lround(255 * encoded));
    }
    return color;
}

// Half way to white, for outlines that stand out from their own fill.
Color lighter(const Color& color) {
    Color result{};
    for (int c = 0; c < 3; ++c) result[c] = static_cast<std::uint8_t>(color[c] + (255 - color[c]) * 2 / 5);
    return result;
}

// Every ring of an object in 1/16 pixels of a window that begins at `origin`. OpenCV's coordinates are those
// of pixel centres.
constexpr int fraction_bits = 4;
using Contours = std::vector<std::vector<cv::Point>>;

Contours to_contours(const MultiPolygon& object, cv::Point origin) {
    constexpr double far = 1 << 20;  // keeps the numbers within OpenCV's; the window is much smaller
    constexpr int scale = 1 << fraction_bits;
    Contours contours;
    const auto add = [&](const Ring& ring) {
        std::vector<cv::Point> contour;
        for (const Point& point : ring) {
            const double x = std::clamp(point.x - 0.5 - origin.x, -far, far);
            const double y = std::clamp(point.y - 0.5 - origin.y, -far, far);
            contour.emplace_back(static_cast<int>(std::lround(x * scale)),
                                 static_cast<int>(std::lround(y * scale)));
        }
        if (contour.size() >= 3) contours.push_back(std::move(contour));
    };
    for (const Polygon& polygon : object) {
        add(polygon.outer);
        for (const Ring& hole : polygon.holes) add(hole);
    }
    return contours;
}

// The pixels that an object and an outline of this width can touch, cut to the picture.
cv::Rect window_of(const MultiPolygon& object, const ImageU8& picture, int outline_width) {
    double x0 = picture.width, y0 = picture.height, x1 = 0, y1 = 0;
    for (const Polygon& polygon : object)
        for (const Point& point : polygon.outer) {
            if (!std::isfinite(point.x) || !std::isfinite(point.y)) return {};
            x0 = std::min(x0, point.x);
            y0 = std::min(y0, point.y);
            x1 = std::max(x1, point.x);
            y1 = std::max(y1, point.y);
        }
    const double margin = outline_width / 2.0 + 2;
    const int left = static_cast<int>(std::floor(std::max(x0 - margin, 0.0)));
    const int top = static_cast<int>(std::floor(std::max(y0 - margin, 0.0)));
    const int right = static_cast<int>(std::ceil(std::min<double>(x1 + margin, picture.width)));
    const int bottom = static_cast<int>(std::ceil(std::min<double>(y1 + margin, picture.height)));
    return right > left && bottom > top ? cv::Rect(left, top, right - left, bottom - top) : cv::Rect();
}

void blend(ImageU8& picture, const cv::Rect& window, const cv::Mat& coverage, const Color& color,
           double opacity) {
    for (int y = 0; y < window.height; ++y) {
        const std::uint8_t* cover = coverage.ptr<std::uint8_t>(y);
        std::uint8_t* pixel = &picture.at(window.x, window.y + y);
        for (int x = 0; x < window.width; ++x, pixel += 3) {
            if (cover[x] == 0) continue;
            const double alpha = opacity * cover[x] / 255;
            for (int c = 0; c < 3; ++c)
                pixel[c] = static_cast<std::uint8_t>(std::lround(pixel[c] + alpha * (color[c] - pixel[c])));
        }
    }
}

}  // namespace

void OverlayStyle::validate() const {
    const auto is_share = [](double value) { return value >= 0 && value <= 1; };
    if (!is_share(fill_opacity) || !is_share(outline_opacity))
        throw Error("", "an opacity lies outside 0 to 1", "0 is clear, 1 is solid", ErrorKind::usage);
    if (outline_width < 0 || outline_width > 64)
        throw Error("", "an outline of " + std::to_string(outline_width) + " pixels is not possible",
                    "give 0 to 64", ErrorKind::usage);
}

Color object_color(std::size_t index) {
    constexpr double full_turn = 6.283185307179586, golden_ratio = 0.6180339887498949;
    const double turns = 0.08 + golden_ratio * static_cast<double>(index % 1000003);
    // Lightness takes three values in turn, so that hues that come close after some turns still differ.
    const double lightness = 0.68 + 0.06 * static_cast<double>(index % 3);
    return oklch_to_srgb(lightness, 0.17, full_turn * (turns - std::floor(turns)));
}

ImageU8 draw_overlay(const ImageU8& rgb, const std::vector<MultiPolygon>& objects, const OverlayStyle& style,
                     const std::vector<Color>& colors) {
    style.validate();
    if (!colors.empty() && colors.size() != objects.size())
        throw Error("", "there are not as many colours as objects to draw");
    if (rgb.channels != 3) throw Error("", "a picture to draw on has three channels");
    ImageU8 picture = rgb;
    std::vector<double> areas;
    for (const MultiPolygon& object : objects) areas.push_back(area(object));
    std::vector<std::size_t> order(objects.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return areas[a] > areas[b]; });

    for (const std::size_t index : order) {
        const cv::Rect window = window_of(objects[index], picture, style.outline_width);
        const Contours contours = to_contours(objects[index], window.tl());
        if (window.empty() || contours.empty()) continue;
        const Color color = colors.empty() ? object_color(index) : colors[index];
        cv::Mat coverage(window.size(), CV_8UC1, cv::Scalar(0));
        cv::fillPoly(coverage, contours, cv::Scalar(255), cv::LINE_AA, fraction_bits);
        blend(picture, window, coverage, color, style.fill_opacity);
        if (style.outline_width == 0) continue;
        coverage.setTo(0);
        cv::polylines(coverage, contours, true, cv::Scalar(255), style.outline_width, cv::LINE_AA,
                      fraction_bits);
        blend(picture, window, coverage, lighter(color), style.outline_opacity);
    }
    return picture;
}

void draw_legend(ImageU8& rgb, const std::vector<std::pair<Color, std::string>>& entries) {
    if (rgb.channels != 3) throw Error("", "a picture to draw on has three channels");
    constexpr int line = 22, patch = 14, gap = 8;
    constexpr double text_size = 0.5;
    cv::Mat picture(rgb.height, rgb.width, CV_8UC3, rgb.values.data());
    int width = 0;
    for (const auto& [color, text] : entries)
        width = std::max(width, cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, text_size, 1, nullptr).width);
    const cv::Rect frame(gap, gap, width + patch + 3 * gap, static_cast<int>(entries.size()) * line + gap);
    cv::rectangle(picture, frame, cv::Scalar(255, 255, 255), cv::FILLED);
    cv::rectangle(picture, frame, cv::Scalar(160, 160, 160));
    cv::Point place(2 * gap, 2 * gap);
    for (const auto& [color, text] : entries) {
        cv::rectangle(picture, {place.x, place.y, patch, patch}, cv::Scalar(color[0], color[1], color[2]),
                      cv::FILLED);
        cv::putText(picture, text, {place.x + patch + gap, place.y + patch - 2}, cv::FONT_HERSHEY_SIMPLEX,
                    text_size, cv::Scalar(0, 0, 0), 1, cv::LINE_AA);
        place.y += line;
    }
}

}  // namespace landseam::output
