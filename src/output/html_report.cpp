#include "landseam/output/html_report.h"

#include "landseam/core/error.h"

#include "output/encoded_picture.h"
#include "output/gdal_session.h"
#include "output/staged_output.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace landseam::output {
namespace {

constexpr std::size_t longest_large = 16;  // characters of a fact in large type

constexpr const char* style = R"css(
:root{--ink:#1d2733;--soft:#5b6b7c;--line:#d9e0e7;--ground:#f4f6f8;--paper:#fff;--bar:#2f7d6d;--bad:#a62b1f}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf0;--soft:#9fb0c0;--line:#31404e;--ground:#12181e;--paper:#1a222a;--bar:#5cc0aa;--bad:#ff8f80}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:26px;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:18px;margin:34px 0 10px}
.failure{color:var(--bad);font-weight:600}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(170px,1fr));gap:10px;margin:18px 0}
.fact{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:10px 12px}
.fact b{display:block;font-size:18px;overflow-wrap:anywhere}
.fact.long b{font-size:13px;font-weight:500}
.fact span,figcaption,.note,.axis{color:var(--soft);font-size:13px}
figure{margin:0;background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:10px}
figure img{display:block;width:100%;height:auto;border-radius:4px}
figcaption{margin-top:6px}
.wide figure+figure{margin-top:14px}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:14px}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:12px}
.cards dl{display:grid;grid-template-columns:auto 1fr;gap:0 10px;margin:8px 0 0;font-size:13px}
.cards dt{color:var(--soft)}.cards dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}
svg{display:block;width:100%;height:auto}
svg rect{fill:var(--bar)}svg text{fill:var(--soft);font-size:11px}svg line{stroke:var(--line)}
table{border-collapse:collapse;width:100%;background:var(--paper);border:1px solid var(--line);border-radius:8px}
th,td{padding:6px 12px;text-align:right;border-top:1px solid var(--line);font-variant-numeric:tabular-nums}
th:first-child,td:first-child{text-align:left}th{color:var(--soft);font-weight:600;border-top:0}
pre{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:12px;overflow:auto;font-size:12px}
summary{cursor:pointer;font-weight:600;margin:34px 0 10px}
ul{padding-left:20px}
)css";

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '&')
            result += "&amp;";
        else if (c == '<')
            result += "&lt;";
        else if (c == '>')
            result += "&gt;";
        else if (c == '"')
            result += "&quot;";
        else
            result += c;
    }
    return result;
}

std::string element(const std::string& tag, const std::string& content) {
    return "<" + tag + ">" + content + "</" + tag.substr(0, tag.find(' ')) + ">";
}

std::string picture_html(const ReportPicture& picture, const std::string& below = "") {
    return "<figure><img alt=\"" + escaped(picture.caption) + "\" width=\"" +
           std::to_string(picture.rgb.width) + "\" height=\"" + std::to_string(picture.rgb.height) +
           "\" src=\"" + data_url(picture.rgb) + "\">" +
           (picture.caption.empty() ? "" : element("figcaption", escaped(picture.caption))) + below +
           "</figure>";
}

std::string histogram_html(const ReportHistogram& histogram) {
    constexpr double width = 560, height = 200, left = 8, top = 18, bottom = 26;
    const std::int64_t most =
        std::max<std::int64_t>(1, *std::max_element(histogram.counts.begin(), histogram.counts.end()));
    const auto bins = static_cast<double>(histogram.counts.size());
    const double step = (width - 2 * left) / bins, plot = height - top - bottom;
    char text[400];
    std::string svg =
        "<svg viewBox=\"0 0 560 200\" role=\"img\" aria-label=\"" + escaped(histogram.title) + "\">";
    std::snprintf(text, sizeof text, "<line x1=\"%g\" x2=\"%g\" y1=\"%g\" y2=\"%g\"/>", left, width - left,
                  height - bottom, height - bottom);
    svg += text;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
        const double bar = plot * static_cast<double>(histogram.counts[i]) / static_cast<double>(most);
        const double x = left + step * static_cast<double>(i);
        std::snprintf(text, sizeof text,
                      "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\">", x + 1,
                      height - bottom - bar, step - 2, bar);
        svg += text +
               element("title", escaped(histogram.edges[i] + " to " + histogram.edges[i + 1] + ": " +
                                        std::to_string(histogram.counts[i]))) +
               "</rect>";
        if (histogram.counts[i] == most && most > 1) {
            std::snprintf(text, sizeof text, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%lld</text>",
                          x + step / 2, height - bottom - bar - 4, static_cast<long long>(most));
            svg += text;
        }
    }
    // As many edges as have room.
    const std::size_t every = std::max<std::size_t>(1, (histogram.edges.size() + 7) / 8);
    for (std::size_t i = 0; i < histogram.edges.size(); i += every) {
        const char* anchor = i == 0 ? "start" : i + 1 == histogram.edges.size() ? "end" : "middle";
        std::snprintf(text, sizeof text, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">",
                      left + step * static_cast<double>(i), height - bottom + 16, anchor);
        svg += text + escaped(histogram.edges[i]) + "</text>";
    }
    return "<figure>" + svg + "</svg>" + element("figcaption", escaped(histogram.title)) + "</figure>";
}

