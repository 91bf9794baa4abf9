#include "sam/torch_archive.h"

#include "landseam/core/error.h"

#include "sam/pickle_reader.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace landseam::sam {
namespace {

using Kind = PickleKind;

const char* const save_weights_alone = "save the weights alone with torch.save(model.state_dict(), path)";
const char* const damaged = "the file is damaged: download it again, or save it again with torch.save";

// Keys under which training code puts the model, the likelier first.
constexpr std::array<std::string_view, 9> wrapper_keys = {"model",  "state_dict", "model_state_dict",
                                                          "ema",    "model_ema",  "ema_state_dict",
                                                          "module", "net",        "network"};

// Finds the dictionary that is the model; the rule stands at CheckpointFile. Every dictionary is looked at
// once, however often others refer to it.
class ModelFinder {
public:
    ModelFinder(const Pickle& pickle, const std::string& file)
        : pickle_(pickle),
          file_(file),
          seen_(pickle.container_count(), false),
          found_(pickle.container_count()) {}

    PickleValue find() {
        const PickleValue root = pickle_.root();
        if (root.kind != Kind::dict)
            throw Error(file_, "does not hold a dictionary of tensors", save_weights_alone);
        if (const auto model = model_in(root, 0)) return *model;
        return only_child(root);
    }

private:
    bool has_tensors(PickleValue dict) const {
        const std::vector<PickleValue>& items = pickle_.items(dict);
        for (std::size_t i = 1; i < items.size(); i += 2)
            if (items[i].kind == Kind::tensor) return true;
        return false;
    }

    std::optional<PickleValue> model_in(PickleValue dict, int depth) {
        constexpr int deepest = 8;
        const auto id = static_cast<std::size_t>(dict.number);
        if (seen_[id] || depth > deepest) return found_[id];
        seen_[id] = true;

        std::array<std::optional<PickleValue>, wrapper_keys.size()> wrapped;
        const std::vector<PickleValue>& items = pickle_.items(dict);
        for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
            const auto key = std::find(wrapper_keys.begin(), wrapper_keys.end(), pickle_.text(items[i]));
            if (key != wrapper_keys.end() && items[i + 1].kind == Kind::dict)
                wrapped[static_cast<std::size_t>(key - wrapper_keys.begin())] = items[i + 1];
        }
        for (const auto& child : wrapped)
            if (child && (found_[id] = model_in(*child, depth + 1))) return found_[id];
        if (has_tensors(dict)) found_[id] = dict;
        return found_[id];
    }

    PickleValue only_child(PickleValue root) const {
        std::optional<PickleValue> child;
        std::string keys;
        std::vector<bool> counted(pickle_.container_count(), false);
        const std::vector<PickleValue>& items = pickle_.items(root);
        for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
            if (keys.size() < 100) keys += " '" + printable(std::string(pickle_.text(items[i]))) + "'";
            if (items[i + 1].kind != Kind::dict) continue;
            const auto id = static_cast<std::size_t>(items[i + 1].number);
            if (counted[id]) continue;
            counted[id] = true;
            if (!has_tensors(items[i + 1])) continue;
            if (child)
                throw Error(file_, "holds several dictionaries of tensors among" + keys, save_weights_alone);
            child = items[i + 1];
        }
        if (!child)
            throw Error(file_,
                        keys.empty() ? "holds no tensors" : "holds no dictionary of tensors, only" + keys,
                        save_weights_alone);
        return *child;
    }

    const Pickle& pickle_;
    const std::string& file_;
    std::vector<bool> seen_;
    std::vector<std::optional<PickleValue>> found_;
};

std::optional<DType> storage_dtype(std::string_view storage_class) {
    constexpr std::pair<std::string_view, DType> classes[] = {
        {"FloatStorage", DType::f32},   {"HalfStorage", DType::f16}, {"BFloat16Storage", DType::bf16},
        {"DoubleStorage", DType::f64},  {"ByteStorage", DType::u8},  {"CharStorage", DType::i8},
        {"ShortStorage", DType::i16},   {"IntStorage", DType::i32},  {"LongStorage", DType::i64},
        {"BoolStorage", DType::boolean}};
    for (const auto& [name, dtype] : classes)
        if (name == storage_class) return dtype;
    return std::nullopt;
}

// Turns the model's dictionary into tensor entries.
class EntryReader {
public:
    EntryReader(const Pickle& pickle, const ZipArchive& archive, const std::string& folder,
                const std::string& file)
        : pickle_(pickle), archive_(archive), folder_(folder), file_(file) {}

    TorchArchive read(PickleValue model) {
        TorchArchive result;
        const std::vector<PickleValue>& items = pickle_.items(model);
        for (std::size_t i = 0; i + 1 < items.size(); i += 2)
            if (items[i + 1].kind == Kind::tensor) result.tensors.push_back(entry(items[i], items[i + 1]));
        for (const auto& [begin, record] : used_) result.storages.push_back(*record);
        return result;
    }

private:
    [[noreturn]] void fail(const std::string& name, const std::string& cause) const {
        throw Error(file_, "its tensor '" + printable(name) + "' " + cause, damaged);
    }

