// From sources to a plan: which scenes there are, and how they are shared out into tasks.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/pipeline/segment_scene.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace landseam::catalog {

// Which scenes of the sources are wanted. What a scene does not tell it cannot be chosen by: it is left out
// then.
struct SceneFilter {
    std::vector<double> bbox;  // west, south, east, north in degrees; empty: anywhere
    std::string area;  // vector file in any CRS: scenes whose bounding box it touches; empty: anywhere
    std::string
        datetime;  // as in a STAC search: "2023-06-01", "2023-06-01/2023-08-31", "../2020-01-01"; empty: any
    std::optional<double> max_cloud;  // percent: eo:cloud_cover
    std::vector<std::string>
        where;  // "gsd<=1", "platform=sentinel-2a", "eo:cloud_cover!=0", on properties, id and collection

    // Throws Error (usage) naming the first that makes no sense.
    void validate() const;
};

struct PlanOptions {
    // A raster, a folder (its rasters, those of folders below too), a pattern with * ? or [] in the last part
    // of its path, a text file of such sources (.txt, .lst: one a line, # begins a comment), a CSV table with
    // a column href (or path, url, uri, scene) and, if it likes, id, datetime and others, or STAC: an Item,
    // an ItemCollection or saved search, a Collection or a Catalog, whose links are followed. Local,
    // http(s)://, s3://, or as GDAL calls them: /vsicurl/…, /vsis3/….
    std::vector<std::string> sources;
    std::string folder;               // to write; must not exist, or be empty
    std::vector<std::string> assets;  // of STAC items: keys, common names or roles, stacked in this order;
                                      // empty: what shows the scene
    SceneFilter filter;
    bool all_versions = false;  // do not choose between versions of a scene
    int most_tasks = 1000;      // tasks hold as many scenes each as that takes
    bool estimate = true;       // take the time of one tile, for the cost
    // How each scene is segmented: as the user gave them, for run-task to read again.
    std::vector<std::string> arguments;
    pipeline::SegmentOptions segment;  // the same, read; scene and output are not looked at
    std::string database;  // "PG:…": scenes go into its table as soon as they are done; empty: nowhere

    // Throws Error (usage).
    void validate() const;
};

struct PlanReport {
    std::int64_t scenes = 0;
    std::int64_t tasks = 0;
    std::int64_t chunk = 1;            // scenes a task
    std::int64_t bytes = 0;            // of those inputs whose size is known
    std::int64_t of_unknown_size = 0;  // scenes whose bytes are not known
    std::int64_t of_unknown_cost = 0;  // scenes whose pixels are not known
    double seconds = 0;                // of one thread, all scenes whose pixels are known
    std::int64_t memory = 0;           // of one scene with one tile at once, bytes; 0: not measured
    std::int64_t documents = 0;        // read
    std::map<std::string, std::int64_t> left_out;  // reason → scenes
};

// Reads the sources and writes a plan, which nothing changes afterwards:
//   plan.json       how many scenes and tasks, arguments, costs, hash of scenes.jsonl
//   scenes.jsonl    one JSON object a scene: where its files are, what is known of it
//   left_out.jsonl  one a scene that is left out: its source and why
// No pixel is read, nothing is downloaded but the catalog's own documents. The same sources give the same
// scenes.jsonl.
//
// Catalogs come from strangers. Documents over 64 MiB (collections of items: 4 GiB, never held whole), more
// than 64 values deep, or further than 32 links from the source are refused, as are catalogs of more than a
// million documents; a document met twice is read once; one of another server may name no file of this
// machine. A document that cannot be read ends the planning, since scenes would be missing; an item in it
// that makes no sense is left out.
//
// Throws Error: passing for network faults; failed where no scene is left.
PlanReport plan_batch(const PlanOptions& options, Progress& progress);

}  // namespace landseam::catalog
