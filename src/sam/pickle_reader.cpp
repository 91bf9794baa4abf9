#include "sam/pickle_reader.h"

#include "landseam/core/error.h"

#include "sam/byte_source.h"
#include "sam/little_endian.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace landseam::sam {
namespace {

// What a name in a pickle means to us. Anything that is not in the tables below is refused.
enum class Callable : std::uint8_t { ordered_dict, rebuild_tensor, rebuild_parameter, inert };

struct KnownName {
    std::string_view module;
    std::string_view name;
    Callable callable;
};

// The inert ones stand in training checkpoints beside the weights; calling them in Python makes a plain
// value, and here they make one that nobody looks at.
constexpr KnownName known_names[] = {
    {"collections", "OrderedDict", Callable::ordered_dict},
    {"torch._utils", "_rebuild_tensor_v2", Callable::rebuild_tensor},
    {"torch._utils", "_rebuild_parameter", Callable::rebuild_parameter},
    {"torch._utils", "_rebuild_parameter_with_state", Callable::rebuild_parameter},
    {"torch", "Size", Callable::inert},
    {"torch", "device", Callable::inert},
    {"torch", "float16", Callable::inert},
    {"torch", "bfloat16", Callable::inert},
    {"torch", "float32", Callable::inert},
    {"torch", "float64", Callable::inert},
    {"argparse", "Namespace", Callable::inert},
    {"collections", "Counter", Callable::inert},
    {"__builtin__", "set", Callable::inert},
    {"builtins", "set", Callable::inert},
    {"pathlib", "PosixPath", Callable::inert},
    {"pathlib", "WindowsPath", Callable::inert},
    {"_codecs", "encode", Callable::inert},
    {"numpy", "dtype", Callable::inert},
    {"numpy", "ndarray", Callable::inert},
    {"numpy.core.multiarray", "scalar", Callable::inert},
    {"numpy.core.multiarray", "_reconstruct", Callable::inert},
    {"numpy._core.multiarray", "scalar", Callable::inert},
    {"numpy._core.multiarray", "_reconstruct", Callable::inert},
};

bool is_storage_class(std::string_view module, std::string_view name) {
    constexpr std::string_view ending = "Storage";
    const bool torch = module == "torch" || module == "torch.cuda" || module == "torch.storage";
    return torch && name.size() >= ending.size() && name.substr(name.size() - ending.size()) == ending &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

}  // namespace

// Python's unpickler as far as the tables above let it go: a stack of values, marks on it, and a memo.
class PickleMachine {
public:
    PickleMachine(Pickle& pickle, const std::string& file)
        : pickle_(pickle), bytes_(pickle.bytes_), file_(file) {}

    void run() {
        while (true) {
            const unsigned char opcode = *take(1);
            if (opcode == '.') break;
            if (!plain_value(opcode) && !container(opcode) && !memo(opcode) && !object(opcode))
                fail(opcode_text(opcode) + " is not known");
        }
        pickle_.root_ = pop();
    }

private:
    using Kind = PickleKind;
    using Value = PickleValue;

    [[noreturn]] void fail(const std::string& cause) const {
        throw Error(file_, "its pickle cannot be read (" + cause + " at byte " + std::to_string(at_) + ")",
                    "the file is damaged: download it again, or save it again with "
                    "torch.save(model.state_dict(), path)");
    }

    [[noreturn]] void refuse(const std::string& what) const {
        throw Error(
            file_, "loading it would run code: " + what,
            "save the weights alone, with torch.save(model.state_dict(), path), if you trust the file");
    }

    static std::string opcode_text(unsigned char opcode) {
        constexpr char digits[] = "0123456789abcdef";
        return std::string("opcode 0x") + digits[opcode >> 4] + digits[opcode & 15];
    }

    // --- bytes

    const unsigned char* take(std::uint64_t count) {
        if (count > bytes_.size() - at_) fail("it ends too early");
        const unsigned char* p = bytes_.data() + at_;
        at_ += static_cast<std::size_t>(count);
        return p;
    }

    std::uint8_t take_u8() { return *take(1); }
    std::uint32_t take_u32() { return get_u32(take(4)); }

    std::string_view take_line() {
        const unsigned char* begin = bytes_.data() + at_;
        const void* end = at_ < bytes_.size() ? std::memchr(begin, '\n', bytes_.size() - at_) : nullptr;
        if (!end) fail("it ends too early");
        const auto length = static_cast<std::size_t>(static_cast<const unsigned char*>(end) - begin);
        return {reinterpret_cast<const char*>(take(length + 1)), length};
    }

    std::string_view text(Value value) const { return pickle_.text(value); }

    // --- the stack

    void push(Value value) { stack_.push_back(value); }
    void push(Kind kind, std::int64_t number = 0) { push(Value{kind, 0, 0, number}); }

    void push_text(Kind kind, std::string_view text, std::uint8_t detail = 0) {
        const auto position = reinterpret_cast<const unsigned char*>(text.data()) - bytes_.data();
        push(Value{kind, detail, static_cast<std::uint32_t>(text.size()), position});
    }

