#include "landseam/core/error.h"

#include <gtest/gtest.h>

namespace landseam {
namespace {

TEST(Error, NamesSubjectCauseAndRemedyInOneLine) {
    const Error error("a b.tif", "cannot be read:\nno such file", "check the path");
    EXPECT_STREQ(error.what(), "'a b.tif': cannot be read: no such file; check the path");
    EXPECT_EQ(error.kind(), ErrorKind::failed);
}

TEST(Error, LeavesOutWhatIsNotKnown) {
    EXPECT_STREQ(Error("", "cause").what(), "cause");
    EXPECT_STREQ(Error("subject", "cause", "").what(), "'subject': cause");
}

}  // namespace
}  // namespace landseam