    TensorEntry entry(PickleValue key, PickleValue tensor) {
        const std::string_view text = pickle_.text(key);
        constexpr std::size_t longest_name = 1024;
        if (key.kind != Kind::string || text.size() > longest_name)
            throw Error(file_, "has a tensor whose key is no name", save_weights_alone);
        TensorEntry result;
        result.name = std::string(text);

        const std::vector<PickleValue>& arguments = pickle_.items(tensor);
        if (arguments.size() < 4 || arguments[0].kind != Kind::storage ||
            arguments[1].kind != Kind::integer || arguments[1].number < 0)
            fail(result.name, "is not described as torch.save does");
        read_storage(pickle_.items(arguments[0]), result);
        result.first_element = static_cast<std::uint64_t>(arguments[1].number);
        result.shape = integers(arguments[2], result.name);
        result.strides = integers(arguments[3], result.name);
        return result;
    }

    // id: ("storage", class, key, location such as "cuda:0", element count). The location is of no concern.
    void read_storage(const std::vector<PickleValue>& id, TensorEntry& result) {
        if (id.size() < 5 || pickle_.text(id[0]) != "storage" || id[1].kind != Kind::storage_class ||
            id[2].kind != Kind::string || id[4].kind != Kind::integer || id[4].number < 0)
            fail(result.name, "has a storage that is not described as torch.save does");
        const std::string_view storage_class = pickle_.text(id[1]);
        const auto dtype = storage_dtype(storage_class);
        if (!dtype)
            throw Error(file_,
                        "its tensor '" + printable(result.name) +
                            "' has elements of an unsupported type (torch." +
                            printable(std::string(storage_class)) + ")",
                        "convert it to float32 and save it again");
        result.dtype = *dtype;

        const std::string record_name = folder_ + "data/" + std::string(pickle_.text(id[2]).substr(0, 1024));
        const ZipRecord* record = archive_.find(record_name);
        if (!record)
            fail(result.name,
                 "has its values in the record '" + printable(record_name) + "', which is missing");
        const auto count = static_cast<std::uint64_t>(id[4].number);
        if (count > record->size / element_size(*dtype))
            fail(result.name, "has " + std::to_string(count) +
                                  " elements in its storage, but the file holds " +
                                  std::to_string(record->size) + " bytes of them");
        result.storage_begin = record->begin;
        result.storage_size = count * element_size(*dtype);
        used_[record->begin] = record;
    }

    std::vector<std::int64_t> integers(PickleValue value, const std::string& name) const {
        const std::vector<PickleValue>& items = pickle_.items(value);
        if (value.kind != Kind::tuple || items.size() > most_items) fail(name, "has a shape that is none");
        std::vector<std::int64_t> result;
        for (const PickleValue& item : items) {
            if (item.kind != Kind::integer) fail(name, "has a shape that is none");
            result.push_back(item.number);
        }
        return result;
    }

    static constexpr std::size_t most_items = 64;

    const Pickle& pickle_;
    const ZipArchive& archive_;
    const std::string& folder_;
    const std::string& file_;
    std::map<std::uint64_t, const ZipRecord*> used_;
};

// The folder in the archive, with its slash; torch.save makes just one, named after the file or "archive".
std::string find_folder(const ZipArchive& archive, const std::string& file) {
    constexpr std::string_view pickle_name = "/data.pkl";
    std::string folder;
    for (const ZipRecord& record : archive.records()) {
        const std::size_t slash = record.name.find('/');
        if (slash == std::string::npos || record.name.compare(slash, std::string::npos, pickle_name) != 0)
            continue;
        if (!folder.empty())
            throw Error(file, "is a zip archive of several saved files", "unpack it and name one of them");
        folder = record.name.substr(0, slash + 1);
    }
    if (folder.empty())
        throw Error(file, "is a zip archive, but not one that torch.save wrote (it has no data.pkl)",
                    "name the weights file itself; if it lies in the archive, unpack it");
    for (const ZipRecord& record : archive.records())
        if (record.name == folder + "constants.pkl" || record.name.rfind(folder + "code/", 0) == 0)
            throw Error(file, "is a TorchScript archive, which is a program with its weights",
                        "save the weights alone: torch.save(torch.jit.load(path).state_dict(), new_path)");
    for (const ZipRecord& record : archive.records())
        if (!record.stored)
            throw Error(file, "has a compressed or encrypted record '" + printable(record.name) + "'",
                        "save it again with torch.save(torch.load(path), path), which does neither");
    return folder;
}

void check_byte_order(const ByteSource& source, const ZipArchive& archive, const std::string& folder) {
    const ZipRecord* record = archive.find(folder + "byteorder");
    if (!record) return;  // from PyTorch 2.1 on
    const std::vector<unsigned char> text =
        source.read(record->begin, std::min<std::uint64_t>(record->size, 16));
    if (std::string(text.begin(), text.end()) != "little")
        throw Error(source.name(), "was not saved in little-endian byte order",
                    "load it and save it again with torch.save on a common (little-endian) machine");
}

}  // namespace

TorchArchive read_torch_archive(const ByteSource& source) {
    const ZipArchive archive = ZipArchive::read(source);
    const std::string folder = find_folder(archive, source.name());
    check_byte_order(source, archive, folder);
    const ZipRecord& record = *archive.find(folder + "data.pkl");
    if (record.size > Pickle::largest_pickle)
        throw Error(source.name(),
                    "its pickle has " + std::to_string(record.size) + " bytes, more than any model needs",
                    save_weights_alone);
    verify_checksum(source, record);
    const Pickle pickle =
        Pickle::parse(source.read(record.begin, static_cast<std::size_t>(record.size)), source.name());
    const PickleValue model = ModelFinder(pickle, source.name()).find();
    return EntryReader(pickle, archive, folder, source.name()).read(model);
}

}  // namespace landseam::sam
