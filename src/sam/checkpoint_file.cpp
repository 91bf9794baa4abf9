#include "landseam/sam/checkpoint_file.h"

#include "landseam/core/error.h"

#include "sam/byte_source.h"
#include "sam/little_endian.h"
#include "sam/safetensors.h"
#include "sam/tensor_layout.h"
#include "sam/torch_archive.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <string_view>

namespace landseam::sam {

struct CheckpointFile::State {
    std::shared_ptr<const ByteSource> source;
    std::vector<TensorEntry> tensors;
    std::vector<std::size_t> by_name;  // indices of `tensors`
    std::map<std::string, std::string> metadata;
    std::vector<ZipRecord> storages;  // by position in the file; empty where there are no checksums
    std::unique_ptr<std::atomic<bool>[]> verified;  // for each storage

    static std::shared_ptr<const State> make(std::shared_ptr<const ByteSource> source);
    void index_names();
    void check_layouts() const;
    void verify_storage(const TensorEntry& entry) const;
    std::uint64_t most_bytes() const { return 4 * source->size() + (std::uint64_t{16} << 20); }
};

namespace {

const char* const save_again = "save the weights with torch.save(model.state_dict(), path) or as safetensors";

bool begins_with(const std::vector<unsigned char>& start, std::string_view text) {
    return start.size() >= text.size() &&
           std::equal(text.begin(), text.end(), start.begin(),
                      [](char a, unsigned char b) { return static_cast<unsigned char>(a) == b; });
}

// Says what the file is instead of weights, for the things that are commonly taken for them.
[[noreturn]] void refuse_unknown(const std::string& file, const std::vector<unsigned char>& start) {
    if (start.empty()) throw Error(file, "is empty", "download it again");
    if (start[0] == 0x80)
        throw Error(file, "is in the pickle format of PyTorch before 1.6",
                    "save it again with a newer PyTorch: torch.save(torch.load(path), path)");
    if (begins_with(start, "version https://git-lfs"))
        throw Error(file, "is a Git LFS pointer, not the weights", "fetch them with git lfs pull");
    if (begins_with(start, "<"))
        throw Error(file, "is a web page, not the weights", "download the file behind the link");
    if (begins_with(start, "{"))
        throw Error(file, "is JSON, perhaps the index of weights in several files",
                    "join them into one file first");
    if (begins_with(start, "\x1f\x8b")) throw Error(file, "is compressed with gzip", "unpack it first");
    throw Error(file, "is neither a PyTorch weights file nor safetensors", save_again);
}

// "model-00001-of-00003.safetensors": the other tensors are in other files.
bool is_one_of_several(const std::string& path) {
    const std::string name = path.substr(path.find_last_of('/') + 1);
    const std::string stem = name.substr(0, name.find_last_of('.'));
    const std::size_t of = stem.rfind("-of-");
    if (of == std::string::npos || of + 4 == stem.size()) return false;
    const auto digits = [](const std::string& text) {
        return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    };
    const std::string count = stem.substr(of + 4);
    const std::size_t dash = of == 0 ? std::string::npos : stem.find_last_of('-', of - 1);
    return dash != std::string::npos && digits(stem.substr(dash + 1, of - dash - 1)) && digits(count) &&
           count.find_first_not_of('0') != std::string::npos &&
           count.substr(count.find_first_not_of('0')) != "1";
}

void strip_common_prefixes(std::vector<TensorEntry>& tensors) {
    constexpr std::string_view prefixes[] = {"module.", "_orig_mod.", "model."};
    const auto strip = [&](std::string_view prefix) {
        const bool common = std::all_of(tensors.begin(), tensors.end(), [&](const TensorEntry& entry) {
            return entry.name.size() > prefix.size() && entry.name.compare(0, prefix.size(), prefix) == 0;
        });
        if (common && !tensors.empty())
            for (TensorEntry& entry : tensors) entry.name.erase(0, prefix.size());
        return common && !tensors.empty();
    };
    constexpr int most_wrappers = 4;  // each may stand once in the others
    for (int i = 0; i < most_wrappers; ++i)
        if (std::none_of(std::begin(prefixes), std::end(prefixes), strip)) return;
}

}  // namespace

std::shared_ptr<const CheckpointFile::State> CheckpointFile::State::make(
    std::shared_ptr<const ByteSource> source) {
    const std::string& file = source->name();
    if (is_one_of_several(file))
        throw Error(file, "is one of several files that hold the weights together",
                    "join them into one file first");
    auto state = std::make_shared<State>();
    const auto start = source->read(0, static_cast<std::size_t>(std::min<std::uint64_t>(source->size(), 32)));
    if (looks_like_safetensors(*source)) {
        SafetensorsHeader header = read_safetensors(*source);
        state->tensors = std::move(header.tensors);
        state->metadata = std::move(header.metadata);
    } else if (begins_with(start, "PK")) {
        TorchArchive archive = read_torch_archive(*source);
        state->tensors = std::move(archive.tensors);
        state->storages = std::move(archive.storages);
        state->verified = std::make_unique<std::atomic<bool>[]>(state->storages.size());
    } else {
        refuse_unknown(file, start);
    }
    state->source = std::move(source);
    if (state->tensors.empty()) throw Error(state->source->name(), "holds no tensors", save_again);
    state->check_layouts();
    strip_common_prefixes(state->tensors);
    state->index_names();
    return state;
}

void CheckpointFile::State::check_layouts() const {
    std::uint64_t total = 0;
    for (const TensorEntry& entry : tensors) {
        const std::string fault = layout_fault(entry);
        if (!fault.empty())
            throw Error(source->name(), "its tensor '" + printable(entry.name) + "' " + fault,
                        "the file is damaged: download it again");
        const std::uint64_t bytes = std::max<std::uint64_t>(entry.byte_count(), span_bytes(entry));
        if (bytes > most_bytes() - total)
            throw Error(source->name(), "its tensors repeat the same bytes many times over",
                        "save them with values of their own: {k: v.clone() for k, v in state_dict.items()}");
        total += bytes;
    }
}

void CheckpointFile::State::index_names() {
    by_name.resize(tensors.size());
    std::iota(by_name.begin(), by_name.end(), std::size_t{0});
    std::sort(by_name.begin(), by_name.end(),
              [&](std::size_t a, std::size_t b) { return tensors[a].name < tensors[b].name; });
    for (std::size_t i = 0; i < by_name.size(); ++i) {
        const std::string& key = tensors[by_name[i]].name;
        if (key.empty() || key.find('\0') != std::string::npos)
            throw Error(source->name(), "has a tensor whose name is empty or contains NUL", save_again);
        if (i > 0 && key == tensors[by_name[i - 1]].name)
            throw Error(source->name(), "has the tensor '" + printable(key) + "' twice", save_again);
    }
}

// Each storage is looked through once, when the first of its tensors is read.
void CheckpointFile::State::verify_storage(const TensorEntry& entry) const {
    const auto record =
        std::lower_bound(storages.begin(), storages.end(), entry.storage_begin,
                         [](const ZipRecord& r, std::uint64_t begin) { return r.begin < begin; });
    if (record == storages.end() || record->begin != entry.storage_begin) return;
    std::atomic<bool>& done = verified[static_cast<std::size_t>(record - storages.begin())];
    if (done) return;
    verify_checksum(*source, *record);
    done = true;
}

CheckpointFile CheckpointFile::open(const std::string& path) {
    return CheckpointFile(State::make(ByteSource::file(path)));
}

CheckpointFile CheckpointFile::from_memory(const void* data, std::size_t size, const std::string& name) {
    return CheckpointFile(State::make(ByteSource::memory(data, size, name)));
}

const std::string& CheckpointFile::name() const {
    return state_->source->name();
}

const std::vector<TensorEntry>& CheckpointFile::tensors() const {
    return state_->tensors;
}

const TensorEntry* CheckpointFile::find(const std::string& key) const {
    const auto& by_name = state_->by_name;
    const auto it =
        std::lower_bound(by_name.begin(), by_name.end(), key,
                         [&](std::size_t i, const std::string& k) { return state_->tensors[i].name < k; });
    return it != by_name.end() && state_->tensors[*it].name == key ? &state_->tensors[*it] : nullptr;
}

std::vector<std::byte> CheckpointFile::read(const TensorEntry& entry) const {
    // Also for entries that a caller made or changed.
    if (!layout_fault(entry).empty() || !state_->source->contains(entry.storage_begin, entry.storage_size) ||
        entry.byte_count() > state_->most_bytes())
        throw Error(name(), "the tensor '" + printable(entry.name) + "' is not one of this file");
    state_->verify_storage(entry);
    return read_values(*state_->source, entry);
}

const std::map<std::string, std::string>& CheckpointFile::metadata() const {
    return state_->metadata;
}

}  // namespace landseam::sam
