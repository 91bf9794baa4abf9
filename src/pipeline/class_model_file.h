// Classifiers kept in files.
#pragma once

#include "landseam/segments/classifier.h"

#include <string>

namespace landseam::pipeline {

// What was learned, and what scenes it is for.
struct StoredClassModel {
    segments::ClassModel model;
    std::string encoder;     // whose embedding is among the features; empty: none is
    std::string bands;       // the training scene's image bands, for people
    double gsd = 0;          // metres a pixel of the training scene; 0: not known
    std::string only;        // the class that samples outline as objects; empty: all classes were told apart
    double threshold = 0.5;  // of that class's probability, where F1 of held-out samples was best
};

// One JSON object. Written whole or not at all. Throws Error.
void write_class_model(const std::string& path, const StoredClassModel& stored, bool overwrite);

// Throws Error for files that are none, naming what is wrong; whatever a file holds, what passes can be
// applied without harm.
StoredClassModel read_class_model(const std::string& path);

}  // namespace landseam::pipeline
