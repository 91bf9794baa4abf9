#include "landseam/sam/embedding_cache.h"

#include "landseam/core/error.h"
#include "landseam/sam/predictor.h"

#include "sam/tensor_matchers.h"
#include "sam/test_checkpoints.h"
#include "support/ppm.h"
#include "support/temporary_folder.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using test::close_to;

class EmbeddingsKept : public ::testing::Test {
protected:
    std::string only_file() const {
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
            return entry.path().string();
        return "";
    }

    landseam::test::TemporaryFolder folder_;
    const std::shared_ptr<const Sam> model_ = load_sam(test::open_parity_checkpoint("vit"));
    const ImageU8 picture_ = landseam::test::read_ppm(test::parity_path("vit", "image.ppm"));
};

TEST_F(EmbeddingsKept, SpareTheEncoderAndAreTheSameToTheLastBit) {
    SamPredictor first(model_), second(model_), plain(model_);
    plain.set_image(picture_);
    EmbeddingCache made(folder_.path().string(), fingerprint(*model_));
    made.set_image(first, picture_);
    EXPECT_EQ(made.misses(), 1);
    EmbeddingCache opened(folder_.path().string(), fingerprint(*model_));
    opened.set_image(second, picture_, [] { FAIL() << "it encoded again"; });
    EXPECT_EQ(opened.hits(), 1);
    EXPECT_TRUE(close_to(second.image_embedding(), first.image_embedding(), 0));
    EXPECT_TRUE(close_to(first.image_embedding(), plain.image_embedding(), 5e-3));
    EXPECT_EQ(second.picture_size(), first.picture_size());
}

TEST_F(EmbeddingsKept, AreNotTakenForAnotherPictureOrModel) {
    SamPredictor predictor(model_);
    EmbeddingCache cache(folder_.path().string(), fingerprint(*model_));
    cache.set_image(predictor, picture_);
    ImageU8 other = picture_;
    other.values[17] ^= 1;
    EXPECT_FALSE(cache.load(predictor, other));
    Fingerprint changed = fingerprint(*model_);
    changed[3] ^= 1;
    EXPECT_FALSE(EmbeddingCache(folder_.path().string(), changed).load(predictor, picture_));
    EXPECT_NE(fingerprint(*load_sam(test::open_parity_checkpoint("tiny_vit"))), fingerprint(*model_));
    EXPECT_TRUE(cache.load(predictor, picture_));
}

TEST_F(EmbeddingsKept, ThatAreDamagedCountAsMissingAndAreReplaced) {
    SamPredictor predictor(model_);
    EmbeddingCache cache(folder_.path().string(), fingerprint(*model_));
    cache.set_image(predictor, picture_);
    const std::string path = only_file();
    const auto size = std::filesystem::file_size(path);
    const auto flip_byte = [&](std::uintmax_t at) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(at));
        const char byte = static_cast<char>(file.get() ^ 1);
        file.seekp(static_cast<std::streamoff>(at));
        file.put(byte);
    };
    for (const std::uintmax_t at : {std::uintmax_t{0}, std::uintmax_t{12}, size / 2, size - 1}) {
        flip_byte(at);
        EXPECT_FALSE(cache.load(predictor, picture_)) << "byte " << at;
        flip_byte(at);
        EXPECT_TRUE(cache.load(predictor, picture_));
    }
    std::filesystem::resize_file(path, size / 2);
    cache.set_image(predictor, picture_);
    EXPECT_EQ(cache.misses(), 2);
    EXPECT_TRUE(cache.load(predictor, picture_));
    std::filesystem::resize_file(path, size + 1);
    EXPECT_FALSE(cache.load(predictor, picture_));
}

TEST_F(EmbeddingsKept, ThatCannotBeStoredAreToldOfOnceAndTheWorkGoesOn) {
    int warnings = 0;
    const std::string gone = folder_.file("gone");
    EmbeddingCache cache(gone, fingerprint(*model_), [&](const std::string&) { ++warnings; });
    std::filesystem::remove_all(gone);
    SamPredictor predictor(model_);
    cache.set_image(predictor, picture_);
    cache.set_image(predictor, picture_);
    EXPECT_EQ(warnings, 1);
    EXPECT_TRUE(predictor.image_embedding().defined());
}

TEST_F(EmbeddingsKept, NeedAFolder) {
    std::ofstream(folder_.file("taken")) << "a file";
    EXPECT_THROW(EmbeddingCache(folder_.file("taken"), fingerprint(*model_)), Error);
}

}  // namespace
}  // namespace landseam::sam
