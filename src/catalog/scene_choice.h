// Which of the scenes that were found come into the plan, and which of their assets.
#pragma once

#include "landseam/catalog/plan.h"

#include "catalog/scene.h"
#include "catalog/times.h"

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace landseam::catalog {

// Chooses the assets that make up the scene: those that `wanted` names, in that order (a key, else a band's
// common name or name, else a role), or, where it names none, the one raster that shows the scene: the only
// one, else the one called or meant as visual, else the only one of role data. Returns why not where that is
// not clear; else empty.
std::string choose_assets(Candidate& candidate, const std::vector<std::string>& wanted);

// Decides on candidates one by one; keeps what comes into the plan.
class SceneChoice {
public:
    explicit SceneChoice(const PlanOptions& options);

    void offer(Candidate candidate);
    void leave_out(LeftOut left_out) { left_out_.push_back(std::move(left_out)); }

    // Scenes with equal assets are one, and of several versions of a scene the newest stays. Those that still
    // have one id get the name of their collection or folder before it. Call last.
    void resolve_versions();

    std::vector<Scene>& scenes() { return scenes_; }
    std::vector<LeftOut>& left_out() { return left_out_; }

private:
    struct Condition {
        std::string property, comparison, value;
    };

    // Why not; empty: it is wanted.
    std::string refuse(const Candidate& candidate) const;
    void tell_apart();
    std::string refuse_place(const std::optional<LonLatBox>& box) const;
    static bool holds(const Condition& condition, const json& value);

    const PlanOptions& options_;
    std::optional<Interval> interval_;
    MultiPolygon area_;
    std::vector<Condition> conditions_;
    std::vector<Scene> scenes_;
    std::vector<LeftOut> left_out_;
};

// Whether a box, which may cross the antimeridian, and an area have a point in common.
bool touches(const LonLatBox& box, const MultiPolygon& area);
bool touches(const LonLatBox& a, const LonLatBox& b);

// What versions of one scene have in common: for products of Landsat and Sentinel-2 the name without
// processing date, tier and baseline, else the id itself.
std::string scene_key(const std::string& id);

}  // namespace landseam::catalog
