#include "sam/training/lesson.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace landseam::sam::training {

namespace {

struct Object {
    std::int32_t id = 0;
    int x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // inclusive
    std::vector<std::uint32_t> pixels;
};

// The objects of one level large enough to be asked about.
struct LevelObjects {
    std::size_t level = 0;
    bool guessed = false;
    std::vector<Object> objects;
    std::size_t object_pixels = 0;

    const Object* object_at(const Crop& crop, std::uint32_t pixel) const {
        const std::int32_t id = crop.levels[level][pixel];
        const auto found = std::find_if(objects.begin(), objects.end(),
                                        [&](const Object& object) { return object.id == id; });
        return found == objects.end() ? nullptr : &*found;
    }
};

LevelObjects find_objects(const Crop& crop, std::size_t level, int smallest) {
    LevelObjects found;
    found.level = level;
    found.guessed = crop.guessed[level];
    std::unordered_map<std::int32_t, std::size_t> index;
    const std::vector<std::int32_t>& ids = crop.levels[level];
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!crop.valid[i]) continue;
        if (ids[i] <= 0) continue;
        const int x = static_cast<int>(i) % crop.side, y = static_cast<int>(i) / crop.side;
        const auto [at, is_new] = index.try_emplace(ids[i], found.objects.size());
        if (is_new) found.objects.push_back({ids[i], x, y, x, y, {}});
        Object& object = found.objects[at->second];
        object.x0 = std::min(object.x0, x);
        object.x1 = std::max(object.x1, x);
        object.y1 = y;
        object.pixels.push_back(static_cast<std::uint32_t>(i));
    }
    found.objects.erase(std::remove_if(found.objects.begin(), found.objects.end(),
                                       [&](const Object& object) {
                                           return object.pixels.size() < static_cast<std::size_t>(smallest);
                                       }),
                        found.objects.end());
    for (const Object& object : found.objects) found.object_pixels += object.pixels.size();
    return found;
}

// Pixels that belong to no object in any level: what one calls nothing may be a field in another.
std::vector<std::uint32_t> find_nothing(const Crop& crop) {
    std::vector<std::uint32_t> found;
    for (std::size_t i = 0; i < crop.area(); ++i)
        if (crop.valid[i] && std::all_of(crop.levels.begin(), crop.levels.end(),
                                         [&](const auto& ids) { return ids[i] == SampleLevel::nothing; }))
            found.push_back(static_cast<std::uint32_t>(i));
    return found;
}

const Object& draw_object(const LevelObjects& level, Dice& dice) {
    if (dice.chance(0.5)) return level.objects[dice.below(level.objects.size())];
    std::size_t at = dice.below(level.object_pixels);
    for (const Object& object : level.objects) {
        if (at < object.pixels.size()) return object;
        at -= object.pixels.size();
    }
    return level.objects.back();
}

const LevelObjects& draw_level(const std::vector<LevelObjects>& levels, Dice& dice) {
    if (levels.front().level == 0 && !levels.front().guessed && dice.chance(0.5)) return levels.front();
    return levels[dice.below(levels.size())];
}

// How much of the 7 × 7 pixels around one belongs to the object.
int neighbours(const Crop& crop, const LevelObjects& level, const Object& object, std::uint32_t pixel) {
    const int x = static_cast<int>(pixel) % crop.side, y = static_cast<int>(pixel) / crop.side;
    int count = 0;
    for (int dy = -3; dy <= 3; ++dy)
        for (int dx = -3; dx <= 3; ++dx) {
            const int nx = x + dx, ny = y + dy;
            if (nx < 0 || ny < 0 || nx >= crop.side || ny >= crop.side) continue;
            count += crop.levels[level.level][static_cast<std::size_t>(ny * crop.side + nx)] == object.id;
        }
    return count;
}

// People click inside; a grid of points meets objects anywhere: the innermost of one to three pixels.
std::uint32_t draw_point(const Crop& crop, const LevelObjects& level, const Object& object, Dice& dice) {
    std::uint32_t best = object.pixels[dice.below(object.pixels.size())];
    for (std::size_t more = dice.below(3); more > 0; --more) {
        const std::uint32_t other = object.pixels[dice.below(object.pixels.size())];
        if (neighbours(crop, level, object, other) > neighbours(crop, level, object, best)) best = other;
    }
    return best;
}

void add_point(Lesson& lesson, const Crop& crop, std::uint32_t pixel) {
    lesson.points.push_back(static_cast<float>(static_cast<int>(pixel) % crop.side));
    lesson.points.push_back(static_cast<float>(static_cast<int>(pixel) / crop.side));
}

