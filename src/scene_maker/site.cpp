#include "scene_maker/site.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

Site::Site(const TrainingSceneOptions& options)
    : plan(mixed(options.seed ^ 0x7ea1u)),
      random(mixed(options.seed) + static_cast<std::uint64_t>(options.kind)),
      width_m(options.width * options.gsd_m),
      height_m(options.height * options.gsd_m),
      gsd_m(options.gsd_m) {
    const std::vector<Spectrum> soils{material::soil,        material::damp_soil,    material::pale_soil,
                                      material::dirt,        material::gravel,       {.26, .150, .085, .31},
                                      {.33, .29, .235, .38}, {.155, .140, .120, .20}};
    soil = varied(random, random.pick(soils), 0.2);
    grass = varied(random, random.chance(0.5) ? material::meadow_grass : material::lush_grass, 0.35);
    dry = varied(random, random.chance(0.5) ? material::dry_grass : material::hay, 0.25);
}

void Site::bend(double most_reach, double least_wave, double most_wave) {
    const double reach = random.uniform(0, most_reach), wave = random.uniform(least_wave, most_wave);
    warp = Warp(reach, wave, random.next());
}

Ring Site::surroundings(double margin_m) {
    const double half = 0.5 * std::sqrt(width_m * width_m + height_m * height_m) + margin_m;
    const double angle = random.uniform(0, M_PI / 2);
    const Point u{std::cos(angle), std::sin(angle)};
    return rectangle({centre(), u, left_of(u)}, -half, -half, half, half);
}

bool Site::near_picture(const Ring& ring, double margin_m) const {
    const Extent e = extent_in({{0, 0}, {1, 0}, {0, 1}}, ring);
    return e.u1 > -margin_m && e.u0 < width_m + margin_m && e.v1 > -margin_m && e.v0 < height_m + margin_m;
}

Surface& Site::lay_ground(const Paint& look) {
    const double far = 4 * (width_m + height_m) + 2000;
    plan.begin_land();
    Surface& ground =
        plan.paint(Layer::ground, rectangle({centre(), {1, 0}, {0, 1}}, -far, -far, far, far), look);
    ground.part = no_mark;
    return ground;
}

Surface& Site::lay_land(Layer layer, const Ring& ring, const Paint& look, double step_m) {
    plan.begin_land();
    return plan.paint(layer, warp.bent(ring, step_m), look);
}

void lay_lanes(Site& site, const std::vector<Cut>& cuts, double half_width, Ground ground, bool dashes) {
    const double share = site.random.uniform(0, 1);
    const Paint white = plain(material::road_paint, 0.15);
    const auto belongs_below = [](Surface& surface) { surface.object = surface.land = mark_below; };
    for (const Cut& cut : cuts) {
        const Path path = site.warp.bent(cut.from, cut.to, 6);
        if (path.length() < 10) continue;
        if (site.random.chance(share))
            belongs_below(site.plan.paint(Layer::ground, path.strip(-half_width, half_width),
                                          ground_look(site, ground)));
        if (!dashes || site.gsd_m > 0.6) continue;
        constexpr double dash_m = 3, step_m = 8, half_line_m = 0.09;
        for (double at = 2; at + dash_m < path.length(); at += step_m) {
            if (!site.near_picture({path.at(at).origin}, 4)) continue;
            Surface& dash = site.plan.paint(
                Layer::ground, path.part(at, at + dash_m).strip(-half_line_m, half_line_m), white);
            belongs_below(dash);
            dash.part = mark_below;
        }
    }
}

Spectrum varied(Random& random, const Spectrum& colour, double amount) {
    const double light = 1 + random.uniform(-amount, amount);
    Spectrum result;
    for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = std::clamp(colour[i] * light * (1 + random.uniform(-amount, amount) / 3), 0.004, 0.9);
    return result;
}

Spectrum between(const Spectrum& a, const Spectrum& b, double share) {
    Spectrum result;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = a[i] * (1 - share) + b[i] * share;
    return result;
}

Paint plain(const Spectrum& colour, double grain) {
    Paint look;
    look.first = look.second = colour;
    look.mix = 0;
    look.grain = grain;
    return look;
}

