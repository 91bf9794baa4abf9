// Styles that QGIS finds beside a layer and applies when it opens it.
#pragma once

#include "landseam/output/layer_sink.h"

#include <set>
#include <string>

#include <gdal_priv.h>

namespace landseam::output {

class LayerStyle {
public:
    explicit LayerStyle(const LayerOptions& options);

    // Takes note of the feature's value of the style field.
    void note(const Feature& feature);
    // A colour for each value noted, or one for all. Source: the QML that QGIS 3 writes, as far as it is
    // needed.
    std::string qml() const;
    // Writes the style into the table layer_styles as QGIS does. Source: QGIS,
    // QgsOgrProviderMetadata::saveStyle.
    void store(GDALDataset& dataset, const std::string& layer, const std::string& geometry_column) const;

private:
    std::string path_, field_;
    std::size_t index_ = 0;
    std::set<std::string> values_;
    bool too_many_ = false;
};

}  // namespace landseam::output
