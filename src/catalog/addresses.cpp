#include "landseam/core/error.h"

#include "catalog/stac.h"

#include <cctype>
#include <filesystem>
#include <regex>
#include <vector>

namespace landseam::catalog {
namespace {

bool starts_with(const std::string& text, const std::string& start) {
    return text.rfind(start, 0) == 0;
}

[[noreturn]] void refuse(const std::string& link, const std::string& why) {
    throw Error(link.substr(0, 200), why);
}

// What "." and ".." must not climb over: "/vsicurl/https://host/", "/vsis3/bucket/", "/" or nothing.
std::string root_of(const std::string& address) {
    static const std::regex web("(/vsicurl/https?://[^/?#]*/).*"), store("(/vsi[a-z0-9_]+/[^/]*/).*");
    std::smatch parts;
    if (std::regex_match(address, parts, web) || std::regex_match(address, parts, store)) return parts[1];
    return starts_with(address, "/") ? "/" : "";
}

std::string tidy(const std::string& address) {
    const std::string root = root_of(address);
    const std::size_t query =
        starts_with(root, "/vsicurl/") ? address.find_first_of("?#") : std::string::npos;
    const std::string path =
        address.substr(root.size(), query == std::string::npos ? query : query - root.size());
    std::vector<std::string> names;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string name = path.substr(begin, end - begin);
        if (name == ".." && !names.empty() && names.back() != "..")
            names.pop_back();
        else if (name == ".." && root.empty())
            names.push_back(name);
        else if (!name.empty() && name != "." && name != "..")
            names.push_back(name);
        begin = end + 1;
    }
    std::string result = root;
    for (std::size_t i = 0; i < names.size(); ++i) result += (i > 0 ? "/" : "") + names[i];
    return query == std::string::npos ? result : result + address.substr(query);
}

std::string decoded(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = [&](std::size_t at) {
            return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at]));
        };
        if (text[i] == '%' && digit(i + 1) && digit(i + 2)) {
            result += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

// Links are URI references, where a space is %20.
std::string local_file(const std::string& path) {
    std::error_code unknown;
    if (path.find('%') == std::string::npos || std::filesystem::exists(path, unknown)) return path;
    const std::string plain = decoded(path);
    return plain.find('\0') == std::string::npos ? plain : path;
}

// Documents of other machines must not make this one open its own files, or GDAL's more daring file systems.
bool is_network_store(const std::string& path) {
    static const std::regex stores("/vsi(curl/https?:/|s3/|gs/|az/|adls/|oss/|swift/)[^?]*(\\?.*)?");
    return std::regex_match(path, stores) && path.find("/vsi", 1) == std::string::npos;
}

}  // namespace

std::string resolve_address(const std::string& link, const std::string& address) {
    constexpr std::size_t longest = 8000;
    if (link.empty()) refuse(link, "an asset or a link has no href");
    if (link.size() > longest) refuse(link, "is too long for an address");
    for (const char c : link)
        if (static_cast<unsigned char>(c) < 32 || c == '<' || c == '>') refuse(link, "is no address");
    const bool from_elsewhere = raster::is_remote_path(address);
    static const std::regex scheme("([A-Za-z][A-Za-z0-9+.-]*)://.*"), prefix("[A-Za-z0-9_]+:.*");
    std::string target = raster::access_path(link);
    if (target == link && std::regex_match(link, scheme))
        refuse(link, "is reached by a protocol that is not followed");
    if (target == link && std::regex_match(link, prefix)) refuse(link, "is no address");
    const bool is_store = starts_with(target, "/vsi");
    if (from_elsewhere && (starts_with(link, "file://") || (is_store && !is_network_store(target))))
        refuse(link, "names a file of this machine in a document of another one");
    if (is_store) return tidy(target);
    if (starts_with(target, "/"))
        return from_elsewhere ? tidy(root_of(address) + target.substr(1)) : local_file(tidy(target));
    const std::string folder = address.substr(
        0, address.substr(0, address.find_first_of(from_elsewhere ? "?#" : "\n")).rfind('/') + 1);
    const std::string joined = tidy(folder + target);
    return from_elsewhere ? joined : local_file(joined);
}

}  // namespace landseam::catalog
