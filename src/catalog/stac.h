// STAC documents, of versions 0.6 to 1.1: Items, ItemCollections, Collections and Catalogs.
#pragma once

#include "landseam/core/progress.h"

#include "catalog/scene.h"

#include <functional>
#include <istream>
#include <set>
#include <string>

namespace landseam::catalog {

// What a document that is no item leads to.
struct DocumentLinks {
    std::vector<std::string> children;  // addresses of items, collections, catalogs, further pages
    std::string note;                   // what could not be followed; may be empty
};

using TakeCandidate = std::function<void(Candidate)>;
using TakeLeftOut = std::function<void(LeftOut)>;

// Reads one document, item by item: of a FeatureCollection never more than one feature is held. `address` is
// where it came from. Throws Error: no JSON, not STAC, too deep, too long.
DocumentLinks read_document(std::istream& text, const std::string& address, const TakeCandidate& take,
                            const TakeLeftOut& leave_out);

// Reads a document and all that it leads to.
class StacWalk {
public:
    StacWalk(TakeCandidate take, TakeLeftOut leave_out, Progress& progress)
        : take_(std::move(take)), leave_out_(std::move(leave_out)), progress_(progress) {}

    void read(const std::string& address);
    std::int64_t documents() const { return static_cast<std::int64_t>(known_.size()); }

private:
    TakeCandidate take_;
    TakeLeftOut leave_out_;
    Progress& progress_;
    std::set<std::string> known_;
};

// `link` as seen from the document at `address`: absolute, without "." and "..", as GDAL opens it.
std::string resolve_address(const std::string& link, const std::string& address);

}  // namespace landseam::catalog