Paint ground_look(Site& site, Ground ground) {
    Random& random = site.random;
    struct Look {
        Spectrum first, second;
        double grain;
    };
    const auto look_of = [&]() -> Look {
        switch (ground) {
            case Ground::dirt:
                return {site.soil, between(site.soil, material::gravel, 0.6), 0.10};
            case Ground::sand:
                return {between(site.soil, {.42, .36, .28, .46}, 0.7), site.soil, 0.06};
            case Ground::gravel:
                return {material::gravel, site.soil, 0.14};
            case Ground::concrete:
                return {material::concrete, material::paving, 0.05};
            case Ground::asphalt:
                return {material::asphalt, material::worn_asphalt, 0.04};
            case Ground::lawn:
                return {site.grass, between(site.grass, site.dry, 0.6), 0.10};
            case Ground::meadow:
                return {site.grass, site.dry, 0.15};
            case Ground::weeds:
                return {site.soil, between(site.grass, site.dry, 0.4), 0.22};
            case Ground::rubble:
                return {between(site.soil, material::concrete, 0.5), material::road_paint, 0.18};
            case Ground::crop:
                return {material::leafy_crop, site.soil, 0.12};
        }
        return {};
    };
    const Look base = look_of();
    Paint look;
    look.first = varied(random, base.first, 0.22);
    look.second = varied(random, base.second, 0.22);
    look.grain = base.grain * random.uniform(0.6, 1.8);
    look.mix = random.uniform(0.1, 0.6);
    // Patches from a few pixels to a good part of the picture; grains of a pixel or two.
    look.patch_m = site.gsd_m * 4 * std::exp(random.uniform(0, 3));
    look.grain_m = site.gsd_m * random.uniform(1.2, 4);
    look.angle = random.uniform(0, M_PI);
    if (ground == Ground::rubble || (ground == Ground::weeds && random.chance(0.6))) {
        look.texture = Texture::tufts;
        look.spacing_m = std::max(random.uniform(0.5, 1.6), 3 * site.gsd_m);
        look.mix = random.uniform(0.15, 0.7);
    } else if (ground == Ground::crop) {
        look.texture = Texture::rows;
        look.spacing_m = std::max(random.uniform(0.5, 1.2), 2.5 * site.gsd_m);
    } else if (ground == Ground::concrete && random.chance(0.3)) {
        look.texture = Texture::cells;
        look.spacing_m = std::max(random.uniform(1, 4), 5 * site.gsd_m);
        look.second = between(look.first, look.second, 0.5);
    }
    return look;
}

namespace {

Spectrum cover_colour(Random& random, Cover cover) {
    switch (cover) {
        case Cover::tile:
            return random.pick<Spectrum>({material::red_tile, material::orange_tile, material::brown_tile,
                                          material::slate, material::grey_tile});
        case Cover::tin:
            return random.pick<Spectrum>({material::sheet_metal,
                                          {.30, .30, .30, .30},
                                          {.21, .21, .215, .22},
                                          {.33, .31, .27, .34},
                                          {.24, .165, .115, .28}});
        case Cover::painted_tin:
            return random.pick<Spectrum>({{.06, .17, .38, .25},
                                          {.30, .075, .060, .33},
                                          {.09, .20, .13, .24},
                                          {.08, .13, .23, .2},
                                          {.40, .17, .12, .4},
                                          {.17, .27, .33, .3}});
        case Cover::concrete:
            return random.pick<Spectrum>({material::concrete,
                                          material::paving,
                                          material::roof_gravel,
                                          {.31, .27, .22, .34},
                                          {.155, .15, .14, .17},
                                          {.30, .15, .105, .33}});
        case Cover::membrane:
            return random.pick<Spectrum>(
                {material::white_membrane, {.40, .41, .42, .4}, {.33, .36, .33, .36}});
        case Cover::felt:
            return random.pick<Spectrum>({material::roof_felt, material::asphalt, material::slate});
        case Cover::thatch:
            return random.pick<Spectrum>({material::hay, material::timber, {.22, .19, .14, .3}});
        case Cover::plastic:
            return random.pick<Spectrum>({{.42, .44, .44, .42}, {.30, .32, .32, .33}, {.22, .25, .22, .35}});
    }
    return {};
}

}  // namespace