    void push_text(std::uint64_t length) {
        const auto* p = reinterpret_cast<const char*>(take(length));
        push_text(Kind::string, {p, static_cast<std::size_t>(length)});
    }

    void push_container(Kind kind, std::vector<Value> items) {
        if (pickle_.containers_.size() >= Pickle::most_containers) fail("too many values");
        pickle_.containers_.push_back(std::move(items));
        push(kind, static_cast<std::int64_t>(pickle_.containers_.size()) - 1);
    }

    std::size_t depth() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }

    Value pop() {
        if (depth() == 0) fail("a value is missing");
        const Value value = stack_.back();
        stack_.pop_back();
        return value;
    }

    Value& top() {
        if (depth() == 0) fail("a value is missing");
        return stack_.back();
    }

    std::vector<Value> pop_many(std::size_t count) {
        if (depth() < count) fail("a value is missing");
        std::vector<Value> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
        stack_.resize(stack_.size() - count);
        return items;
    }

    std::vector<Value> pop_to_mark() {
        if (marks_.empty()) fail("a mark is missing");
        std::vector<Value> items = pop_many(depth());
        marks_.pop_back();
        return items;
    }

    // --- opcodes; each function says whether the opcode was one of its own. Not formatted by the tool, so
    // that they read like pickletools' table.

    // clang-format off
    bool plain_value(unsigned char opcode) {
        switch (opcode) {
            case 0x80: take(1); return true;                                // PROTO
            case 0x95: take(8); return true;                                // FRAME
            case 'N': push(Kind::none); return true;                        // NONE
            case 0x88: push(Kind::boolean, 1); return true;                 // NEWTRUE
            case 0x89: push(Kind::boolean, 0); return true;                 // NEWFALSE
            case 'J': push(Kind::integer, static_cast<std::int32_t>(take_u32())); return true;  // BININT
            case 'K': push(Kind::integer, take_u8()); return true;          // BININT1
            case 'M': push(Kind::integer, get_u16(take(2))); return true;   // BININT2
            case 'G': take(8); push(Kind::real); return true;               // BINFLOAT; never needed
            case 0x8a: push_long(take_u8()); return true;                   // LONG1
            case 0x8b: push_long(take_u32()); return true;                  // LONG4
            case 'U': case 'C': case 0x8c: push_text(take_u8()); return true;     // SHORT_BIN*
            case 'T': case 'B': case 'X': push_text(take_u32()); return true;    // BIN*
            default: return false;
        }
    }
    // clang-format on

    // Two's complement, little-endian, any length; those beyond 64 bits (seeds) are of no interest.
    void push_long(std::uint32_t length) {
        const unsigned char* p = take(length);
        if (length > 8) return push(Kind::opaque);
        std::uint64_t number = length > 0 && p[length - 1] & 0x80 ? ~std::uint64_t{0} : 0;
        for (std::uint32_t i = length; i-- > 0;) number = number << 8 | p[i];
        push(Kind::integer, static_cast<std::int64_t>(number));
    }

    // clang-format off
    bool container(unsigned char opcode) {
        switch (opcode) {
            case '(': marks_.push_back(stack_.size()); return true;                // MARK
            case ')': push_container(Kind::tuple, {}); return true;                // EMPTY_TUPLE
            case 't': push_container(Kind::tuple, pop_to_mark()); return true;     // TUPLE
            case 0x85: push_container(Kind::tuple, pop_many(1)); return true;      // TUPLE1
            case 0x86: push_container(Kind::tuple, pop_many(2)); return true;      // TUPLE2
            case 0x87: push_container(Kind::tuple, pop_many(3)); return true;      // TUPLE3
            case ']': push_container(Kind::list, {}); return true;                 // EMPTY_LIST
            case '}': push_container(Kind::dict, {}); return true;                 // EMPTY_DICT
            case 'a': append(Kind::list, pop_many(1)); return true;                // APPEND
            case 'e': append(Kind::list, pop_to_mark()); return true;              // APPENDS
            case 's': append(Kind::dict, pop_many(2)); return true;                // SETITEM
            case 'u': append(Kind::dict, pop_to_mark()); return true;              // SETITEMS
            default: return false;
        }
    }
    // clang-format on

    void append(Kind kind, const std::vector<Value>& added) {
        const Value target = top();
        if (target.kind == Kind::opaque) return;
        if (target.kind != kind) fail("items are added to a value that has none");
        if (kind == Kind::dict && added.size() % 2 != 0) fail("a key without value");
        std::vector<Value>& items = pickle_.containers_[static_cast<std::size_t>(target.number)];
        items.insert(items.end(), added.begin(), added.end());
    }

    // clang-format off
    bool memo(unsigned char opcode) {
        switch (opcode) {
            case 'h': recall(take_u8()); return true;             // BINGET
            case 'j': recall(take_u32()); return true;            // LONG_BINGET
            case 'q': memorize(take_u8()); return true;           // BINPUT
            case 'r': memorize(take_u32()); return true;          // LONG_BINPUT
            case 0x94: memorize(memo_.size()); return true;       // MEMOIZE
            default: return false;
        }
    }
    // clang-format on