std::string table_html(const ReportTable& table) {
    std::string rows;
    const auto add = [&](const std::vector<std::string>& cells, const char* tag) {
        std::string row;
        for (const std::string& cell : cells) row += element(tag, escaped(cell));
        rows += element("tr", row) + "\n";
    };
    add(table.header, "th");
    for (const auto& row : table.rows) add(row, "td");
    return element("h2", escaped(table.title)) + "\n" + element("table", "\n" + rows) +
           (table.note.empty() ? "" : element("p class=\"note\"", escaped(table.note))) + "\n";
}

std::string card_html(const ReportCard& card) {
    std::string list;
    for (const auto& [name, value] : card.facts)
        list += element("dt", escaped(name)) + element("dd", escaped(value));
    return picture_html(card.picture, element("dl", list)) + "\n";
}

std::string facts_html(const Facts& facts) {
    std::string boxes;
    for (const auto& [name, value] : facts)
        boxes += std::string("<div class=\"fact") + (value.size() > longest_large ? " long" : "") + "\">" +
                 element("b", escaped(value)) + element("span", escaped(name)) + "</div>\n";
    return "<div class=\"facts\">\n" + boxes + "</div>\n";
}

}  // namespace

std::string html_page(const HtmlReport& report) {
    std::string body = element("h1", escaped(report.title)) + "\n";
    if (!report.failure.empty())
        body += element("p class=\"failure\"", "The run failed: " + escaped(report.failure)) + "\n";
    body += facts_html(report.facts);
    if (!report.pictures.empty()) {
        body += "<div class=\"wide\">\n";
        for (const ReportPicture& picture : report.pictures) body += picture_html(picture) + "\n";
        body += "</div>\n";
    }
    if (!report.histograms.empty()) {
        body += element("h2", "Distributions") + "\n<div class=\"two\">\n";
        for (const ReportHistogram& histogram : report.histograms) body += histogram_html(histogram) + "\n";
        body += "</div>\n";
    }
    if (!report.cards.empty()) {
        body += element("h2", escaped(report.cards_title)) + "\n<div class=\"cards\">\n";
        for (const ReportCard& card : report.cards) body += card_html(card);
        body += "</div>\n";
    }
    for (const ReportTable& table : report.tables) body += table_html(table);
    body += element("h2", "Failures and warnings") + "\n";
    std::string items;
    for (const std::string& warning : report.warnings) items += element("li", escaped(warning)) + "\n";
    body += items.empty() ? "<p>None.</p>\n" : element("ul", "\n" + items);
    if (!report.settings.empty())
        body += "<details>" + element("summary", "Settings") + element("pre", escaped(report.settings)) +
                "</details>\n";
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n" +
           element("title", escaped(report.title)) + "\n" + element("style", style) +
           "</head>\n<body><main>\n" + body + "</main></body></html>\n";
}

void write_html_report(const std::string& path, const HtmlReport& report, bool overwrite) {
    StagedOutput staged(path, overwrite);
    std::ofstream file(staged.path(), std::ios::binary);
    file << html_page(report);
    file.close();
    if (!file) throw write_error(path, "the disk may be full");
    staged.publish();
}

}  // namespace landseam::output
