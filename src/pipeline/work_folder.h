// Finished tiles kept on disk, so that a run that was cut off goes on where it was.
#pragma once

#include "landseam/core/pixel_box.h"
#include "landseam/core/tile_mask.h"
#include "landseam/sam/embedding_cache.h"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace landseam::pipeline {

// A folder with two files: settings.json, what the masks of a tile depend on beside its pixels; and tiles, to
// which a line is added for every finished tile: checksum, tile, fingerprint of the tile's pixels, masks as
// in tile_masks_file.h. What a crash or a power cut left unfinished at the end of it is cut off when the
// folder is opened again. A tile counts as finished only while its pixels are what they were, so a scene that
// has changed is looked at again where it has.
//
// One process at a time holds a folder. All members may be called from several threads.
class WorkFolder {
public:
    // Makes the folder where it is missing. `settings` is one JSON object. Throws Error for a folder that
    // holds other things, another run's tiles with other settings (naming them), or is in use.
    WorkFolder(std::string folder, const std::string& settings);
    ~WorkFolder();
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;

    const std::string& path() const { return folder_; }
    // How many tiles are there.
    std::int64_t count() const;

    // The masks of a tile; nothing if it is not there, or its pixels were others.
    std::optional<std::vector<TileMask>> masks_of(int tile, const sam::Fingerprint& pixels) const;
    // Throws Error (passing where the disk is full); the tiles kept before are not harmed.
    void keep(int tile, const PixelBox& window, const sam::Fingerprint& pixels,
              const std::vector<TileMask>& masks);

    // Removes the files, and the folder if nothing else is in it.
    void remove();

private:
    struct Place {
        std::int64_t offset = 0;
        std::size_t size = 0;
        std::string pixels;
    };

    void check_settings(const std::string& settings);
    void open_tiles();
    void read_places();

    std::string folder_;
    int file_ = -1;
    mutable std::mutex mutex_;
    std::int64_t end_ = 0;  // of the last whole line
    std::unordered_map<int, Place> places_;
    std::chrono::steady_clock::time_point synced_;
};

}  // namespace landseam::pipeline
