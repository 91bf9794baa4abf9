#include "pipeline/memory_budget.h"

#include "landseam/pipeline/checkpoints.h"
#include "landseam/sam/memory.h"

#include "support/temporary_folder.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

constexpr std::int64_t mib = 1024 * 1024;

// A machine as /proc and /sys describe it.
class Machine {
public:
    void write(const std::string& path, const std::string& text) const {
        const std::filesystem::path file = folder_.file(path);
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }
    std::optional<std::int64_t> available() const { return available_memory(folder_.path().string()); }

private:
    test::TemporaryFolder folder_;
};

const char* const meminfo =
    "MemTotal:       24000000 kB\nMemFree:         1000000 kB\nMemAvailable:    2097152 kB\n";

TEST(AvailableMemory, IsUnknownWhereNothingTells) {
    EXPECT_EQ(Machine().available(), std::nullopt);
    const Machine odd;
    odd.write("proc/meminfo", "MemAvailable: lots\n");
    odd.write("proc/self/cgroup", "nonsense\n0:\n::\n");
    EXPECT_EQ(odd.available(), std::nullopt);
}

TEST(AvailableMemory, IsTheMachinesWithoutControlGroups) {
    const Machine machine;
    machine.write("proc/meminfo", meminfo);
    EXPECT_EQ(machine.available(), 2048 * mib);
}

TEST(AvailableMemory, KeepsToTheTightestControlGroupAround) {
    const Machine machine;
    machine.write("proc/meminfo", meminfo);
    machine.write("proc/self/cgroup", "0::/jobs/mine\n");
    machine.write("sys/fs/cgroup/jobs/mine/memory.max", "max\n");
    machine.write("sys/fs/cgroup/jobs/mine/memory.current", "1000\n");
    EXPECT_EQ(machine.available(), 2048 * mib);
    machine.write("sys/fs/cgroup/jobs/memory.max", std::to_string(512 * mib) + "\n");
    machine.write("sys/fs/cgroup/jobs/memory.current", std::to_string(300 * mib) + "\n");
    EXPECT_EQ(machine.available(), 212 * mib);
    // File caches give way.
    machine.write("sys/fs/cgroup/jobs/memory.stat",
                  "anon 5\ninactive_file " + std::to_string(100 * mib) + "\nactive_file 7\n");
    EXPECT_EQ(machine.available(), 312 * mib);
    machine.write("sys/fs/cgroup/jobs/memory.current", std::to_string(900 * mib) + "\n");
    EXPECT_EQ(machine.available(), 0);
}

TEST(AvailableMemory, KnowsTheFirstVersionOfControlGroupsInAContainer) {
    const Machine machine;
    machine.write("proc/meminfo", meminfo);
    // The group's path is the host's; inside, its files stand at the top.
    machine.write("proc/self/cgroup", "5:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n");
    machine.write("sys/fs/cgroup/memory/memory.limit_in_bytes", std::to_string(1024 * mib) + "\n");
    machine.write("sys/fs/cgroup/memory/memory.usage_in_bytes", std::to_string(24 * mib) + "\n");
    EXPECT_EQ(machine.available(), 1000 * mib);
}

TEST(AvailableMemory, OfThisMachineIsMoreThanNothing) {
    if (!std::filesystem::exists("/proc/meminfo")) GTEST_SKIP() << "there is no /proc here";
    EXPECT_GT(available_memory().value_or(0), mib);
    EXPECT_GT(held_memory(), mib);
}

TEST(PlanTiles, TakesAsManyTilesAtOnceAsFit) {
    const MemoryNeeds needs{300 * mib, 400 * mib, 100 * mib};
    const auto tiles_at_once = [&](int tiles, int threads, std::int64_t budget) {
        return plan_tiles(tiles, threads, needs, budget).tiles_at_once;
    };
    EXPECT_EQ(tiles_at_once(100, 4, 0), 4) << "nothing is known about memory";
    EXPECT_EQ(tiles_at_once(100, 4, 1900 * mib), 4);
    EXPECT_EQ(tiles_at_once(100, 4, 1900 * mib - 1), 3) << "three tiles and a helper";
    EXPECT_EQ(tiles_at_once(100, 4, 1300 * mib), 2);
    EXPECT_EQ(tiles_at_once(100, 4, 1000 * mib), 1);
    EXPECT_EQ(tiles_at_once(100, 4, 1), 1);
    EXPECT_EQ(tiles_at_once(3, 4, 1900 * mib), 3) << "no more than there are tiles";
    EXPECT_EQ(tiles_at_once(0, 4, 1900 * mib), 1);
    EXPECT_EQ(tiles_at_once(100, 1, 0), 1);
}

