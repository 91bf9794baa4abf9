#include "landseam/sam/predictor.h"

#include "landseam/core/error.h"
#include "landseam/sam/modules.h"

#include "sam/cpu/image_encoder.h"
#include "sam/cpu/mask_decoder.h"
#include "sam/ops.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

namespace landseam::sam {

namespace {

// What every call needs on whatever thread it comes from: no gradients, and this thread's share of libtorch's
// settings.
struct CallScope {
    CallScope() { at::init_num_threads(); }
    at::NoGradGuard no_gradients;
};

Error usage_error(const std::string& cause, const std::string& remedy) {
    return Error("prompt", cause, remedy, ErrorKind::usage);
}

// [1, n, 2] in double precision on the model's device.
at::Tensor coords_tensor(const std::vector<Point>& points, at::Device device) {
    static_assert(sizeof(Point) == 2 * sizeof(double));
    const at::Tensor coords =
        at::empty({1, static_cast<std::int64_t>(points.size()), 2}, at::TensorOptions().dtype(at::kDouble));
    double* out = coords.data_ptr<double>();
    for (const Point& point : points) {
        *out++ = point.x;
        *out++ = point.y;
    }
    return coords.to(device);
}

// The masks wanted of those the decoder makes.
at::Tensor wanted(const at::Tensor& per_mask, bool multimask_output) {
    return multimask_output ? per_mask.narrow(1, 1, per_mask.size(1) - 1) : per_mask.narrow(1, 0, 1);
}

at::Tensor checked_mask(const at::Tensor& mask, int side, at::Device device) {
    const bool fits = mask.defined() && mask.dim() >= 2 && mask.dim() <= 4 &&
                      mask.numel() == std::int64_t{side} * side && mask.size(-1) == side;
    if (!fits)
        throw usage_error(
            "a mask prompt of another size than the model's masks",
            "give one mask of " + std::to_string(side) + " × " + std::to_string(side) + " logits");
    return mask.reshape({1, 1, side, side}).to(device, at::kFloat);
}

// Picture and prompts through the fast decoder.
MaskDecoder::Tokens decode_fast(const Sam& model, const cpu::DecoderPicture& picture,
                                const at::Tensor& sparse) {
    const cpu::MaskDecoder& decoder = *model.fast_decoder;
    const std::int64_t prompts = sparse.size(0), channels = sparse.size(2), masks = model.info.mask_tokens;
    cpu::MaskDecoder::Decoded decoded = decoder.decode(
        picture, sparse.data_ptr<float>(), static_cast<int>(prompts), static_cast<int>(sparse.size(1)));
    const cpu::Buffer pictures = decoded.pictures;
    return {at::tensor(decoded.iou_predictions).view({prompts, masks}),
            at::tensor(decoded.mask_tokens).view({prompts, masks, channels}),
            at::from_blob(
                pictures.get(), {prompts, static_cast<std::int64_t>(decoded.picture_values)},
                [pictures](void*) {}, at::kFloat)};
}

using MaskChoice = SamPredictor::MaskChoice;

// The places of each prompt's masks in `chosen`.
std::map<int, std::vector<std::size_t>> by_prompt(const std::vector<MaskChoice>& chosen) {
    std::map<int, std::vector<std::size_t>> places;
    for (std::size_t i = 0; i < chosen.size(); ++i) places[chosen[i].prompt].push_back(i);
    return places;
}

// Logits [chosen, 4g, 4g], prompt by prompt.
at::Tensor masks_fast(const Sam& model, const cpu::DecoderPicture& picture,
                      const SamPredictor::TokenPrediction& tokens, const std::vector<MaskChoice>& chosen) {
    const std::int64_t side = model.info.low_res_size();
    const at::Tensor result =
        at::empty({static_cast<std::int64_t>(chosen.size()), side, side}, tokens.image.options());
    for (const auto& [prompt, places] : by_prompt(chosen)) {
        std::vector<int> numbers;
        std::vector<at::Tensor> own_tokens;
        std::vector<float*> logits;
        for (const std::size_t place : places) {
            numbers.push_back(tokens.first_mask + chosen[place].mask);
            own_tokens.push_back(tokens.mask_tokens.select(0, prompt).select(0, chosen[place].mask));
            logits.push_back(result.data_ptr<float>() + static_cast<std::int64_t>(place) * side * side);
        }
        model.fast_decoder->masks(picture, tokens.image.select(0, prompt).data_ptr<float>(),
                                  static_cast<std::size_t>(tokens.image.size(1)), numbers,
                                  at::stack(own_tokens).data_ptr<float>(), logits);
    }
    return result;
}

// The same in one go, which a GPU needs: the pictures of all prompts that have a mask are upscaled together.
at::Tensor masks_simple(const Sam& model, const SamPredictor::TokenPrediction& tokens,
                        const std::vector<MaskChoice>& chosen) {
    const std::int64_t side = model.info.low_res_size();
    std::vector<std::int64_t> prompts, pictures;
    std::vector<at::Tensor> weights(chosen.size());
    for (const auto& [prompt, places] : by_prompt(chosen)) {
        for (const std::size_t place : places) {
            const int mask = chosen[place].mask;
            weights[place] = model.mask_decoder.mask_weights(
                tokens.mask_tokens.select(0, prompt).select(0, mask), tokens.first_mask + mask);
        }
        prompts.push_back(prompt);
    }
    for (const MaskChoice& choice : chosen)
        pictures.push_back(std::lower_bound(prompts.begin(), prompts.end(), choice.prompt) - prompts.begin());
    const at::Device device = model.device();
    const at::Tensor upscaled =
        model.mask_decoder.upscale(tokens.image.index_select(0, at::tensor(prompts).to(device))).flatten(2);
    return at::bmm(at::stack(weights).unsqueeze(1), upscaled.index_select(0, at::tensor(pictures).to(device)))
        .view({-1, side, side});
}

}  // namespace

SamPredictor::SamPredictor(std::shared_ptr<const Sam> model) : model_(std::move(model)) {}

void SamPredictor::set_image(const ImageU8& rgb, const ParallelFor& parallel_for) {
    const int bands = model_->info.bands;
    if (rgb.channels != bands || rgb.empty())
        throw Error(
            "picture",
            "it has " + std::to_string(rgb.channels) + " channels and " + std::to_string(rgb.pixel_count()) +
                " pixels",
            "the model takes pictures of " + std::to_string(bands) + " channels and at least one pixel",
            ErrorKind::usage);
    const CallScope scope;
    const PictureSize input = resize_longest_side(rgb.width, rgb.height, model_->info.image_size);
    ImageU8 resized = resize_pillow_bilinear(rgb, input.width, input.height);
    const at::Tensor pixels =
        at::from_blob(resized.values.data(), {1, input.height, input.width, bands}, at::kByte);
    const at::Tensor picture = channels_first(pixels.to(model_->device()).to(at::kFloat));
    set_image_embedding(embed(*model_, model_->preprocess(picture), parallel_for), {rgb.width, rgb.height},
                        parallel_for);
}

void SamPredictor::set_image_embedding(at::Tensor embedding, PictureSize picture,
                                       const ParallelFor& parallel_for) {
    const std::int64_t dim = model_->info.transformer_dim, grid = model_->info.grid;
    const std::vector<std::int64_t> shape{1, dim, grid, grid};
    if (!embedding.defined() || embedding.sizes() != at::IntArrayRef(shape) || picture.width < 1 ||
        picture.height < 1)
        throw Error("image embedding", "its shape is not that of this model's", "", ErrorKind::usage);
    embedding_ = embedding.to(model_->device(), at::kFloat).contiguous();
    if (model_->fast_decoder) {
        const at::Tensor dense = model_->prompt_encoder.dense_without_mask().contiguous();
        decoder_picture_ = std::make_shared<const cpu::DecoderPicture>(model_->fast_decoder->prepare(
            embedding_.data_ptr<float>(), dense.data_ptr<float>(), parallel_for));
    }
    picture_ = picture;
    input_ = resize_longest_side(picture.width, picture.height, model_->info.image_size);
}

at::Tensor SamPredictor::image_embedding() const {
    require_image();
    return embedding_;
}

SamPredictor::Prediction SamPredictor::predict(const PointPrompts& points,
                                               const std::optional<BoxPrompt>& box,
                                               const std::optional<at::Tensor>& mask_input,
                                               bool multimask_output) const {
    require_image();
    if (points.coords.size() != points.labels.size())
        throw usage_error("points and labels differ in number", "give every point one label");
    for (const int label : points.labels)
        if (label < -1 || label > 1)
            throw usage_error("a point has the label " + std::to_string(label),
                              "use 1 (on the object), 0 or -1");
    const CallScope scope;
    const at::Device device = model_->device();
    at::Tensor coords, labels, corners;
    if (!points.coords.empty()) {
        std::vector<Point> inside;
        for (const Point& point : points.coords) inside.push_back(to_input_frame(point));
        coords = coords_tensor(inside, device);
        labels = at::tensor(points.labels).unsqueeze(0).to(device);
    }
    if (box) {
        corners =
            coords_tensor({to_input_frame({box->x0, box->y0}), to_input_frame({box->x1, box->y1})}, device);
        corners = corners.flatten(1);
    }
    const at::Tensor sparse = model_->prompt_encoder.sparse(coords, labels, corners);
    if (!mask_input) return with_masks(decode(sparse, multimask_output));
    const at::Tensor dense =
        model_->prompt_encoder.dense(checked_mask(*mask_input, model_->info.low_res_size(), device));
    const MaskDecoder::Tokens tokens =
        model_->mask_decoder.decode_tokens(embedding_ + dense, model_->image_positions, sparse);
    return {wanted(model_->mask_decoder.decode_masks(tokens), multimask_output),
            wanted(tokens.iou_predictions, multimask_output)};
}

SamPredictor::TokenPrediction SamPredictor::predict_tokens(const std::vector<Point>& points,
                                                           bool multimask_output) const {
    require_image();
    const CallScope scope;
    std::vector<Point> inside;
    for (const Point& point : points) inside.push_back(to_input_frame(point));
    const at::Tensor coords = coords_tensor(inside, model_->device()).transpose(0, 1);
    const at::Tensor labels = at::full({coords.size(0), 1}, 1, coords.options().dtype(at::kLong));
    return decode(model_->prompt_encoder.sparse(coords, labels, {}), multimask_output);
}

SamPredictor::TokenPrediction SamPredictor::decode(const at::Tensor& sparse, bool multimask_output) const {
    MaskDecoder::Tokens tokens;
    if (decoder_picture_)
        tokens = decode_fast(*model_, *decoder_picture_, sparse.contiguous());
    else
        tokens = model_->mask_decoder.decode_tokens(embedding_ + model_->prompt_encoder.dense_without_mask(),
                                                    model_->image_positions, sparse);
    return {wanted(tokens.iou_predictions, multimask_output), wanted(tokens.mask_tokens, multimask_output),
            tokens.image, multimask_output ? 1 : 0};
}

int SamPredictor::prompts_at_once() const {
    return model_->fast_decoder ? cpu::MaskDecoder::kPromptsAtOnce : 64;
}

at::Tensor SamPredictor::predict_masks(const TokenPrediction& tokens,
                                       const std::vector<MaskChoice>& chosen) const {
    const CallScope scope;
    for (const MaskChoice& choice : chosen)
        if (choice.prompt < 0 || choice.prompt >= tokens.mask_tokens.size(0) || choice.mask < 0 ||
            choice.mask >= tokens.mask_tokens.size(1))
            throw usage_error("a mask was chosen that was not predicted", "");
    const std::int64_t side = model_->info.low_res_size();
    if (chosen.empty()) return at::empty({0, side, side}, tokens.image.options());
    return decoder_picture_ ? masks_fast(*model_, *decoder_picture_, tokens, chosen) : masks_simple(*model_, tokens, chosen);
}

SamPredictor::Prediction SamPredictor::with_masks(const TokenPrediction& tokens) const {
    const std::int64_t prompts = tokens.mask_tokens.size(0), masks = tokens.mask_tokens.size(1),
                       side = model_->info.low_res_size();
    std::vector<MaskChoice> all;
    for (int prompt = 0; prompt < prompts; ++prompt)
        for (int mask = 0; mask < masks; ++mask) all.push_back({prompt, mask});
    return {predict_masks(tokens, all).view({prompts, masks, side, side}), tokens.iou_predictions};
}

SamPredictor::Prediction SamPredictor::predict_points(const std::vector<Point>& points,
                                                      bool multimask_output) const {
    return with_masks(predict_tokens(points, multimask_output));
}

at::Tensor SamPredictor::upscale(const at::Tensor& low_res_logits) const {
    require_image();
    const CallScope scope;
    const std::int64_t side = model_->info.image_size;
    std::vector<std::int64_t> shape = low_res_logits.sizes().vec();
    at::Tensor masks = low_res_logits.reshape({1, -1, low_res_logits.size(-2), low_res_logits.size(-1)});
    masks = at::upsample_bilinear2d(masks, {side, side}, false);
    masks = masks.narrow(2, 0, input_.height).narrow(3, 0, input_.width);
    if (!(input_ == picture_))
        masks = at::upsample_bilinear2d(masks, {picture_.height, picture_.width}, false);
    shape[shape.size() - 2] = picture_.height;
    shape[shape.size() - 1] = picture_.width;
    return masks.reshape(shape);
}

Point SamPredictor::to_input_frame(Point point) const {
    return {point.x * (static_cast<double>(input_.width) / picture_.width),
            point.y * (static_cast<double>(input_.height) / picture_.height)};
}

void SamPredictor::require_image() const {
    if (!embedding_.defined()) throw Error("predictor", "no picture was given to it", "call set_image first");
}

}  // namespace landseam::sam
