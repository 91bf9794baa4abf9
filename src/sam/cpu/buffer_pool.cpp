#include "sam/cpu/buffer_pool.h"

#include <map>
#include <mutex>
#include <new>

namespace landseam::sam::cpu {

namespace {

constexpr std::align_val_t kAlignment{64};

struct Free {
    void operator()(float* values) const { ::operator delete(values, kAlignment); }
};
using Memory = std::unique_ptr<float, Free>;

}  // namespace

struct BufferPool::Shelf {
    std::mutex mutex;
    std::multimap<std::size_t, Memory> unused;  // by number of values
};

BufferPool::BufferPool() : shelf_(std::make_shared<Shelf>()) {}

Buffer BufferPool::take(std::size_t count) const {
    Memory memory;
    {
        const std::lock_guard<std::mutex> lock(shelf_->mutex);
        if (auto found = shelf_->unused.find(count); found != shelf_->unused.end()) {
            memory = std::move(found->second);
            shelf_->unused.erase(found);
        }
    }
    if (!memory) memory.reset(static_cast<float*>(::operator new(count * sizeof(float), kAlignment)));
    return {memory.release(), [shelf = shelf_, count](float* values) {
                Memory back(values);
                const std::lock_guard<std::mutex> lock(shelf->mutex);
                shelf->unused.emplace(count, std::move(back));
            }};
}

}  // namespace landseam::sam::cpu
