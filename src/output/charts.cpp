#include "landseam/output/charts.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <opencv2/imgproc.hpp>

namespace landseam::output {
namespace {

constexpr int line_height = 24, margin = 16;
const cv::Scalar ink(40, 40, 40), bar_color(0, 114, 178), faint(200, 200, 200);

// A view of the picture that OpenCV draws on.
cv::Mat view(ImageU8& picture) {
    return {picture.height, picture.width, CV_8UC3, picture.values.data()};
}

void write(ImageU8& picture, const std::string& text, int x, int y, const cv::Scalar& color = ink) {
    cv::putText(view(picture), text, {x, y}, cv::FONT_HERSHEY_SIMPLEX, 0.45, color, 1, cv::LINE_AA);
}

int text_width(const std::string& text) {
    int baseline = 0;
    return cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, 0.45, 1, &baseline).width;
}

std::string number_text(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", value);
    return text;
}

}  // namespace

ImageU8 draw_bars(const std::string& title, const std::vector<std::pair<std::string, double>>& bars,
                  int width) {
    ImageU8 picture(width, margin * 2 + line_height * (static_cast<int>(bars.size()) + 1), 3, 255);
    write(picture, title, margin, margin + 12);
    int label_width = 0;
    double longest = 0;
    for (const auto& [label, value] : bars) {
        label_width = std::max(label_width, text_width(label));
        longest = std::max(longest, value);
    }
    const int first = margin * 2 + label_width, last = width - margin * 2 - text_width("0.0000");
    int y = margin + line_height;
    for (const auto& [label, value] : bars) {
        write(picture, label, margin, y + 16);
        const int length = longest > 0 && value > 0
                               ? static_cast<int>(std::lround(value / longest * std::max(1, last - first)))
                               : 0;
        cv::rectangle(view(picture), cv::Rect(first, y + 4, std::max(1, length), line_height - 8), bar_color,
                      cv::FILLED);
        write(picture, number_text(value), first + length + 6, y + 16);
        y += line_height;
    }
    return picture;
}

ImageU8 draw_confusion(const std::string& title, const std::vector<std::string>& names,
                       const std::vector<std::vector<std::int64_t>>& counts) {
    int cell = text_width("0000000");
    for (const std::string& name : names) cell = std::max(cell, text_width(name) + 12);
    const int rows = static_cast<int>(names.size());
    const int width = std::max(margin * 2 + cell * (rows + 1), margin * 2 + text_width(title));
    ImageU8 picture(width, margin * 2 + line_height * (rows + 2), 3, 255);
    write(picture, title, margin, margin + 12);
    for (int c = 0; c < rows; ++c)
        write(picture, names[static_cast<std::size_t>(c)], margin + cell * (c + 1) + 6,
              margin + line_height + 16);
    for (int r = 0; r < rows; ++r) {
        const auto& row = counts[static_cast<std::size_t>(r)];
        const int y = margin + line_height * (r + 2);
        write(picture, names[static_cast<std::size_t>(r)], margin, y + 16);
        double sum = 0;
        for (const std::int64_t count : row) sum += static_cast<double>(count);
        for (int c = 0; c < rows; ++c) {
            const double share = sum > 0 ? static_cast<double>(row[static_cast<std::size_t>(c)]) / sum : 0;
            const cv::Scalar shade = cv::Scalar::all(255) + (bar_color - cv::Scalar::all(255)) * share;
            const int x = margin + cell * (c + 1);
            cv::rectangle(view(picture), cv::Rect(x, y, cell - 2, line_height - 2), shade, cv::FILLED);
            write(picture, std::to_string(row[static_cast<std::size_t>(c)]), x + 6, y + 16,
                  share > 0.5 ? cv::Scalar::all(255) : ink);
        }
    }
    return picture;
}

ImageU8 draw_curve(const std::string& title, const std::vector<std::pair<double, double>>& points,
                   int width) {
    const int height = width / 2;
    ImageU8 picture(width, height, 3, 255);
    write(picture, title, margin, margin + 12);
    if (points.empty()) return picture;
    double x0 = points[0].first, x1 = x0, y0 = points[0].second, y1 = y0;
    for (const auto& [x, y] : points) {
        x0 = std::min(x0, x), x1 = std::max(x1, x);
        y0 = std::min(y0, y), y1 = std::max(y1, y);
    }
    const int left = margin * 2 + text_width("-0.000e+00"), right = width - margin * 2, top = margin * 3,
              bottom = height - margin * 3;
    const auto place = [&](const std::pair<double, double>& p) {
        const double sx = x1 > x0 ? (p.first - x0) / (x1 - x0) : 0.5,
                     sy = y1 > y0 ? (p.second - y0) / (y1 - y0) : 0.5;
        return cv::Point(left + static_cast<int>(std::lround(sx * (right - left))),
                         bottom - static_cast<int>(std::lround(sy * (bottom - top))));
    };
    cv::rectangle(view(picture), cv::Point(left, top), cv::Point(right, bottom), faint);
    write(picture, number_text(y1), margin, top + 6);
    write(picture, number_text(y0), margin, bottom + 6);
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (i > 0) cv::line(view(picture), place(points[i - 1]), place(points[i]), bar_color, 2, cv::LINE_AA);
        cv::circle(view(picture), place(points[i]), 4, bar_color, cv::FILLED, cv::LINE_AA);
        const std::string text = number_text(points[i].first);
        write(picture, text, place(points[i]).x - text_width(text) / 2, bottom + 20);
    }
    return picture;
}

}  // namespace landseam::output
