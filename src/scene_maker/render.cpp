#include "scene_maker/render.h"

#include "landseam/core/pixel_box.h"

#include "scene_maker/noise.h"
#include "scene_maker/shading.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace landseam::scene_maker {

namespace {

// Each pixel is the mean of samples × samples points; an odd number, so that one lies at the pixel's centre.
constexpr int samples = 3;
constexpr int block_pixels = 384;

struct Bounds {
    Point low, high;
};

Bounds bounds_of(const Ring& ring) {
    Bounds bounds{ring[0], ring[0]};
    for (const Point& p : ring) {
        bounds.low = {std::min(bounds.low.x, p.x), std::min(bounds.low.y, p.y)};
        bounds.high = {std::max(bounds.high.x, p.x), std::max(bounds.high.y, p.y)};
    }
    return bounds;
}

struct Sun {
    Point towards;    // unit vector on the ground
    double sine = 0;  // of the elevation
    double cosine = 0;
    double rise() const { return sine / std::max(cosine, 1e-9); }  // metres up per metre along the ray
};

Sun sun_of(const SceneOptions& options) {
    const double azimuth = options.sun_azimuth_deg * M_PI / 180,
                 elevation = options.sun_elevation_deg * M_PI / 180;
    return {{std::sin(azimuth), -std::cos(azimuth)}, std::sin(elevation), std::cos(elevation)};
}

// What a pixel belongs to on each level.
struct Marks {
    std::int32_t object = no_mark, part = no_mark, land = no_mark;

    void cover(const Surface& surface) {
        if (surface.object != mark_below) object = surface.object;
        if (surface.part != mark_below) part = surface.part;
        if (surface.land != mark_below) land = surface.land;
    }
};

// The topmost surface and its height at every sample of a block and of the ground around it that may shade
// it.
class SampleGrid {
public:
    // `box` is in samples of the whole picture; a sample is `step_m` wide. Marks are kept for `pixels`.
    SampleGrid(const PixelBox& box, double step_m, const PixelBox& pixels)
        : box_(box),
          pixels_(pixels),
          step_(step_m),
          marks_(static_cast<std::size_t>(pixels.area())),
          surface_(static_cast<std::size_t>(box.area()), -1),
          height_(static_cast<std::size_t>(box.area()), 0.0f) {}

    Point position(std::int64_t x, std::int64_t y) const {
        return {(static_cast<double>(x) + 0.5) * step_, (static_cast<double>(y) + 0.5) * step_};
    }
    std::int32_t surface(std::int64_t x, std::int64_t y) const { return surface_[index(x, y)]; }
    double height(std::int64_t x, std::int64_t y) const { return height_[index(x, y)]; }
    // At a pixel's centre.
    const Marks& marks(std::int64_t px, std::int64_t py) const { return marks_[pixel_index(px, py)]; }
    const PixelBox& box() const { return box_; }

    // Puts the surface on top wherever it is at least as high as what is there.
    void draw(const Surface& surface, const Bounds& bounds, std::int32_t number) {
        const std::int64_t first = std::max(box_.y, sample_after(bounds.low.y));
        const std::int64_t last = std::min(box_.bottom(), sample_after(bounds.high.y));
        std::vector<double> crossings;
        for (std::int64_t y = first; y < last; ++y) {
            row_crossings(surface.ring, position(0, y).y, crossings);
            for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
                const std::int64_t x0 = std::max(box_.x, sample_after(crossings[i]));
                const std::int64_t x1 = std::min(box_.right(), sample_after(crossings[i + 1]));
                for (std::int64_t x = x0; x < x1; ++x) put(x, y, surface, number);
            }
        }
    }

    // True if something between the sample and the sun is higher than the ray.
    bool shaded(std::int64_t x, std::int64_t y, const Sun& sun, double highest) const {
        // Lumpy crowns would shade themselves everywhere without a little slack.
        constexpr double slack_m = 0.25;
        const double start = height(x, y) + slack_m;
        const double per_step = step_ * sun.rise();
        double px = static_cast<double>(x) + 0.5, py = static_cast<double>(y) + 0.5;
        double ray = start;
        const auto advance = [&](double steps) {
            px += steps * sun.towards.x;
            py += steps * sun.towards.y;
            ray += steps * per_step;
        };
        for (advance(1); ray < highest; advance(1)) {
            const std::int64_t ix = floor_of(px), iy = floor_of(py);
            if (!box_.contains(ix, iy)) return false;
            if (height(ix, iy) > ray) return true;
            // Where the whole tile is lower than the ray, go on at its border.
            const std::int64_t tx = (ix - box_.x) / tile, ty = (iy - box_.y) / tile;
            if (tile_highest_[static_cast<std::size_t>(ty * tiles_across() + tx)] > ray) continue;
            const double left = static_cast<double>(box_.x + tx * tile),
                         above = static_cast<double>(box_.y + ty * tile);
            advance(
                std::floor(std::min(steps_to(px, left, sun.towards.x), steps_to(py, above, sun.towards.y))));
        }
        return false;
    }

