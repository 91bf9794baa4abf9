#include "catalog/stac.h"

#include "landseam/core/error.h"
#include "landseam/pipeline/segment_scene.h"

#include "catalog/stac_item.h"

#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <utility>

namespace landseam::catalog {
namespace {

constexpr int deepest_value = 64;
constexpr std::int64_t most_values = 20'000'000;  // outside of the features of a collection
constexpr std::int64_t most_values_of_item = 1'000'000;
constexpr std::int64_t longest_remote = std::int64_t{64} << 20;
constexpr std::int64_t longest_local = std::int64_t{4} << 30;
constexpr std::size_t most_documents = 1'000'000;
constexpr int longest_way = 32;  // links from the source

const char* const stac_remedy = "give a STAC Item, ItemCollection, Collection or Catalog";

// Takes features from a collection while it is parsed.
class FeatureTap {
public:
    FeatureTap(const std::string& address, const TakeCandidate& take, const TakeLeftOut& leave_out)
        : address_(address), take_(take), leave_out_(leave_out) {}

    bool operator()(int depth, json::parse_event_t event, json& value) {
        if (depth > deepest_value)
            throw Error(address_, "is nested more than " + std::to_string(deepest_value) + " deep",
                        stac_remedy);
        if (++values_ > (in_feature_ ? most_values_of_item : most_values))
            throw Error(address_, "holds too many values", stac_remedy);
        if (depth == 1 && event == json::parse_event_t::key) in_features_ = value == "features";
        if (depth != 2 || !in_features_) return true;
        if (event == json::parse_event_t::object_start) {
            in_feature_ = true;
            values_ = 0;
        }
        if (event != json::parse_event_t::object_end) return true;
        in_feature_ = false;
        take_item(value);
        return false;
    }

    void take_item(const json& item) {
        ++items_;
        try {
            take_(read_item(item, address_));
        } catch (const Error& error) {
            const auto id = item.find("id");
            leave_out_({item.is_object() && id != item.end() && id->is_string()
                            ? id->get<std::string>().substr(0, 200)
                            : "",
                        address_, "no item that can be used", error.what()});
        }
    }
    std::int64_t items() const { return items_; }

private:
    const std::string& address_;
    const TakeCandidate& take_;
    const TakeLeftOut& leave_out_;
    bool in_features_ = false, in_feature_ = false;
    std::int64_t values_ = 0, items_ = 0;
};

std::string text_member(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void check_version(const json& document, const std::string& address) {
    const std::string version = text_member(document, "stac_version");
    if (!version.empty() && version.rfind("0.", 0) != 0 && version.rfind("1.", 0) != 0)
        throw Error(address, "is of STAC " + version.substr(0, 20) + ", which is not known",
                    "versions 0.6 to 1.1 are");
}

DocumentLinks links_of(const json& document, const std::string& address) {
    DocumentLinks found;
    const auto links = document.find("links");
    if (links == document.end() || !links->is_array()) return found;
    static const std::set<std::string> followed{"child", "item", "items", "next"};
    for (const json& link : *links) {
        if (!link.is_object()) continue;
        const std::string rel = text_member(link, "rel"), method = text_member(link, "method");
        if (followed.count(rel) == 0) continue;
        if (!method.empty() && method != "GET" && method != "get") {
            found.note =
                "has further pages that only a " + method.substr(0, 20) + " request gives: save those, too";
            continue;
        }
        try {
            found.children.push_back(resolve_address(text_member(link, "href"), address));
        } catch (const Error& error) {
            throw Error(address, "has a link that cannot be followed: " + std::string(error.what()),
                        "mend the catalog");
        }
    }
    return found;
}

std::unique_ptr<std::istream> open_document(const std::string& address) {
    if (raster::is_remote_path(address) || address.rfind("/vsi", 0) == 0)
        return std::make_unique<std::istringstream>(raster::read_text(address, longest_remote));
    const auto size = raster::local_file_size(address);
    if (!size)
        throw Error(address, "there is no such file", "check the path, or the catalog that links to it");
    if (*size > longest_local)
        throw Error(address, "has more than 4 GiB", "that is too much for a catalog's document");
    auto file = std::make_unique<std::ifstream>(address, std::ios::binary);
    if (!*file) throw Error(address, "cannot be read", "check that you may read it");
    return file;
}

}  // namespace

DocumentLinks read_document(std::istream& text, const std::string& address, const TakeCandidate& take,
                            const TakeLeftOut& leave_out) {
    FeatureTap tap(address, take, leave_out);
    json document;
    try {
        document = json::parse(text, std::ref(tap));
    } catch (const json::exception& error) {
        throw Error(address, "is not JSON (" + std::string(error.what()).substr(0, 200) + ")", stac_remedy);
    }
    if (!document.is_object()) throw Error(address, "is not STAC: it is no JSON object", stac_remedy);
    check_version(document, address);
    const std::string type = text_member(document, "type");
    if (type == "Feature") {
        tap.take_item(document);
        return {};
    }
    if (type == "FeatureCollection" || tap.items() > 0 || document.contains("features"))
        return links_of(document, address);
    const bool is_catalog = type == "Catalog" || type == "Collection" || document.contains("stac_version") ||
                            (document.contains("id") && document.contains("links"));
    if (!is_catalog)
        throw Error(address, "is not STAC: it says neither what it is nor of which version", stac_remedy);
    return links_of(document, address);
}

void StacWalk::read(const std::string& address) {
    std::vector<std::pair<std::string, int>> open{{address, 0}};
    while (!open.empty()) {
        const auto [here, way] = open.back();
        open.pop_back();
        if (!known_.insert(here).second) continue;
        if (known_.size() > most_documents)
            throw Error(address, "leads to more than a million documents",
                        "plan parts of the catalog by themselves");
        if (way > longest_way)
            throw Error(here, "is more than 32 links from '" + address + "'", "plan that part by itself");
        if (pipeline::stop_was_requested())
            throw Error(address, "interrupted", "nothing was written", ErrorKind::passing);
        const DocumentLinks links = read_document(*open_document(here), here, take_, leave_out_);
        progress_.update(0, std::to_string(documents()) + " documents");
        if (!links.note.empty()) progress_.warn("'" + here + "' " + links.note);
        // In the order in which the document names them.
        for (auto child = links.children.rbegin(); child != links.children.rend(); ++child)
            open.emplace_back(*child, way + 1);
    }
}

}  // namespace landseam::catalog
