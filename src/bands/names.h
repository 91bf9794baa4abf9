// Names as people and files write them, made comparable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace landseam::bands {

std::string trimmed(std::string_view text);
std::string lower_case(std::string_view text);

// Lower-case letters and digits only: "Red-Edge 1" and "red_edge1" are the same name, "B04" and "band 4" are
// "b4". Only between two digits a '_' stays: "b1-2" is not "b12".
std::string squashed(std::string_view text);

// The runs of letters and digits, in lower case; "Band 4" is one word, "b4", as are "band04" and "B04".
std::vector<std::string> words(std::string_view text);

// "false-colour", "False Color" → "false-color".
std::string composite_name(std::string_view text);

bool is_number(std::string_view text);  // digits only, at least one

// "a, b and c"; "" for an empty list.
std::string joined(const std::vector<std::string>& parts, const char* last = "and");

// Those of `known` that a typing error could have turned into `name`, nearest first (Levenshtein distance at
// most a third of the name's length, at least 1), or that begin with it.
std::vector<std::string> similar_names(const std::string& name, const std::vector<std::string>& known);

}  // namespace landseam::bands
