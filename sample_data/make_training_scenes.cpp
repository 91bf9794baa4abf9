// Draws scenes to train on, one packed sample a seed; those that are there already are left alone.
//     make_training_scenes OUT_FOLDER FIRST_SEED LAST_SEED [SIZE]
#include "landseam/core/error.h"
#include "landseam/sam/samples.h"
#include "landseam/scene_maker/training_scene.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using landseam::Error;
using landseam::sam::Sample;
using landseam::scene_maker::TrainingLevel;
using landseam::scene_maker::TrainingScene;
using landseam::scene_maker::TrainingSceneOptions;

struct Request {
    std::filesystem::path folder;
    std::uint64_t first = 0, last = 0;
    int size = 512;  // pixels
};

Sample sample_of(const TrainingScene& scene, double gsd_m) {
    Sample sample;
    sample.width = scene.picture.width;
    sample.height = scene.picture.height;
    sample.gsd_m = gsd_m;
    sample.bands = {"red", "green", "blue"};
    const std::size_t pixels = scene.picture.pixel_count();
    sample.pixels.resize(3 * pixels);
    for (std::size_t i = 0; i < pixels; ++i)
        for (std::size_t band = 0; band < 3; ++band)
            sample.pixels[band * pixels + i] = scene.picture.values[3 * i + band];
    sample.valid.assign(pixels, 1);
    for (const TrainingLevel& level : scene.levels) sample.levels.push_back({level.name, level.ids.values});
    return sample;
}

void draw(const Request& request, std::uint64_t seed) {
    char name[40];
    std::snprintf(name, sizeof name, "scene_%08llu.safetensors", static_cast<unsigned long long>(seed));
    const std::filesystem::path path = request.folder / name;
    if (std::filesystem::exists(path)) return;
    const TrainingSceneOptions options =
        landseam::scene_maker::training_options(seed, request.size, request.size);
    landseam::sam::write_sample(
        path.string(), sample_of(landseam::scene_maker::make_training_scene(options), options.gsd_m));
}

// The first failure ends all threads and is thrown again.
void draw_all(const Request& request) {
    std::filesystem::create_directories(request.folder);
    std::atomic<std::uint64_t> next{0};
    const std::uint64_t count = request.last - request.first + 1;
    std::exception_ptr failure;
    std::mutex mutex;
    const auto work = [&] {
        try {
            for (std::uint64_t i = next++; i < count; i = next++) draw(request, request.first + i);
        } catch (...) {
            const std::lock_guard<std::mutex> lock(mutex);
            if (!failure) failure = std::current_exception();
            next = count;
        }
    };
    std::vector<std::thread> workers;
    const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < threads; ++i) workers.emplace_back(work);
    for (std::thread& worker : workers) worker.join();
    if (failure) std::rethrow_exception(failure);
}

template <typename Number>
Number parse_number(const std::string& text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        throw Error(text, "is not a whole number, 0 or more", "give one", landseam::ErrorKind::usage);
    return number;
}

Request parse(int argc, char** argv) {
    Request request;
    request.folder = argv[1];
    request.first = parse_number<std::uint64_t>(argv[2]);
    request.last = parse_number<std::uint64_t>(argv[3]);
    if (request.last < request.first)
        throw Error(argv[3], "comes before the first seed", "give the first seed first",
                    landseam::ErrorKind::usage);
    if (request.last - request.first >= 100000000)
        throw Error(argv[3], "makes more than a hundred million scenes", "give fewer seeds",
                    landseam::ErrorKind::usage);
    if (argc == 5) request.size = parse_number<int>(argv[4]);
    // A size that is refused is refused before a folder is made.
    landseam::scene_maker::training_options(request.first, request.size, request.size).validate();
    return request;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4 || argc > 5) {
        std::fprintf(stderr, "usage: make_training_scenes OUT_FOLDER FIRST_SEED LAST_SEED [SIZE]\n");
        return 2;
    }
    try {
        draw_all(parse(argc, argv));
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return error.kind() == landseam::ErrorKind::usage ? 2 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