    void memorize(std::size_t slot) {
        // Python counts slots up, so there are fewer of them than bytes.
        if (slot >= bytes_.size()) fail("a memo slot out of range");
        if (slot >= memo_.size()) memo_.resize(slot + 1, unset);
        memo_[slot] = top();
    }

    void recall(std::size_t slot) {
        if (slot >= memo_.size() || memo_[slot].detail == unset.detail) fail("an empty memo slot");
        push(memo_[slot]);
    }

    // clang-format off
    bool object(unsigned char opcode) {
        switch (opcode) {
            case 'c': {  // GLOBAL
                const std::string_view module = take_line();
                push_name(module, take_line());
                return true;
            }
            case 0x93: {  // STACK_GLOBAL
                const Value name = pop();
                const Value module = pop();
                if (name.kind != Kind::string || module.kind != Kind::string) fail("a name that is no text");
                push_name(text(module), text(name));
                return true;
            }
            case 'Q': {  // BINPERSID
                const Value id = pop();
                if (id.kind != Kind::tuple) fail("a storage without description");
                push(Kind::storage, id.number);
                return true;
            }
            case 'R': reduce(); return true;        // REDUCE
            case 0x81: new_object(); return true;   // NEWOBJ
            case 'b': build(); return true;         // BUILD
            case 'i': {                             // INST
                const std::string_view module = take_line();
                refuse(printable(std::string(module) + "." + std::string(take_line())));
            }
            case 'o': case 0x92: case 0x82: case 0x83: case 0x84:  // OBJ, NEWOBJ_EX, EXT1, EXT2, EXT4
                refuse(opcode_text(opcode));
            default: return false;
        }
    }
    // clang-format on

    void push_name(std::string_view module, std::string_view name) {
        for (const KnownName& known : known_names)
            if (known.module == module && known.name == name)
                return push_text(Kind::callable, name, static_cast<std::uint8_t>(known.callable));
        if (is_storage_class(module, name)) return push_text(Kind::storage_class, name);
        refuse(printable(std::string(module) + "." + std::string(name)));
    }

    Value pop_callable() {
        const Value value = pop();
        if (value.kind == Kind::storage_class) refuse("torch." + printable(std::string(text(value))));
        if (value.kind != Kind::callable) fail("a call of a value that is no function");
        return value;
    }

    void reduce() {
        const Value arguments = pop();
        if (arguments.kind != Kind::tuple) fail("a call without arguments");
        const std::vector<Value>& items = pickle_.items(arguments);
        switch (static_cast<Callable>(pop_callable().detail)) {
            case Callable::ordered_dict:
                if (!items.empty()) fail("an OrderedDict made from a list");
                return push_container(Kind::dict, {});
            case Callable::rebuild_tensor:
                return push(Kind::tensor, arguments.number);
            case Callable::rebuild_parameter:
                if (items.empty() || items[0].kind != Kind::tensor) fail("a parameter without tensor");
                return push(items[0]);
            case Callable::inert:
                return push(Kind::opaque);
        }
    }

    void new_object() {
        pop();  // the arguments
        if (static_cast<Callable>(pop_callable().detail) != Callable::inert) fail("an object of a function");
        push(Kind::opaque);
    }

    // Sets attributes (OrderedDict's _metadata, a namespace's members), none of which matters here.
    void build() {
        pop();
        const Kind kind = top().kind;
        if (kind != Kind::dict && kind != Kind::opaque && kind != Kind::tensor)
            fail("attributes of a plain value");
    }

    static constexpr Value unset{Kind::none, 0xff, 0, 0};  // no other value has this detail

    Pickle& pickle_;
    const std::vector<unsigned char>& bytes_;
    const std::string& file_;
    std::size_t at_ = 0;
    std::vector<Value> stack_;
    std::vector<std::size_t> marks_;  // sizes of the stack
    std::vector<Value> memo_;
};

Pickle Pickle::parse(std::vector<unsigned char> bytes, const std::string& file) {
    if (bytes.size() > largest_pickle)
        throw Error(file,
                    "its pickle has " + std::to_string(bytes.size()) + " bytes, more than any model needs",
                    "save the weights alone with torch.save(model.state_dict(), path)");
    Pickle pickle;
    pickle.bytes_ = std::move(bytes);
    PickleMachine(pickle, file).run();
    return pickle;
}

const std::vector<PickleValue>& Pickle::items(PickleValue value) const {
    static const std::vector<PickleValue> none;
    switch (value.kind) {
        case PickleKind::tuple:
        case PickleKind::list:
        case PickleKind::dict:
        case PickleKind::tensor:
        case PickleKind::storage:
            return containers_[static_cast<std::size_t>(value.number)];
        default:
            return none;
    }
}

std::string_view Pickle::text(PickleValue value) const {
    if (value.kind != PickleKind::string && value.kind != PickleKind::storage_class) return {};
    return {reinterpret_cast<const char*>(bytes_.data()) + value.number, value.length};
}

}  // namespace landseam::sam