    // To be called when all is drawn, before `shaded`.
    void finish() {
        tile_highest_.assign(static_cast<std::size_t>(tiles_across() * ((box_.height + tile - 1) / tile)),
                             0.0f);
        for (std::int64_t y = 0; y < box_.height; ++y)
            for (std::int64_t x = 0; x < box_.width; ++x) {
                float& highest =
                    tile_highest_[static_cast<std::size_t>(y / tile * tiles_across() + x / tile)];
                highest = std::max(highest, height_[static_cast<std::size_t>(y * box_.width + x)]);
            }
    }

private:
    static constexpr std::int64_t tile = 24;  // samples

    std::int64_t tiles_across() const { return (box_.width + tile - 1) / tile; }
    // Steps of `speed` from `position` until a tile that begins at `start` is left.
    static double steps_to(double position, double start, double speed) {
        if (std::abs(speed) < 1e-9) return 1e9;
        return (speed > 0 ? start + tile - position : position - start) / std::abs(speed);
    }
    std::size_t index(std::int64_t x, std::int64_t y) const {
        return static_cast<std::size_t>((y - box_.y) * box_.width + (x - box_.x));
    }
    // The first sample whose centre is not before the position.
    std::int64_t sample_after(double position) const {
        return static_cast<std::int64_t>(std::ceil(position / step_ - 0.5));
    }
    static void row_crossings(const Ring& ring, double y, std::vector<double>& crossings) {
        crossings.clear();
        for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
            const Point a = ring[j], b = ring[i];
            if ((a.y > y) != (b.y > y)) crossings.push_back(a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y));
        }
        std::sort(crossings.begin(), crossings.end());
    }
    void put(std::int64_t x, std::int64_t y, const Surface& surface, std::int32_t number) {
        const std::size_t i = index(x, y);
        const auto height = static_cast<float>(height_at(surface, position(x, y)));
        if (height < height_[i]) return;
        height_[i] = height;
        surface_[i] = number;
        if (x % samples == samples / 2 && y % samples == samples / 2 &&
            pixels_.contains(x / samples, y / samples))
            marks_[pixel_index(x / samples, y / samples)].cover(surface);
    }
    std::size_t pixel_index(std::int64_t px, std::int64_t py) const {
        return static_cast<std::size_t>((py - pixels_.y) * pixels_.width + (px - pixels_.x));
    }

    PixelBox box_;
    PixelBox pixels_;
    double step_;
    std::vector<Marks> marks_;
    std::vector<std::int32_t> surface_;
    std::vector<float> height_;
    std::vector<float> tile_highest_;
};

// Light from the sun and, bluer, from the sky, relative to flat open ground.
Spectrum lit(const Surface& surface, const Spectrum& colour, Point p, bool shaded, const Sun& sun) {
    constexpr Spectrum sky{.195, .225, .280, .140};
    const Point slope = slope_at(surface, p);
    const double norm = std::sqrt(1 + dot(slope, slope));
    double facing = std::max(0.0, (sun.sine - sun.cosine * dot(slope, sun.towards)) / norm) / sun.sine;
    const bool plant = surface.relief != Relief::plane;
    // Leaves pass light on to each other, most of all in the infrared.
    if (plant) facing = 0.3 + 0.7 * std::min(facing, 1.6);
    Spectrum light;
    for (std::size_t i = 0; i < light.size(); ++i) {
        const double through = plant ? (i == 3 ? 0.35 : 0.12) : 0;
        const double direct = shaded ? through : facing;
        light[i] = colour[i] * (direct * (1 - sky[i]) + sky[i] * (0.5 + 0.5 / norm));
    }
    return light;
}