TEST(PlanTiles, TellsWhenNotEvenOneTileFits) {
    const MemoryNeeds needs{300 * mib, 400 * mib, 100 * mib};
    EXPECT_TRUE(plan_tiles(9, 1, needs, 700 * mib).fits);
    const TileSchedule tight = plan_tiles(9, 1, needs, 700 * mib - 1);
    EXPECT_FALSE(tight.fits);
    EXPECT_EQ(tight.memory, 700 * mib);
    EXPECT_TRUE(plan_tiles(9, 1, needs, 0).fits);
}

TEST(PlanTiles, DescribesWhatWasDecided) {
    const MemoryNeeds needs{300 * mib, 400 * mib, 100 * mib};
    EXPECT_EQ(plan_tiles(9, 2, needs, 12 * 1024 * mib).describe(),
              "2 tiles at once, about 400 MiB each, of 12 GiB");
    EXPECT_EQ(plan_tiles(1, 2, needs, 0).describe(), "1 tile at once, about 400 MiB each");
}

// Of a ViT-B: 4096 tokens of 768 channels in the encoder; in the decoder for each prompt 4096 pixels by the eight
// heads of seven tokens and two layers, and four masks of 256 × 256.
TEST(WorkingMemory, FollowsTheSizesOfTheModel) {
    sam::ModelInfo vit_b;
    vit_b.encoder = "vit";
    vit_b.image_size = 1024;
    vit_b.patch_size = 16;
    vit_b.grid = 64;
    vit_b.stages = {{768, 12, 12, 14, 3072}};
    vit_b.transformer_dim = 256;
    vit_b.decoder_cross_dim = 128;
    vit_b.decoder_depth = 2;
    vit_b.mask_tokens = 4;
    const sam::WorkingMemory memory = sam::working_memory(vit_b, 8);
    EXPECT_GT(memory.picture, 100 * mib) << "tokens, queries, keys, values, attended; the picture itself";
    EXPECT_LT(memory.picture, 200 * mib);
    EXPECT_GT(memory.thread, 8 * (112 * 4096 * 4 + mib)) << "attention and masks for each prompt";
    EXPECT_LT(memory.thread, 80 * mib);

    EXPECT_LT(sam::working_memory(vit_b, 4).thread, memory.thread - 4 * (112 * 4096 * 4 + mib));
    EXPECT_EQ(sam::working_memory(vit_b, 64).thread, memory.thread) << "a CPU decodes no more together";
    EXPECT_EQ(sam::working_memory(vit_b, 4).picture, memory.picture);
    sam::ModelInfo vit_h = vit_b;
    vit_h.stages = {{1280, 32, 16, 14, 5120}};
    EXPECT_EQ(sam::working_memory(vit_h, 8).picture - memory.picture, 5 * 4096 * (1280 - 768) * 4);
    EXPECT_GT(sam::working_memory(vit_h, 8).thread, memory.thread);
    sam::ModelInfo small_pictures = vit_b;
    small_pictures.image_size = 512;
    small_pictures.grid = 32;
    EXPECT_EQ(sam::working_memory(small_pictures, 8).picture, memory.picture / 4);

    sam::ModelInfo mobile_sam = vit_b;
    mobile_sam.encoder = "tiny_vit";
    mobile_sam.stages = {
        {64, 2, 0, 0, 256}, {128, 2, 4, 7, 512}, {160, 6, 5, 14, 640}, {320, 2, 10, 7, 1280}};
    mobile_sam.patch_embed_dim = 32;
    EXPECT_GT(sam::working_memory(mobile_sam, 8).picture, 80 * mib)
        << "maps of 32 and 64 channels, half and a quarter as large";
    EXPECT_LT(sam::working_memory(mobile_sam, 8).picture, 240 * mib);
}

}  // namespace
}  // namespace landseam::pipeline