Paint cover_look(Site& site, Cover cover) {
    Random& random = site.random;
    Paint look;
    look.first = varied(random, cover_colour(random, cover), 0.22);
    look.second =
        varied(random, between(look.first, random.chance(0.4) ? material::moss : site.soil, 0.6), 0.15);
    look.mix = random.chance(0.6) ? random.uniform(0, 0.35) : 0;
    look.patch_m = std::max(3 * site.gsd_m, random.uniform(0.6, 5));
    look.grain = random.uniform(0.02, 0.10);
    look.grain_m = std::max(1.2 * site.gsd_m, random.uniform(0.2, 0.7));
    if (cover == Cover::tin || cover == Cover::painted_tin) {
        look.texture = Texture::sheets;
        look.spacing_m = std::max(random.uniform(0.7, 1.2), 3 * site.gsd_m);
        look.second = varied(random, {.205, .105, .060, .26}, 0.3);
        look.mix =
            cover == Cover::tin && random.chance(0.55) ? random.uniform(0, 0.6) : random.uniform(0, 0.08);
        look.grain = random.uniform(0.03, 0.16);
    } else if (cover == Cover::plastic || (cover == Cover::tile && random.chance(0.4))) {
        look.texture = Texture::swaths;
        look.spacing_m = std::max(random.uniform(0.3, 1.1), 2.5 * site.gsd_m);
    }
    return look;
}

Paint crop_look(Site& site, double angle) {
    Random& random = site.random;
    struct Crop {
        Spectrum plant, between_rows;
        double mix;
    };
    const std::vector<Crop> crops{{material::leafy_crop, site.soil, 0.4},
                                  {material::young_cereal, material::thin_cereal, 0.3},
                                  {material::ripe_cereal, material::tawny_cereal, 0.4},
                                  {material::rape, material::young_cereal, 0.25},
                                  {site.soil, material::damp_soil, 0.4},
                                  {between(site.soil, material::pale_soil, .5), site.soil, 0.4},
                                  {material::stubble, site.soil, 0.35},
                                  {site.grass, site.dry, 0.35},
                                  {material::hay, site.dry, 0.4},
                                  {material::thin_cereal, site.soil, 0.45},
                                  {material::light_leaves, material::leafy_crop, 0.4},
                                  {material::damp_soil, site.soil, 0.3}};
    const Crop& crop = random.pick(crops);
    Paint look;
    look.first = varied(random, crop.plant, 0.3);
    look.second = varied(random, crop.between_rows, 0.3);
    look.mix = crop.mix * random.uniform(0.5, 1.4);
    look.angle = angle;
    look.patch_m = site.gsd_m * 5 * std::exp(random.uniform(0, 2.8));
    look.grain = random.uniform(0.03, 0.16);
    look.grain_m = site.gsd_m * random.uniform(1.2, 4);
    const double style = random.uniform(0, 1);
    if (style < 0.4) {
        // Single rows where they show, else drill strips and the like.
        look.texture = Texture::rows;
        const double real_m = random.uniform(0.7, 2.2), shown_m = site.gsd_m * random.uniform(2.2, 6);
        look.spacing_m = std::max(real_m, shown_m);
        if (random.chance(0.4)) look.tramline_m = random.uniform(12, 28);
        if (look.tramline_m < 10 * site.gsd_m) look.tramline_m = 0;
    } else if (style < 0.7) {
        look.texture = Texture::swaths;
        const double real_m = random.uniform(2.5, 6), shown_m = site.gsd_m * random.uniform(2.5, 9);
        look.spacing_m = std::max(real_m, shown_m);
    } else if (style < 0.76) {
        look.texture = Texture::tufts;
        look.spacing_m = site.gsd_m * random.uniform(4, 10);
        look.mix = random.uniform(0.1, 0.5);
    }
    return look;
}

}  // namespace landseam::scene_maker
