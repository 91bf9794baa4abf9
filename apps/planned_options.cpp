#include "planned_options.h"

#include "landseam/core/error.h"

#include "segment_options.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace landseam::apps {
namespace {

// A plan is worked off in other folders, on other machines.
std::string anchored(const std::string& option, const std::string& value) {
    static const std::set<std::string> names_of_files{"--checkpoint", "--preset", "--stretch-from",
                                                      "--embeddings", "--classify"};
    std::error_code unknown;
    if (names_of_files.count(option) == 0) return value;
    const std::size_t colon = option == "--preset" ? value.rfind(':') : std::string::npos;
    const std::string path = value.substr(0, colon);
    if (!std::filesystem::exists(path, unknown) && option != "--embeddings") return value;
    return std::filesystem::absolute(path, unknown).string() +
           (colon == std::string::npos ? "" : value.substr(colon));
}

}  // namespace

std::vector<std::string> words_given(const CLI::App& command) {
    PlannedOptions unused;
    CLI::App segment;
    add_segment_options(segment, unused.segment);
    add_class_options(segment, unused.classes);
    std::vector<std::string> words;
    for (const CLI::Option* option : command.get_options()) {
        const std::string name = option->get_name();
        if (option->count() == 0 || name == "--help" || !segment.get_option_no_throw(name)) continue;
        if (option->get_items_expected_max() == 0) {  // a flag
            words.push_back(name);
            continue;
        }
        std::string together;
        for (const std::string& value : option->results()) {
            if (option->get_delimiter() == '\0')
                words.push_back(name + "=" + anchored(name, value));
            else
                together += (together.empty() ? "" : std::string(1, option->get_delimiter())) + value;
        }
        if (!together.empty()) words.push_back(name + "=" + together);
    }
    return words;
}

PlannedOptions parse_planned(const std::vector<std::string>& words) {
    PlannedOptions options;
    CLI::App segment;
    add_segment_options(segment, options.segment);
    add_class_options(segment, options.classes);
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 takes them
    try {
        segment.parse(reversed);
    } catch (const CLI::ParseError& error) {
        throw Error("plan.json",
                    std::string("holds arguments that this landseam does not know (") + error.what() + ")",
                    "use the landseam that planned, or plan again");
    }
    return options;
}

}  // namespace landseam::apps
