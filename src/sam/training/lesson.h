// What a model is asked about one crop: prompts, and the masks that would be right.
#pragma once

#include "sam/training/crop.h"
#include "sam/training/dice.h"

#include <cstdint>
#include <vector>

namespace landseam::sam::training {

enum class PromptKind { point, box };

// Plain arrays, so that lessons can be made on any thread and machine. Coordinates are the model's pixels.
struct Lesson {
    PromptKind kind = PromptKind::point;
    int prompts = 0;            // P
    int mask_side = 0;          // of the target masks, that of the decoder's logits
    std::vector<float> points;  // [P, 2]: x, y; of every kind
    std::vector<float> boxes;   // [P, 4]: x0, y0, x1, y1, both ends inclusive; with PromptKind::box
    // What would be right: first the object that was drawn, then those that the point lies on in other levels,
    // the parts and wholes of it.
    int targets = 1;           // T
    std::vector<float> masks;  // [P, T, mask_side, mask_side]: the share of each cell that the object covers
    std::vector<float> worth;  // [P, T]: the right score of a perfect mask; 0 where there is no such object

    bool has_objects() const;
};

struct LessonOptions {
    int prompts = 16;
    int mask_side = 64;
    int smallest_object = 16;  // pixels in the crop
    double nothing = 0.1;      // share of point prompts on ground known to belong to no object
    double boxes = 0.15;       // share of lessons whose prompts are boxes
    int others = 3;            // at most so many objects beside the drawn one; boxes mean just one
    double guess_worth = 0.7;  // worth of objects of guessed levels
};

// Objects are drawn evenly, or by their area as a grid of points meets them, in equal shares; a level that
// was labelled counts as much as all others together. A crop without any object or known ground gives a lesson without prompts.
Lesson draw_lesson(const Crop& crop, const LessonOptions& options, Dice& dice);

}  // namespace landseam::sam::training
