// XXH3 of 128 bits over several pieces of data.
#pragma once

#include "landseam/sam/embedding_cache.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <string>

#include <xxhash.h>

namespace landseam::sam {

class Hash {
public:
    Hash() : state_(XXH3_createState()) {
        if (!state_) throw std::bad_alloc();
        XXH3_128bits_reset(state_.get());
    }

    Hash& add(const void* data, std::size_t size) {
        if (size > 0) XXH3_128bits_update(state_.get(), data, size);
        return *this;
    }
    Hash& add(std::int64_t number) { return add(&number, sizeof number); }
    // With its length, so that neighbouring texts cannot trade letters.
    Hash& add(const std::string& text) {
        return add(static_cast<std::int64_t>(text.size())).add(text.data(), text.size());
    }

    Fingerprint digest() const {
        XXH128_canonical_t canonical;
        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
        Fingerprint bytes;
        static_assert(sizeof bytes == sizeof canonical.digest);
        std::copy(std::begin(canonical.digest), std::end(canonical.digest), bytes.begin());
        return bytes;
    }

private:
    struct Free {
        void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
    };
    std::unique_ptr<XXH3_state_t, Free> state_;
};

}  // namespace landseam::sam
