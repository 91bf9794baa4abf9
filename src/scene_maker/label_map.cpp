#include "landseam/scene_maker/label_map.h"

#include "landseam/core/error.h"

#include "scene_maker/random.h"

#include <algorithm>
#include <cstdlib>

namespace landseam::scene_maker {

namespace {

using LabelMap = Image<std::int32_t>;

struct Site {
    int x, y;    // middle
    int rx, ry;  // reach, at least 1
};

// Labels every pixel of the site's box for which inside(dx, dy) holds.
template <typename Inside>
void fill(LabelMap& map, const Site& site, std::int32_t label, Inside inside) {
    for (int y = std::max(0, site.y - site.ry); y <= std::min(map.height - 1, site.y + site.ry); ++y)
        for (int x = std::max(0, site.x - site.rx); x <= std::min(map.width - 1, site.x + site.rx); ++x)
            if (inside(x - site.x, y - site.y)) map.at(x, y) = label;
}

// (dx / rx)² + (dy / ry)² in units of 1 / 1000.
std::int64_t squared_reach(const Site& s, int dx, int dy) {
    const std::int64_t a = std::int64_t{dx} * dx * 1000 / (std::int64_t{s.rx} * s.rx);
    const std::int64_t b = std::int64_t{dy} * dy * 1000 / (std::int64_t{s.ry} * s.ry);
    return a + b;
}

void draw_blob(LabelMap& map, const Site& s, std::int32_t label) {
    fill(map, s, label, [&](int dx, int dy) { return squared_reach(s, dx, dy) <= 1000; });
}

void draw_box(LabelMap& map, const Site& s, std::int32_t label) {
    fill(map, s, label, [](int, int) { return true; });
}

void draw_ring(LabelMap& map, const Site& s, std::int32_t label) {
    fill(map, s, label, [&](int dx, int dy) {
        const std::int64_t reach = squared_reach(s, dx, dy);
        return reach <= 1000 && reach >= 450;
    });
}

// A back along the top with teeth down, two pixels apart.
void draw_comb(LabelMap& map, const Site& s, std::int32_t label) {
    fill(map, s, label, [&](int dx, int dy) { return dy == -s.ry || (dx + s.rx) % 4 < 2; });
}

// A band from one side to the other whose middle wanders; always connected.
void draw_river(LabelMap& map, Random& random, std::int32_t label) {
    const bool down = random.chance(0.5);
    const int length = down ? map.height : map.width, breadth = down ? map.width : map.height;
    const int half = std::max(1, breadth / 24);
    int middle = random.below(breadth);
    for (int i = 0; i < length; ++i) {
        middle = std::clamp(middle + random.below(2 * half + 1) - half, 0, breadth - 1);
        for (int j = std::max(0, middle - half); j <= std::min(breadth - 1, middle + half); ++j)
            map.at(down ? j : i, down ? i : j) = label;
    }
}

Site random_site(const LabelMap& map, Random& random) {
    Site site{};
    site.x = random.below(map.width);
    site.y = random.below(map.height);
    // Mostly small things, a few across much of the map.
    const int divisor = 3 + random.below(14);
    site.rx = 1 + random.below(std::max(1, map.width / divisor));
    site.ry = 1 + random.below(std::max(1, map.height / divisor));
    return site;
}

}  // namespace

Image<std::int32_t> make_label_map(int width, int height, int objects, std::uint64_t seed) {
    if (width < 1 || height < 1 || objects < 0)
        throw Error("label map", "has an impossible size",
                    "give a positive width and height and no negative number of objects", ErrorKind::usage);
    LabelMap map(width, height);
    Random random(seed);
    Site last = random_site(map, random);
    for (std::int32_t label = 2; label <= objects; ++label) {
        Site site = random_site(map, random);
        switch (random.below(7)) {
            case 0:
                draw_blob(map, site, label);
                break;
            case 1:
                draw_ring(map, site, label);
                break;
            case 2:
                draw_comb(map, site, label);
                break;
            case 3:
                map.at(site.x, site.y) = label;
                break;
            case 4:  // within the last one
                site = {last.x, last.y, std::max(1, last.rx / 2), std::max(1, last.ry / 2)};
                draw_blob(map, site, label);
                break;
            case 5:  // side by side with the last one, without a gap
                site = {last.x + 2 * last.rx + 1, last.y, last.rx, last.ry};
                draw_box(map, site, label);
                break;
            default:
                draw_box(map, site, label);
                break;
        }
        last = site;
    }
    if (objects == 1) draw_blob(map, last, 1);
    if (objects >= 2) draw_river(map, random, 1);
    return map;
}

}  // namespace landseam::scene_maker
