#include "catalog/scene_choice.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <regex>
#include <tuple>

namespace landseam::catalog {
namespace {

bool crosses_antimeridian(const LonLatBox& box) {
    return box[0] > box[2];
}

// A box as one or two that do not cross the antimeridian.
std::vector<LonLatBox> parts_of(const LonLatBox& box) {
    if (!crosses_antimeridian(box)) return {box};
    return {{box[0], box[1], 180, box[3]}, {-180, box[1], box[2], box[3]}};
}

bool inside(const Ring& ring, double x, double y) {
    bool in = false;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++)
        if ((ring[i].y > y) != (ring[j].y > y) &&
            x < (ring[j].x - ring[i].x) * (y - ring[i].y) / (ring[j].y - ring[i].y) + ring[i].x)
            in = !in;
    return in;
}

// Whether a segment meets a box (Liang and Barsky 1984).
bool meets(const Point& a, const Point& b, const LonLatBox& box) {
    double from = 0, to = 1;
    const double dx = b.x - a.x, dy = b.y - a.y;
    const double slopes[] = {-dx, dx, -dy, dy},
                 rooms[] = {a.x - box[0], box[2] - a.x, a.y - box[1], box[3] - a.y};
    for (int side = 0; side < 4; ++side) {
        if (slopes[side] == 0) {
            if (rooms[side] < 0) return false;
            continue;
        }
        const double t = rooms[side] / slopes[side];
        if (slopes[side] < 0)
            from = std::max(from, t);
        else
            to = std::min(to, t);
    }
    return from <= to;
}

bool touches_part(const LonLatBox& box, const Polygon& polygon) {
    std::vector<const Ring*> rings{&polygon.outer};
    for (const Ring& hole : polygon.holes) rings.push_back(&hole);
    bool centre_inside = false;
    for (const Ring* ring : rings) {
        for (std::size_t i = 0, j = ring->size() - 1; i < ring->size(); j = i++)
            if (meets((*ring)[j], (*ring)[i], box)) return true;
        centre_inside ^= inside(*ring, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
    }
    return centre_inside;
}

std::string text_of(const json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

bool touches(const LonLatBox& a, const LonLatBox& b) {
    for (const LonLatBox& p : parts_of(a))
        for (const LonLatBox& q : parts_of(b))
            if (p[0] <= q[2] && q[0] <= p[2] && p[1] <= q[3] && q[1] <= p[3]) return true;
    return false;
}

bool touches(const LonLatBox& box, const MultiPolygon& area) {
    for (const LonLatBox& part : parts_of(box))
        for (const Polygon& polygon : area)
            if (touches_part(part, polygon)) return true;
    return false;
}

void SceneFilter::validate() const {
    if (!bbox.empty() &&
        !(bbox.size() == 4 && bbox[1] <= bbox[3] && std::all_of(bbox.begin(), bbox.end(), [](double d) {
              return std::isfinite(d) && std::abs(d) <= 360;
          })))
        throw Error("--bbox", "must be west,south,east,north in degrees", "", ErrorKind::usage);
    if (!datetime.empty()) parse_interval(datetime);
    if (max_cloud && !(*max_cloud >= 0 && *max_cloud <= 100))
        throw Error("--max-cloud", "must be from 0 to 100 percent", "", ErrorKind::usage);
    for (const std::string& condition : where)
        if (condition.find_first_of("=<>") == std::string::npos || condition.find_first_of("=<>!") == 0)
            throw Error("--where", "'" + condition + "' is no condition",
                        "write NAME=VALUE, or with !=, <, <=, > or >=", ErrorKind::usage);
}

SceneChoice::SceneChoice(const PlanOptions& options) : options_(options) {
    if (!options.filter.datetime.empty()) interval_ = parse_interval(options.filter.datetime);
    if (!options.filter.area.empty()) area_ = pipeline::read_area_in_degrees(options.filter.area);
    static const std::regex form("([^=<>!]+)(!=|<=|>=|=|<|>)(.*)");
    for (const std::string& text : options.filter.where) {
        std::smatch parts;
        if (std::regex_match(text, parts, form)) conditions_.push_back({parts[1], parts[2], parts[3]});
    }
}

bool SceneChoice::holds(const Condition& condition, const json& value) {
    int order = 0;
    char* rest = nullptr;
    const double wanted = std::strtod(condition.value.c_str(), &rest);
    const std::string text = text_of(value);
    char* text_rest = nullptr;
    const double number = value.is_number() ? value.get<double>() : std::strtod(text.c_str(), &text_rest);
    const bool numbers = rest != condition.value.c_str() && *rest == '\0' &&
                         (value.is_number() || (text_rest != text.c_str() && *text_rest == '\0'));
    if (numbers)
        order = number < wanted ? -1 : number > wanted ? 1 : 0;
    else
        order = text.compare(condition.value);
    if (condition.comparison == "=") return order == 0;
    if (condition.comparison == "!=") return order != 0;
    if (condition.comparison == "<") return order < 0;
    if (condition.comparison == "<=") return order <= 0;
    if (condition.comparison == ">") return order > 0;
    return order >= 0;
}

std::string SceneChoice::refuse_place(const std::optional<LonLatBox>& box) const {
    const std::vector<double>& wanted = options_.filter.bbox;
    if (wanted.empty() && area_.empty()) return "";
    if (!box) return "where it lies is not told";
    if (!wanted.empty() && !touches(*box, LonLatBox{wanted[0], wanted[1], wanted[2], wanted[3]}))
        return "outside of --bbox";
    if (!area_.empty() && !touches(*box, area_)) return "outside of --aoi";
    return "";
}

std::string SceneChoice::refuse(const Candidate& candidate) const {
    const Scene& scene = candidate.scene;
    if (candidate.deprecated && !options_.all_versions) return "deprecated by its catalog";
    if (const std::string reason = refuse_place(scene.box); !reason.empty()) return reason;
    if (interval_) {
        const auto moment = parse_moment(scene.datetime);
        if (!moment) return "its date is not told";
        if (*moment < interval_->from || *moment > interval_->to) return "outside of --datetime";
    }
    if (options_.filter.max_cloud) {
        const auto cover = candidate.properties.find("eo:cloud_cover");
        if (cover == candidate.properties.end() || !cover->is_number()) return "its cloud cover is not told";
        if (cover->get<double>() > *options_.filter.max_cloud) return "cloudier than --max-cloud";
    }
    for (const Condition& condition : conditions_) {
        const std::string what = condition.property + condition.comparison + condition.value;
        if (condition.property == "id" || condition.property == "collection") {
            if (!holds(condition, condition.property == "id" ? scene.id : scene.collection))
                return "not --where " + what;
            continue;
        }
        const auto value = candidate.properties.find(condition.property);
        if (value == candidate.properties.end() || value->is_null())
            return "'" + condition.property + "' is not told";
        if (!holds(condition, *value)) return "not --where " + what;
    }
    return "";
}

void SceneChoice::offer(Candidate candidate) {
    std::string reason = refuse(candidate);
    if (reason.empty()) reason = choose_assets(candidate, options_.assets);
    if (reason.empty()) return scenes_.push_back(std::move(candidate.scene));
    std::string keys;
    for (const OfferedAsset& asset : candidate.offered) keys += (keys.empty() ? "" : ", ") + asset.key;
    const bool of_assets = reason.find("asset") != std::string::npos;
    leave_out({candidate.scene.id, candidate.scene.source, reason,
               of_assets && !keys.empty() ? "its assets: " + keys.substr(0, 400) : ""});
}

std::string scene_key(const std::string& id) {
    // LC08_L2SP_014034_20200601_20200824_02_T1 → LC08_L2SP_014034_20200601
    static const std::regex landsat(
        "(L[A-Z]\\d\\d_L\\w{3}_\\d{6}_\\d{8})_\\d{8}_\\d\\d_(RT|T1|T2|A1|A2)(_\\w+)?");
    // S2A_MSIL2A_20230617T105621_N0509_R094_T31UDQ_20230617T170054 → S2A_MSIL2A_20230617T105621_R094_T31UDQ
    static const std::regex sentinel2(
        "(S2[A-D]_MSIL\\w\\w_\\d{8}T\\d{6})_N\\d{4}(_R\\d{3}_T\\w{5})_\\d{8}T\\d{6}(\\.SAFE)?");
    // S2A_31UDQ_20230617_0_L2A → S2A_31UDQ_20230617_L2A
    static const std::regex earth_search("(S2[A-D]_\\d{1,2}[A-Z]{3}_\\d{8})_\\d+(_L\\w\\w)");
    std::smatch parts;
    if (std::regex_match(id, parts, landsat)) return parts[1].str() + parts[3].str();
    if (std::regex_match(id, parts, sentinel2) || std::regex_match(id, parts, earth_search))
        return parts[1].str() + parts[2].str();
    return id;
}

void SceneChoice::resolve_versions() {
    const auto paths_of = [](const Scene& scene) {
        std::string paths;
        for (const Asset& asset : scene.assets) paths += asset.path + '\n';
        return paths;
    };
    std::unordered_map<std::string, std::size_t> by_path, by_key;
    std::vector<Scene> kept;
    const auto drop = [&](const Scene& scene, const std::string& reason, const Scene& for_this) {
        leave_out({scene.id, scene.source, reason, "for '" + for_this.id + "' of " + for_this.source});
    };
    for (Scene& scene : scenes_) {
        const auto [same, is_new] = by_path.emplace(paths_of(scene), kept.size());
        if (!is_new) {
            drop(scene, "met before: the same files", kept[same->second]);
            continue;
        }
        if (!options_.all_versions) {
            const std::string key = scene_key(scene.id);
            const auto [other, first] = by_key.emplace(
                scene.is_file && key == scene.id ? paths_of(scene) : scene.collection + '\n' + key,
                kept.size());
            if (!first) {
                Scene& rival = kept[other->second];
                // Of equal versions the first one stays, or the one whose id is greater: later dates and
                // baselines sort last.
                const bool newer = std::tie(scene.version, scene.id) > std::tie(rival.version, rival.id);
                drop(newer ? rival : scene, "another version is newer", newer ? scene : rival);
                if (newer) rival = std::move(scene);
                continue;
            }
        }
        kept.push_back(std::move(scene));
    }
    scenes_ = std::move(kept);
    tell_apart();
}

void SceneChoice::tell_apart() {
    std::unordered_map<std::string, int> times;
    for (const Scene& scene : scenes_) ++times[scene.id];
    std::unordered_map<std::string, int> taken;
    for (Scene& scene : scenes_) {
        if (times[scene.id] > 1) {
            const std::string path = scene.is_file ? scene.assets.front().path : scene.collection + "/x";
            const std::size_t end = path.find_last_of('/');
            const std::string group = end == std::string::npos ? "" : path.substr(0, end);
            scene.id = group.substr(group.find_last_of('/') + 1) + "/" + scene.id;
        }
        if (const int before = taken[scene.id]++; before > 0) scene.id += "#" + std::to_string(before + 1);
    }
}

}  // namespace landseam::catalog
