#include "bands/channel_expression.h"

#include "landseam/core/error.h"

#include "bands/names.h"

#include <array>

namespace landseam::bands {
namespace {

struct Index {
    const char* name;
    const char* first;
    const char* second;
};

// Rouse et al. 1974 (NDVI), McFeeters 1996 (NDWI), Zha et al. 2003 (NDBI).
constexpr std::array<Index, 3> kIndices{
    {{"ndvi", "nir", "red"}, {"ndwi", "green", "nir"}, {"ndbi", "swir16", "nir"}}};

// The number behind "pca" or "pc", 0 where the text is no principal component.
int component_number(const std::string& lowered) {
    const std::size_t prefix = lowered.rfind("pca", 0) == 0 ? 3 : lowered.rfind("pc", 0) == 0 ? 2 : 0;
    const std::string digits = prefix == 0 ? std::string() : lowered.substr(prefix);
    return is_number(digits) && digits.size() <= 6 ? std::stoi(digits) : 0;
}

}  // namespace

std::vector<std::string> index_names() {
    std::vector<std::string> names;
    for (const Index& index : kIndices) names.emplace_back(index.name);
    return names;
}

ChannelExpression parse_channel_expression(const std::string& text,
                                           const std::function<bool(const std::string&)>& is_band) {
    ChannelExpression expression;
    expression.text = trimmed(text);
    const std::string lowered = lower_case(expression.text);
    if (lowered.empty())
        throw Error(text, "a channel is missing", "write three channels, as in nir,red,green",
                    ErrorKind::usage);
    expression.first = expression.text;
    if (is_number(lowered) || is_band(expression.text)) return expression;
    for (const Index& index : kIndices) {
        if (lowered != index.name) continue;
        expression.kind = Channel::Kind::normalized_difference;
        expression.first = index.first;
        expression.second = index.second;
        return expression;
    }
    if (const int component = component_number(lowered)) {
        expression.kind = Channel::Kind::principal_component;
        expression.first.clear();
        expression.component = component;
        return expression;
    }
    const std::size_t slash = expression.text.find('/');
    const std::size_t at = slash != std::string::npos ? slash : expression.text.find('-');
    if (at == std::string::npos) return expression;
    expression.kind = expression.text[at] == '/' ? Channel::Kind::ratio : Channel::Kind::difference;
    expression.first = trimmed(expression.text.substr(0, at));
    expression.second = trimmed(expression.text.substr(at + 1));
    if (expression.first.empty() || expression.second.empty())
        throw Error(expression.text, "a ratio or difference needs a band on either side", "as in vv/vh",
                    ErrorKind::usage);
    return expression;
}

}  // namespace landseam::bands
