// Files wherever GDAL's file systems reach: read, listed, measured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace landseam::raster {

// How GDAL opens what people and catalogs write: "http(s)://…" becomes "/vsicurl/http(s)://…",
// "s3://bucket/key" "/vsis3/bucket/key", "gs://" "/vsigs/", "az://" "/vsiaz/", "file:///path" "/path";
// everything else stays as it is.
std::string access_path(const std::string& address);

// Whether a path leads over a network.
bool is_remote_path(const std::string& path);

// The whole of a text file. Throws Error: no such file, a folder, more than `most_bytes`; of kind passing for
// network faults.
std::string read_text(const std::string& path, std::int64_t most_bytes);

// The files in a folder and the folders below it, sorted, each as a path that begins with `folder`. Names
// that begin with a dot are left out. Throws Error where it is no folder, cannot be read, or holds more than
// `most` files.
std::vector<std::string> list_files(const std::string& folder, std::size_t most);

bool is_folder(const std::string& path);

// Bytes of a file on this machine; nothing for what is absent or elsewhere: no server is asked.
std::optional<std::int64_t> local_file_size(const std::string& path);

// Asks servers anew: GDAL keeps for the whole process what they said, faults too.
void forget_remote_files();

// Sixteen hexadecimal digits that differ where bytes do (FNV-1a of 64 bits; no protection against intent).
std::string hash_of_text(const std::string& text);
std::string hash_of_file(const std::string& path);  // of a local one; throws Error where it cannot be read

}  // namespace landseam::raster
