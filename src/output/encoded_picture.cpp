#include "output/encoded_picture.h"

#include "landseam/core/error.h"

#include "output/gdal_session.h"

#include <atomic>
#include <memory>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

namespace landseam::output {

std::string data_url(const ImageU8& rgb) {
    static std::atomic<int> count{0};
    const GdalMessages messages;
    const CPLConfigOptionSetter no_aux_file("GDAL_PAM_ENABLED", "NO", false);
    GDALDriver *memory = find_driver("MEM"), *jpeg = find_driver("JPEG"), *png = find_driver("PNG");
    GDALDriver* const driver = jpeg ? jpeg : png;
    if (!memory || !driver)
        throw Error("", "this GDAL can write neither JPEG nor PNG", "install one that can");
    const Dataset source(memory->Create("", rgb.width, rgb.height, 3, GDT_Byte, nullptr));
    const int pixel = 3, line = 3 * rgb.width;
    if (!source ||
        source->RasterIO(GF_Write, 0, 0, rgb.width, rgb.height, const_cast<std::uint8_t*>(rgb.values.data()),
                         rgb.width, rgb.height, GDT_Byte, 3, nullptr, pixel, line, 1, nullptr) != CE_None)
        throw Error("", "a picture cannot be made: " + messages.reason());
    const std::string name = "/vsimem/landseam-picture-" + std::to_string(++count);
    CPLStringList options;
    if (jpeg) options.SetNameValue("QUALITY", "88");
    Dataset made(driver->CreateCopy(name.c_str(), source.get(), FALSE, options.List(), nullptr, nullptr));
    if (!made || messages.failed()) throw Error("", "a picture cannot be encoded: " + messages.reason());
    made.reset();
    vsi_l_offset size = 0;
    const std::unique_ptr<GByte, void (*)(void*)> bytes(VSIGetMemFileBuffer(name.c_str(), &size, TRUE),
                                                        VSIFree);
    const std::unique_ptr<char, void (*)(void*)> text(CPLBase64Encode(static_cast<int>(size), bytes.get()),
                                                      VSIFree);
    return std::string(jpeg ? "data:image/jpeg;base64," : "data:image/png;base64,") + text.get();
}

}  // namespace landseam::output
