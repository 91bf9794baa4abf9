#include "landseam/core/error.h"
#include "landseam/segments/classifier.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace landseam::segments {
namespace {

bool all_finite(const std::vector<float>& values) {
    return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

bool all_different(const std::vector<std::string>& names) {
    return std::set<std::string>(names.begin(), names.end()).size() == names.size();
}

// Children come after their parents, so that no way through a tree is without end.
std::string fault_of_trees(const ClassModel& model) {
    const std::size_t width = model.method == "forest" ? model.classes.size() : 1;
    const auto nodes = static_cast<int>(model.nodes.size());
    const auto leaves = static_cast<int>(model.leaves.size() / width);
    if (model.leaves.size() % width != 0 || !all_finite(model.leaves)) return "its leaves are not whole";
    if (model.roots.empty()) return "it has no trees";
    const std::size_t ensembles =
        model.method == "boost" && model.classes.size() > 2 ? model.classes.size() : 1;
    if (model.roots.size() % ensembles != 0) return "its classes have different numbers of trees";
    for (const int root : model.roots)
        if (root < 0 || root >= nodes) return "a tree has no root";
    for (int i = 0; i < nodes; ++i) {
        const ClassModel::Node& node = model.nodes[static_cast<std::size_t>(i)];
        if (node.feature < 0) {
            if (node.left < 0 || node.left >= leaves) return "a tree's leaf is not there";
            continue;
        }
        if (node.feature >= static_cast<int>(model.features.size()) || !std::isfinite(node.threshold))
            return "a tree splits by no feature";
        for (const int child : {node.left, node.right})
            if (child <= i || child >= nodes) return "a tree's branch leads nowhere";
    }
    return {};
}

std::string fault_of_machines(const ClassModel& model) {
    if (model.machines.size() != (model.classes.size() == 2 ? 1 : model.classes.size()))
        return "it has not a machine a class";
    for (const ClassModel::Machine& machine : model.machines) {
        if (machine.vectors.size() != machine.coefficients.size() * model.features.size())
            return "its vectors are not whole";
        if (!all_finite(machine.vectors) || !all_finite(machine.coefficients))
            return "its vectors are no numbers";
        for (const double value : {machine.gamma, machine.rho, machine.slope, machine.shift})
            if (!std::isfinite(value)) return "its machines are no numbers";
    }
    return {};
}

std::string fault_of_neighbours(const ClassModel& model) {
    if (model.labels.empty() || model.samples.size() != model.labels.size() * model.features.size())
        return "its samples are not whole";
    if (!all_finite(model.samples)) return "its samples are no numbers";
    if (model.neighbours < 1) return "it asks for no neighbours";
    for (const int label : model.labels)
        if (label < 0 || label >= static_cast<int>(model.classes.size())) return "a sample has no class";
    return {};
}

std::string fault_of(const ClassModel& model) {
    if (model.features.empty() || !all_different(model.features))
        return "its features are missing or named twice";
    if (model.classes.size() < 2 || !all_different(model.classes))
        return "its classes are fewer than two or named twice";
    for (const auto* values : {&model.fill, &model.center, &model.scale})
        if (values->size() != model.features.size() || !all_finite(*values))
            return "its scales do not fit its features";
    if (std::any_of(model.scale.begin(), model.scale.end(), [](float scale) { return !(scale > 0); }))
        return "its scales are not above 0";
    if (model.method == "forest" || model.method == "boost") return fault_of_trees(model);
    if (model.method == "svm") return fault_of_machines(model);
    if (model.method == "knn") return fault_of_neighbours(model);
    return "its method '" + model.method + "' is unknown";
}

}  // namespace

void ClassModel::check(const std::string& subject) const {
    const std::string fault = fault_of(*this);
    if (!fault.empty())
        throw Error(subject, "is not a model of landseam classify (" + fault + ")",
                    "give a file that --save-model wrote");
}

}  // namespace landseam::segments
