#include "scene_maker/shading.h"

#include "scene_maker/noise.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

double height_at(const Surface& surface, Point p) {
    const Point away = p - surface.origin;
    switch (surface.relief) {
        case Relief::plane:
            return surface.base + dot(surface.slope, away);
        case Relief::crown: {
            const double r = std::min(1.0, length(away) / surface.radius);
            const double lumps = layered_noise(p.x / 1.1, p.y / 1.1, 2, surface.seed + 11);
            const double dome = std::sqrt(1 - 0.97 * r * r);
            return surface.base + (surface.top - surface.base) * dome + 0.16 * surface.radius * lumps;
        }
        case Relief::cone: {
            const double r = std::min(1.0, length(away) / surface.radius);
            const double lumps = layered_noise(p.x / 0.7, p.y / 0.7, 2, surface.seed + 11);
            return surface.base + (surface.top - surface.base) * (1 - r) + 0.2 * lumps;
        }
        case Relief::canopy: {
            const NearestPoint crown =
                nearest_point(p.x / (1.5 * surface.radius), p.y / (1.5 * surface.radius), surface.seed);
            const double r = std::min(1.0, crown.distance / 0.95);
            const double lumps = layered_noise(p.x / 1.1, p.y / 1.1, 2, surface.seed + 11);
            const double dome = std::sqrt(1 - 0.9 * r * r) * (0.7 + 0.3 * crown.value);
            return surface.base + (surface.top - surface.base) * dome + 0.13 * surface.radius * lumps;
        }
    }
    return 0;
}

Point slope_at(const Surface& surface, Point p) {
    if (surface.relief == Relief::plane) return surface.slope;
    constexpr double step_m = 0.1;
    const double here = height_at(surface, p);
    return {(height_at(surface, p + Point{step_m, 0}) - here) / step_m,
            (height_at(surface, p + Point{0, step_m}) - here) / step_m};
}

namespace {

double smooth_step(double low, double high, double value) {
    const double t = std::clamp((value - low) / (high - low), 0.0, 1.0);
    return t * t * (3 - 2 * t);
}

// 0 at the middle of each band of `period`, 1 at its borders.
double band_position(double along, double period) {
    const double turns = along / period;
    return 2 * std::abs(turns - std::floor(turns) - 0.5);
}

// Share of the ground between crop rows, and in wheel tracks, that is bare.
double bare_share(const Paint& paint, double across) {
    double bare = smooth_step(0.45, 0.85, band_position(across, paint.spacing_m));
    if (paint.tramline_m > 0) {
        constexpr double half_gauge_m = 0.95, half_tyre_m = 0.28;
        const double from_line =
            std::abs(across - paint.tramline_m * std::floor(across / paint.tramline_m + 0.5));
        if (std::abs(from_line - half_gauge_m) < half_tyre_m) bare = 1.6;
    }
    return bare;
}

// Each sheet is as bright and as rusty as it happens to be; the corrugation shows where pixels are small.
struct SheetLook {
    double brightness = 1, second = 0;
};
SheetLook sheet_look(const Paint& paint, double along, double across, double patch, std::uint64_t seed) {
    constexpr double sheet_length_m = 2.6;
    const double column = std::floor(across / paint.spacing_m);
    // Sheets of neighbouring columns do not end side by side.
    const double shifted =
        along + sheet_length_m * lattice_value(static_cast<std::int64_t>(column), 0, seed + 51);
    const double row = std::floor(shifted / sheet_length_m);
    const auto ix = static_cast<std::int64_t>(column), iy = static_cast<std::int64_t>(row);
    const double own = lattice_value(ix, iy, seed + 52), rust = lattice_value(ix, iy, seed + 53);
    SheetLook look;
    look.brightness = 1 + paint.grain * (2 * own - 1) * 1.6;
    look.brightness *= 1 + 0.07 * (2 * band_position(across, paint.spacing_m / 4) - 1);
    if (band_position(shifted, sheet_length_m) > 0.96) look.brightness *= 0.82;
    look.second = paint.mix <= 0 ? 0 : std::clamp(paint.mix * (0.4 + 1.6 * rust * rust) + patch, 0.0, 1.0);
    return look;
}

// A spot around every lattice point that has one; soft at its rim.
double tuft_share(const Paint& paint, Point p, std::uint64_t seed) {
    const NearestPoint spot = nearest_point(p.x / paint.spacing_m, p.y / paint.spacing_m, seed + 61);
    if (spot.value > paint.mix) return 0;
    const double radius = 0.16 + 0.26 * spot.value / std::max(paint.mix, 1e-9);
    return 1 - smooth_step(0.7 * radius, radius, spot.distance);
}

}  // namespace

Spectrum colour_at(const Surface& surface, Point p) {
    const Paint& paint = surface.paint;
    const std::uint64_t seed = surface.seed;
    const double patch = layered_noise(p.x / paint.patch_m, p.y / paint.patch_m, 3, seed + 21);
    double second = paint.mix <= 0 ? 0 : std::clamp(paint.mix + 0.9 * patch, 0.0, 1.0);
    double brightness =
        1 + paint.grain * layered_noise(p.x / paint.grain_m, p.y / paint.grain_m, 2, seed + 31);
    const double across = -p.x * std::sin(paint.angle) + p.y * std::cos(paint.angle);
    const double along = p.x * std::cos(paint.angle) + p.y * std::sin(paint.angle);
    switch (paint.texture) {
        case Texture::speckled:
            break;
        case Texture::rows: {
            // Thin patches show more ground between the rows; rows waver a little.
            const double waver = 0.12 * value_noise(along / 9, across / 30, seed + 41);
            second = std::clamp(0.55 * second + (0.12 + 0.75 * paint.mix) * bare_share(paint, across + waver),
                                0.0, 1.0);
            break;
        }
        case Texture::swaths: {
            const double turns = std::floor(across / paint.spacing_m);
            const bool odd = std::fmod(std::abs(turns), 2.0) == 1.0;
            brightness *= odd ? 1.05 : 0.95;
            brightness *= 1 - 0.08 * smooth_step(0.8, 1, band_position(across, paint.spacing_m));
            break;
        }
        case Texture::cells: {
            const double grid = std::max(band_position(across, 1.65), band_position(along, paint.spacing_m));
            second = smooth_step(0.84, 0.94, grid);
            break;
        }
        case Texture::sheets: {
            const SheetLook sheet = sheet_look(paint, along, across, patch, seed);
            second = sheet.second;
            brightness *= sheet.brightness;
            break;
        }
        case Texture::tufts:
            second = tuft_share(paint, p, seed);
            brightness *= 1 + 0.15 * patch;
            break;
    }
    Spectrum colour;
    for (std::size_t i = 0; i < colour.size(); ++i)
        colour[i] = (paint.first[i] * (1 - second) + paint.second[i] * second) * brightness;
    return colour;
}

}  // namespace landseam::scene_maker