// Corners moved by a tenth of the side, at most 20 pixels, as in SAM's training.
void add_box(Lesson& lesson, const Crop& crop, const Object& object, Dice& dice) {
    const double wide = std::min(20.0, 0.1 * (object.x1 - object.x0 + 1)),
                 high = std::min(20.0, 0.1 * (object.y1 - object.y0 + 1));
    const double corners[4] = {object.x0 + wide * dice.normal(), object.y0 + high * dice.normal(),
                               object.x1 + wide * dice.normal(), object.y1 + high * dice.normal()};
    for (const double corner : corners)
        lesson.boxes.push_back(static_cast<float>(std::clamp(corner, 0.0, crop.side - 1.0)));
}

void add_mask(Lesson& lesson, const Crop& crop, const Object* object) {
    const std::size_t begin = lesson.masks.size(), side = static_cast<std::size_t>(lesson.mask_side);
    lesson.masks.resize(begin + side * side, 0.0f);
    if (!object) return;
    const double scale = static_cast<double>(lesson.mask_side) / crop.side;
    const auto share = static_cast<float>(scale * scale);  // of a cell, a pixel's
    for (const std::uint32_t pixel : object->pixels) {
        const auto x = static_cast<std::size_t>((static_cast<int>(pixel) % crop.side + 0.5) * scale),
                   y = static_cast<std::size_t>((static_cast<int>(pixel) / crop.side + 0.5) * scale);
        lesson.masks[begin + y * side + x] += share;
    }
}

// The objects of other levels than `drawn` that the pixel lies on, and blanks up to the lesson's targets.
void add_others(Lesson& lesson, const Crop& crop, const std::vector<LevelObjects>& levels,
                const LevelObjects* drawn, std::uint32_t pixel, double guess_worth) {
    int added = 0;
    for (const LevelObjects& level : levels) {
        if (!drawn || &level == drawn || added == lesson.targets - 1) continue;
        const Object* const object = level.object_at(crop, pixel);
        if (!object) continue;
        add_mask(lesson, crop, object);
        lesson.worth.push_back(level.guessed ? static_cast<float>(guess_worth) : 1.0f);
        ++added;
    }
    for (; added < lesson.targets - 1; ++added) {
        add_mask(lesson, crop, nullptr);
        lesson.worth.push_back(0);
    }
}

}  // namespace

bool Lesson::has_objects() const {
    return std::any_of(worth.begin(), worth.end(), [](float share) { return share > 0; });
}

Lesson draw_lesson(const Crop& crop, const LessonOptions& options, Dice& dice) {
    Lesson lesson;
    lesson.mask_side = options.mask_side;
    lesson.kind = dice.chance(options.boxes) ? PromptKind::box : PromptKind::point;
    std::vector<LevelObjects> levels;
    for (std::size_t level = 0; level < crop.levels.size(); ++level)
        if (LevelObjects found = find_objects(crop, level, options.smallest_object); !found.objects.empty())
            levels.push_back(std::move(found));
    const std::vector<std::uint32_t> ground = find_nothing(crop);
    if (levels.empty() && ground.empty()) return lesson;
    if (levels.empty()) lesson.kind = PromptKind::point;
    if (lesson.kind == PromptKind::point) lesson.targets = 1 + options.others;
    for (int i = 0; i < options.prompts; ++i) {
        const bool nothing = lesson.kind == PromptKind::point && !ground.empty() &&
                             (levels.empty() || dice.chance(options.nothing));
        if (nothing) {
            const std::uint32_t pixel = ground[dice.below(ground.size())];
            add_point(lesson, crop, pixel);
            add_mask(lesson, crop, nullptr);
            lesson.worth.push_back(0);
            add_others(lesson, crop, levels, nullptr, pixel, options.guess_worth);
            continue;
        }
        const LevelObjects& level = draw_level(levels, dice);
        const Object& object = draw_object(level, dice);
        const std::uint32_t pixel = draw_point(crop, level, object, dice);
        add_point(lesson, crop, pixel);
        if (lesson.kind == PromptKind::box) add_box(lesson, crop, object, dice);
        add_mask(lesson, crop, &object);
        lesson.worth.push_back(level.guessed ? static_cast<float>(options.guess_worth) : 1.0f);
        add_others(lesson, crop, levels, &level, pixel, options.guess_worth);
    }
    lesson.prompts = options.prompts;
    return lesson;
}

}  // namespace landseam::sam::training
