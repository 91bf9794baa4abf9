// Reads binary PPM pictures (P6, 255) without comments, as Pillow writes them.
#pragma once

#include "landseam/core/image.h"

#include <fstream>
#include <stdexcept>
#include <string>

namespace landseam::test {

inline ImageU8 read_ppm(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string magic;
    int width = 0, height = 0, largest = 0;
    if (!(file >> magic >> width >> height >> largest) || magic != "P6" || largest != 255)
        throw std::runtime_error(path + ": not an 8-bit binary PPM");
    file.get();
    ImageU8 image(width, height, 3);
    if (!file.read(reinterpret_cast<char*>(image.values.data()),
                   static_cast<std::streamsize>(image.values.size())))
        throw std::runtime_error(path + ": ends early");
    return image;
}

}  // namespace landseam::test
