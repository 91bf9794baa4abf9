// A page about many scenes: what became of each, with small pictures.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace landseam::pipeline {

struct OverviewScene {
    std::vector<std::string> row;  // as long as the header
    std::string thumbnail;         // PNG; empty or absent: none
    std::string caption;
};

struct Overview {
    std::string title;
    std::vector<std::pair<std::string, std::string>> facts;
    std::vector<std::string> header;
    std::vector<OverviewScene> scenes;
    std::vector<std::string> warnings;
};

// An HTML page that needs nothing from anywhere, with the pictures of up to 200 scenes. Throws Error as
// output::write_html_report does.
void write_overview(const std::string& path, const Overview& overview, bool overwrite);

}  // namespace landseam::pipeline
