#include "sam/cpu/image_encoder.h"

#include "sam/cpu/tiny_vit_encoder.h"
#include "sam/cpu/vit_encoder.h"

#include <variant>

namespace landseam::sam::cpu {

std::unique_ptr<const ImageEncoder> make_image_encoder(const Sam& model) {
    if (const auto* vit = std::get_if<sam::VitEncoder>(&model.image_encoder))
        return std::make_unique<VitEncoder>(*vit, model.info, model.precision);
    return std::make_unique<TinyVitEncoder>(std::get<sam::TinyVitEncoder>(model.image_encoder), model.info,
                                            model.precision);
}

}  // namespace landseam::sam::cpu
