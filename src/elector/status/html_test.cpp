#include "elector/status/html.h"

#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

TEST(Html, EscapesTextForContentAndAttributes) {
  const std::string text = R"(<img src=x onerror='a&b' title="{}">)";
  EXPECT_EQ(html("<p title=\"{}\">{}</p>", "\"'", text).markup(),
            "<p title=\"&quot;&#39;\">&lt;img src=x onerror=&#39;a&amp;b&#39; title=&quot;{}&quot;&gt;</p>");
}

TEST(Html, TakesMarkupAndNumbersAsTheyAre) {
  Html list = html("<li>{}</li>", 1);
  list += html("<li>{}</li>", "<2>");
  EXPECT_EQ(html("<ul>{}</ul>", list).markup(), "<ul><li>1</li><li>&lt;2&gt;</li></ul>");
}

TEST(Html, MarkupOfOurOwnMayHaveBraces) {
  EXPECT_EQ(html("<style>{}</style>", Html::verbatim("p{margin:0}")).markup(), "<style>p{margin:0}</style>");
}

}  // namespace
}  // namespace promfleet::elector
