#include "landseam/output/html_report.h"

#include "landseam/core/error.h"

#include "output/test_files.h"

#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::output {
namespace {

using testing::content;
using ::testing::HasSubstr;
using testing::message_of;
using ::testing::Not;
using testing::TemporaryFolder;

HtmlReport sample() {
    HtmlReport report;
    report.title = "scene <1> & \"more\"";
    report.facts = {{"segments", "12"}};
    report.pictures = {{"all of it", ImageU8(40, 30, 3, 90)}};
    report.histograms = {{"by area", {"1", "10", "100"}, {3, 7}}};
    report.cards_title = "The largest";
    report.cards = {{{"Segment 1", ImageU8(20, 20, 3, 200)}, {{"area", "5 m²"}}}};
    report.tables = {{"Timing", "a note", {"phase", "time"}, {{"tiles", "3 s"}}}};
    report.warnings = {"<script>alert(1)</script>"};
    report.settings = "{\"a\": \"</pre>\"}";
    return report;
}

TEST(HtmlReport, ShowsAllItsParts) {
    const std::string page = html_page(sample());
    for (const char* part : {"all of it", "by area", "1 to 10: 3", "10 to 100: 7", "Segment 1", "5 m²",
                             "Timing", "a note", "3 s"})
        EXPECT_THAT(page, HasSubstr(part));
    EXPECT_EQ(std::string(page.substr(0, 15)), "<!DOCTYPE html>");
}

TEST(HtmlReport, NeedsNothingFromAnywhere) {
    const std::string page = html_page(sample());
    const std::regex reference(R"re((src|href|action|data|srcset)\s*=\s*"([^"]*)")re");
    int references = 0;
    for (std::sregex_iterator it(page.begin(), page.end(), reference), end; it != end; ++it, ++references)
        EXPECT_EQ((*it)[2].str().substr(0, 5), "data:") << (*it)[0];
    EXPECT_EQ(references, 2);
    for (const char* way_out : {"http:", "https:", "url(", "@import", "<link", "<script", "<iframe"})
        EXPECT_THAT(page, Not(HasSubstr(way_out))) << way_out;
}

TEST(HtmlReport, TakesNoTextForHtml) {
    const std::string page = html_page(sample());
    EXPECT_THAT(page, HasSubstr("scene &lt;1&gt; &amp; &quot;more&quot;"));
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
    EXPECT_THAT(page, HasSubstr("&lt;/pre&gt;"));
}

TEST(HtmlReport, LeavesOutWhatIsEmptyAndTellsAFailure) {
    HtmlReport report;
    report.title = "nothing";
    EXPECT_THAT(html_page(report), HasSubstr("None."));
    for (const char* part : {"Distributions", "<table", "<figure", "<details", "failed:"})
        EXPECT_THAT(html_page(report), Not(HasSubstr(part))) << part;
    report.failure = "the disk is full";
    EXPECT_THAT(html_page(report), HasSubstr("The run failed: the disk is full"));
}

TEST(HtmlReport, IsWrittenWholeAndOverwritesOnRequest) {
    const TemporaryFolder folder;
    write_html_report(folder / "report.html", sample());
    EXPECT_EQ(content(folder / "report.html"), html_page(sample()));
    EXPECT_THAT(message_of([&] { write_html_report(folder / "report.html", sample()); }),
                HasSubstr("--overwrite"));
    write_html_report(folder / "report.html", sample(), true);
    EXPECT_EQ(folder.listing(), "report.html ");
}

}  // namespace
}  // namespace landseam::output
