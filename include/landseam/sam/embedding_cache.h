// Image embeddings kept in files, so that a second look at the same pictures needs no encoder. No libtorch in
// this header.
#pragma once

#include "landseam/core/image.h"
#include "landseam/sam/model.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace landseam::sam {

class SamPredictor;

// XXH3, 128 bits, canonical byte order.
using Fingerprint = std::array<unsigned char, 16>;

// Of all that an embedding depends on but the picture: names, shapes and values of the tensors, architecture
// and kind of device, for a CPU and a GPU round differently. Reads every weight once.
Fingerprint fingerprint(const Sam& model);

// A folder with one file a picture and model, each an embedding in fp16 [C, g, g] (2 MiB for published
// models). Names are hashes of the picture's size and values, the model's fingerprint and the format's
// version, so one folder serves any number of scenes, stretches and checkpoints.
//
// A file that is damaged, cut off or not one of these counts as missing and is replaced. Files appear whole
// or not at all. All members may be called from several threads, and one folder may be used by several
// processes, at once.
class EmbeddingCache {
public:
    // Makes the folder where it is missing. `warn` hears about it once if embeddings cannot be stored; the
    // work goes on without. Throws Error where the folder cannot be made or written to.
    EmbeddingCache(std::string folder, const Fingerprint& model,
                   std::function<void(const std::string&)> warn = {});

    // As predictor.set_image(rgb), with the encoder run only where the embedding is not there yet. `encode`,
    // where given, is called in place of predictor.set_image(rgb). The embedding is rounded to fp16 both
    // ways, so that what follows does not depend on where it came from; one with values beyond fp16's range
    // is neither rounded nor stored.
    void set_image(SamPredictor& predictor, const ImageU8& rgb, const std::function<void()>& encode = {});

    // Gives the predictor the stored embedding of the picture; false if there is none.
    bool load(SamPredictor& predictor, const ImageU8& rgb) const;
    // Rounds the embedding of `rgb` that the predictor holds, and stores it.
    void store(SamPredictor& predictor, const ImageU8& rgb);

    std::int64_t hits() const { return hits_; }      // calls of set_image served from the folder
    std::int64_t misses() const { return misses_; }  // those that ran the encoder

private:
    Fingerprint key(const ImageU8& rgb) const;
    std::string path(const Fingerprint& key) const;

    std::string folder_;
    Fingerprint model_;
    std::function<void(const std::string&)> warn_;
    std::atomic<bool> warned_{false};
    std::atomic<std::int64_t> hits_{0}, misses_{0};
};

}  // namespace landseam::sam