PixelBox with_shade_margin(const PixelBox& samples_box, const Sun& sun, double highest, double step) {
    const double reach = highest / sun.rise() / step + 2;
    const auto dx = static_cast<std::int64_t>(sun.towards.x * reach),
               dy = static_cast<std::int64_t>(sun.towards.y * reach);
    return bounding(samples_box, samples_box.shifted(dx, dy));
}

double highest_of(const std::vector<Surface>& surfaces) {
    double highest = 0;
    for (const Surface& surface : surfaces) {
        if (surface.relief != Relief::plane)
            highest = std::max(highest, surface.top + 0.3 * surface.radius);
        else if (surface.base > 0)
            for (const Point& p : surface.ring) highest = std::max(highest, height_at(surface, p));
    }
    return highest;
}

void render_block(const SampleGrid& grid, const std::vector<Surface>& surfaces, const PixelBox& block,
                  const Sun& sun, double highest, Shadows shadows, Rendering& out) {
    for (std::int64_t y = block.y; y < block.bottom(); ++y) {
        for (std::int64_t x = block.x; x < block.right(); ++x) {
            Spectrum sum{}, colour{};
            std::int32_t coloured = -1;
            for (int j = 0; j < samples; ++j) {
                // The samples of a row share a ray, sent from a different one in each row, where they lie on
                // the same surface.
                const std::int64_t ray_x = x * samples + j, ray_y = y * samples + j;
                const bool row_shaded = shadows == Shadows::quick && grid.shaded(ray_x, ray_y, sun, highest);
                for (int i = 0; i < samples; ++i) {
                    const std::int64_t sx = x * samples + i, sy = y * samples + j;
                    const std::int32_t number = grid.surface(sx, sy);
                    const Surface& surface = surfaces[static_cast<std::size_t>(number)];
                    // Speckles are wider than a pixel: one look at them serves all its samples.
                    if (number != coloured || surface.paint.texture != Texture::speckled) {
                        colour = colour_at(surface, grid.position(sx, sy));
                        coloured = number;
                    }
                    const bool shared = shadows == Shadows::quick && number == grid.surface(ray_x, ray_y);
                    const bool shaded = shared ? row_shaded : grid.shaded(sx, sy, sun, highest);
                    const Spectrum light = lit(surface, colour, grid.position(sx, sy), shaded, sun);
                    for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += light[c];
                }
            }
            const int px = static_cast<int>(x), py = static_cast<int>(y);
            for (int c = 0; c < 4; ++c)
                out.reflectance.at(px, py, c) =
                    static_cast<float>(sum[static_cast<std::size_t>(c)] / (samples * samples));
            const Marks& marks = grid.marks(x, y);
            out.topmost.at(px, py) = marks.object;
            out.parts.at(px, py) = marks.part;
            out.lands.at(px, py) = marks.land;
        }
    }
}

}  // namespace

Rendering render(const Plan& plan, const SceneOptions& options, Shadows shadows) {
    const std::vector<Surface> surfaces = plan.sorted_surfaces();
    std::vector<Bounds> bounds;
    for (const Surface& surface : surfaces) bounds.push_back(bounds_of(surface.ring));
    const Sun sun = sun_of(options);
    const double highest = highest_of(surfaces), step = options.gsd_m / samples;

    const Image<std::int32_t> unmarked(options.width, options.height, 1, no_mark);
    Rendering out{Image<float>(options.width, options.height, 4), unmarked, unmarked, unmarked};
    const PixelBox picture{0, 0, options.width, options.height};
    for (std::int64_t y = 0; y < options.height; y += block_pixels) {
        for (std::int64_t x = 0; x < options.width; x += block_pixels) {
            const PixelBox block = intersection(picture, {x, y, block_pixels, block_pixels});
            const PixelBox inner{block.x * samples, block.y * samples, block.width * samples,
                                 block.height * samples};
            SampleGrid grid(with_shade_margin(inner, sun, highest, step), step, block);
            const PixelBox& box = grid.box();
            const Point low = grid.position(box.x, box.y), high = grid.position(box.right(), box.bottom());
            for (std::size_t i = 0; i < surfaces.size(); ++i)
                if (bounds[i].low.x < high.x && bounds[i].high.x > low.x && bounds[i].low.y < high.y &&
                    bounds[i].high.y > low.y)
                    grid.draw(surfaces[i], bounds[i], static_cast<std::int32_t>(i));
            grid.finish();
            render_block(grid, surfaces, block, sun, highest, shadows, out);
        }
    }
    return out;
}

}  // namespace landseam::scene_maker
