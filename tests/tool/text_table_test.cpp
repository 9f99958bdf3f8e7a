#include "tools/qeval/text_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/errors.h"

namespace qeval {
namespace {

const Table k_table{{"name", "n"}, {{"a", "1"}, {"± 22", "22"}, {"none", ""}}};

TEST(TextTable, AlignsTextLeftAndNumbersRightWithoutTrailingSpaces) {
  EXPECT_EQ(format_table(k_table, TableFormat::text),
            "name   n\n"
            "a      1\n"
            "± 22  22\n"
            "none\n");
}

TEST(TextTable, AColumnWithOneWordIsText) {
  EXPECT_EQ(format_table({{"n"}, {{"100"}, {"x"}}}, TableFormat::text), "n\n100\nx\n");
}

TEST(TextTable, CsvQuotesWhatHoldsSeparatorsQuotesOrLineEnds) {
  EXPECT_EQ(format_table({{"a", "b"}, {{"x,y", "say \"z\""}, {"two\nlines", "plain"}}}, TableFormat::csv),
            "a,b\n\"x,y\",\"say \"\"z\"\"\"\n\"two\nlines\",plain\n");
}

TEST(TextTable, JsonHoldsNumbersTextAndNull) {
  const Table table{{"text", "whole", "fraction", "absent", "nan", "zeros", "hex"},
                    {{"a", "12", "-0.5", "", "nan", "007", "0x10"}}};
  EXPECT_EQ(nlohmann::json::parse(format_table(table, TableFormat::json)),
            nlohmann::json::parse(R"([{"text": "a", "whole": 12, "fraction": -0.5, "absent": null, "nan": "nan",
                                       "zeros": "007", "hex": "0x10"}])"));
  EXPECT_EQ(format_table({{"a"}, {}}, TableFormat::json), "[]\n");
}

TEST(TextTable, MarkdownEscapesBarsAndKeepsARowOnOneLine) {
  EXPECT_EQ(format_table({{"a", "b"}, {{"x|y", "two\nlines"}}}, TableFormat::markdown),
            "| a | b |\n| --- | --- |\n| x\\|y | two lines |\n");
}

TEST(TextTable, AnUnknownFormatIsAnsweredWithTheKnownOnes) {
  try {
    parse_table_format("xml");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("'xml' is not one of table, csv, json, md"));
  }
}

}  // namespace
}  // namespace qeval
