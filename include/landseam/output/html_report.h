// A page about a run: one file that needs nothing from anywhere else.
#pragma once

#include "landseam/core/image.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace landseam::output {

using Facts = std::vector<std::pair<std::string, std::string>>;  // name and value

struct ReportPicture {
    std::string caption;
    ImageU8 rgb;  // 3 channels
};

struct ReportHistogram {
    std::string title;
    std::vector<std::string> edges;  // of the bins, as text: one more than `counts`
    std::vector<std::int64_t> counts;
};

struct ReportTable {
    std::string title;
    std::string note;  // what it means; may be empty
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;  // as long as the header each
};

struct ReportCard {
    ReportPicture picture;
    Facts facts;
};

// All text is UTF-8, and is shown as it is: none of it counts as HTML.
struct HtmlReport {
    std::string title;
    std::string failure;  // what the run ended with; empty: it did what it should
    Facts facts;
    std::vector<ReportPicture> pictures;
    std::vector<ReportHistogram> histograms;
    std::string cards_title;
    std::vector<ReportCard> cards;
    std::vector<ReportTable> tables;
    std::vector<std::string> warnings;
    std::string settings;  // JSON
};

// The page, without scripts, and with pictures, style and drawings in it. Parts that are empty are left out.
std::string html_page(const HtmlReport& report);

// Writes it, whole or not at all. Throws Error: missing or read-only folder, an output that exists (unless
// `overwrite`).
void write_html_report(const std::string& path, const HtmlReport& report, bool overwrite = false);

}  // namespace landseam::output
