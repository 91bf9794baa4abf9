// Dataset handles for many threads: GDAL allows each to be used by one at a time.
#pragma once

#include "raster/scene_checks.h"

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gdal_priv.h>

namespace landseam::raster {

// Opens as many handles as there are readers at the same moment, and keeps them for the next ones.
class DatasetPool {
public:
    DatasetPool(std::string path, std::vector<std::string> open_options, std::unique_ptr<GDALDataset> first)
        : path_(std::move(path)), open_options_(std::move(open_options)) {
        idle_.push_back(std::move(first));
    }

    class Lease {
    public:
        Lease(DatasetPool& pool, std::unique_ptr<GDALDataset> dataset)
            : pool_(pool), dataset_(std::move(dataset)) {}
        ~Lease() {
            const std::lock_guard<std::mutex> lock(pool_.mutex_);
            pool_.idle_.push_back(std::move(dataset_));
        }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        GDALDataset& operator*() const { return *dataset_; }

    private:
        DatasetPool& pool_;
        std::unique_ptr<GDALDataset> dataset_;
    };

    Lease lease(const GdalMessages& messages) {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (!idle_.empty()) {
                std::unique_ptr<GDALDataset> dataset = std::move(idle_.back());
                idle_.pop_back();
                return Lease(*this, std::move(dataset));
            }
        }
        return Lease(*this, open_dataset(path_, open_options_, messages));
    }

private:
    std::string path_;
    std::vector<std::string> open_options_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<GDALDataset>> idle_;
};

}  // namespace landseam::raster
