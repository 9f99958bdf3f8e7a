// Whatever text is written, it stays text.
#include "tools/qeval/html/html_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/qeval/html/base64.h"
#include "tools/qeval/html/html_table.h"

namespace qeval {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(HtmlWriter, TextAndAttributesAreEscaped) {
  HtmlWriter html;
  html.leaf("p", "<b>&'\"", {{"title", "\"><i>"}});
  EXPECT_EQ(html.take(), "<p title=\"&quot;&gt;&lt;i&gt;\">&lt;b&gt;&amp;&#39;&quot;</p>");
}

TEST(HtmlWriter, ControlCharactersAndBytesThatAreNoTextAreWrittenOut) {
  HtmlWriter html;
  html.text("a\n\x1b\xff\u202e");
  html.lines("b\nc");
  EXPECT_EQ(html.take(), "a\\n\\x1b\\xff\\u202eb\nc");
}

TEST(HtmlWriter, WhatIsOpenedIsClosedInItsOrder) {
  HtmlWriter html;
  {
    const auto outer = html.element("div", {{"class", "x"}});
    const auto inner = html.element("p");
    html.single("img", {{"alt", ""}});
  }
  EXPECT_EQ(html.take(), "<div class=\"x\"><p><img alt/></p></div>");
}

TEST(HtmlWriter, NoContentBreaksOutOfTheData) {
  HtmlWriter html;
  const nlohmann::ordered_json value{{"name", "</script><!--&\u2028\xff"}};
  html.json("data", value);
  const std::string text = html.take();
  EXPECT_EQ(text.find("</script>"), text.size() - 9);
  EXPECT_THAT(text, Not(HasSubstr("<!--")));
  const std::size_t begin = text.find('{');
  const auto read = nlohmann::json::parse(text.substr(begin, text.rfind('}') + 1 - begin));
  EXPECT_EQ(read["name"], "</script><!--&\u2028\ufffd");
}

// RFC 4648, section 10.
TEST(Base64, AgreesWithTheStandard) {
  const auto text = [](std::string_view bytes) {
    return base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  };
  EXPECT_EQ(text(""), "");
  EXPECT_EQ(text("f"), "Zg==");
  EXPECT_EQ(text("fo"), "Zm8=");
  EXPECT_EQ(text("foo"), "Zm9v");
  EXPECT_EQ(text("foobar"), "Zm9vYmFy");
}

TEST(HtmlTable, SaysHowManyRowsItLeavesOutAndHowToGetThem) {
  HtmlWriter html;
  const Table table{{"name", "count"}, {{"a", 1}, {"b", -2}, {"c", 3}}};
  write_table(html, table, {.caption = "Rows", .rows_in_all = 5, .whole_list = "command", .most_rows = 2});
  const std::string text = html.take();
  EXPECT_THAT(text, HasSubstr("<caption>Rows: 2 of 5; all of them: command</caption>"));
  EXPECT_THAT(text, HasSubstr("<table class=\"sortable n2\">"));
  EXPECT_THAT(text, HasSubstr("<tr><th scope=\"row\">b</th><td>−2</td></tr></tbody>"));
}

}  // namespace
}  // namespace qeval
