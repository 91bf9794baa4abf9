#include "landseam/output/picture.h"

#include "landseam/core/error.h"

#include "output/gdal_session.h"
#include "output/staged_output.h"

#include <filesystem>

#include <cpl_conv.h>

namespace landseam::output {

void write_png(const std::string& path, const ImageU8& picture, bool overwrite) {
    if (picture.empty() || picture.channels < 1 || picture.channels > 4)
        throw Error(path, "a picture of " + std::to_string(picture.width) + " × " +
                              std::to_string(picture.height) + " pixels and " +
                              std::to_string(picture.channels) + " channels cannot be written");
    StagedOutput staged(path, overwrite, {std::filesystem::path(path).filename().string() + ".aux.xml"});
    const GdalMessages messages;
    const CPLConfigOptionSetter no_aux_file("GDAL_PAM_ENABLED", "NO", false);
    GDALDriver *memory = find_driver("MEM"), *png = find_driver("PNG");
    if (!memory || !png) throw Error(path, "this GDAL cannot write PNG", "install one with its PNG driver");
    const Dataset source(
        memory->Create("", picture.width, picture.height, picture.channels, GDT_Byte, nullptr));
    if (!source) throw write_error(path, messages.reason());
    const int pixel = picture.channels, line = picture.channels * picture.width;
    if (source->RasterIO(GF_Write, 0, 0, picture.width, picture.height,
                         const_cast<std::uint8_t*>(picture.values.data()), picture.width, picture.height,
                         GDT_Byte, picture.channels, nullptr, pixel, line, 1, nullptr) != CE_None)
        throw write_error(path, messages.reason());
    Dataset result(png->CreateCopy(staged.path().c_str(), source.get(), FALSE, nullptr, nullptr, nullptr));
    if (!result) throw write_error(path, messages.reason());
    GDALClose(result.release());
    if (messages.failed()) throw write_error(path, messages.reason());
    staged.publish();
}

}  // namespace landseam::output
