#include "tools/qeval/text/text_table.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/base/errors.h"
#include "tools/qeval/text/comparison_tables.h"
#include "tools/qeval/text/wrapped_text.h"

namespace qeval {
namespace {

const Table small_table{{"name", "n"}, {{"a", 1}, {"± 22", 22}, {"none", {}}}};

TEST(TextTable, AlignsTextLeftAndNumbersRightWithoutTrailingSpaces) {
  EXPECT_EQ(format_table(small_table, TableFormat::text),
            "name   n\n"
            "a      1\n"
            "± 22  22\n"
            "none\n");
}

TEST(TextTable, FitsWhereItsWidestLineDoes) {
  EXPECT_TRUE(fits(small_table, 8));
  EXPECT_FALSE(fits(small_table, 7));
}

TEST(TextTable, FlipsOnANarrowTerminalTakeTwoColumns) {
  const Table flips{{"change", "image", "class", "A", "B", "margin A", "margin B"},
                    {{"broke", "cat/1.jpg", "cat", "cat", "dog", Cell::real(0.901, "0.901"), Cell::real(0.1, "0.100")},
                     {"broke", "cat/2.jpg", "cat", "cat", "failed", Cell::real(0.5, "0.500"), {}}}};
  EXPECT_EQ(fitted_table(narrow_flips_table(flips), 40, {}),
            "change  image, class: answer and margin\n"
            "        of A, of B\n"
            "broke   cat/1.jpg, cat: A cat 0.901, B\n"
            "        dog 0.100\n"
            "broke   cat/2.jpg, cat: A cat 0.500, B\n"
            "        failed\n");
}

TEST(TextTable, AColumnWithOneWordIsText) {
  EXPECT_EQ(format_table({{"n"}, {{100}, {"x"}}}, TableFormat::text), "n\n100\nx\n");
}

TEST(TextTable, WordsThatLookLikeNumbersAreText) {
  EXPECT_EQ(format_table({{"job", "n"}, {{"1e5", 1}, {"7", 20}}}, TableFormat::text), "job   n\n1e5   1\n7    20\n");
}

TEST(TextTable, ACellOfATableForPeopleIsOneLineWithoutControlCharacters) {
  const Table table{{"name", "n"}, {{"a\nb\t\x1b[2J\u202e\xff", 1}, {"plain", 22}}};
  EXPECT_EQ(format_table(table, TableFormat::text),
            "name                      n\n"
            "a\\nb\\t\\x1b[2J\\u202e\\xff   1\n"
            "plain                    22\n");
  EXPECT_EQ(format_table({{"a", "b"}, {{"x|y", "two\nlines"}}}, TableFormat::markdown),
            "| a | b |\n| --- | --- |\n| x\\|y | two\\nlines |\n");
}

TEST(TextTable, CsvQuotesWhatHoldsSeparatorsQuotesOrLineEnds) {
  EXPECT_EQ(format_table({{"a", "b"}, {{"x,y", "say \"z\""}, {"two\nlines", "plain"}}}, TableFormat::csv),
            "a,b\n\"x,y\",\"say \"\"z\"\"\"\n\"two\nlines\",plain\n");
}

TEST(TextTable, CsvWritesNumbersAsTheyAreAndNothingForNull) {
  const Table table{{"a", "b", "c", "d"},
                    {{std::int64_t{1} << 62, -0.5, Cell::real(87.9, "87.90"), {}}, {"", 7, 1e300, "x"}}};
  EXPECT_EQ(format_table(table, TableFormat::csv), "a,b,c,d\n4611686018427387904,-0.5,87.90,\n,7,1e+300,x\n");
}

TEST(TextTable, JsonHasTheTypesOfTheCells) {
  const Table table{{"job", "digits", "empty", "null", "whole", "fraction", "nan", "infinite"},
                    {{"1e5", "007", "", {}, std::int64_t{1} << 62, Cell::real(87.9, "87.90"), std::nan(""), INFINITY}}};
  EXPECT_EQ(nlohmann::json::parse(format_table(table, TableFormat::json)),
            nlohmann::json::parse(R"([{"job": "1e5", "digits": "007", "empty": "", "null": null,
                                       "whole": 4611686018427387904, "fraction": 87.9, "nan": null,
                                       "infinite": "inf"}])"));
  EXPECT_EQ(format_table({{"a"}, {}}, TableFormat::json), "[]\n");
}

TEST(TextTable, JsonEscapesWhatIsNotAsciiAndLosesNothing) {
  const std::string name = "Äpfel \u202e\x1b\u009b\n\x7f";
  const std::string text = format_table({{"name"}, {{name}, {"\xff"}}}, TableFormat::json);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << int{c};
  EXPECT_EQ(nlohmann::json::parse(text), nlohmann::json::parse(R"([{"name": "\u00c4pfel \u202e\u001b\u009b\n\u007f"},
                                                                  {"name": "\\xff"}])"));
}

TEST(TextTable, JsonLinesAreAnObjectEach) {
  EXPECT_EQ(format_table({{"a", "b"}, {{1, "x"}, {2, {}}}}, TableFormat::jsonl),
            "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":null}\n");
}

TEST(TextTable, AnUnknownFormatIsAnsweredWithTheKnownOnes) {
  try {
    parse_table_format("xml");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("'xml' is not one of table, csv, json, jsonl, md"));
  }
}

const Table runs{{"run", "top-1", "note"}, {{"calm-otter", 1.5, "one two three"}, {"x", 22, ""}}};

TEST(FittedTable, IsTheTableWhereItFits) {
  EXPECT_EQ(fitted_table(runs, 32, {"note"}), format_table(runs, TableFormat::text));
  EXPECT_EQ(display_width("calm-otter    1.5  one two three"), 32u);
}

TEST(FittedTable, LosesAsManyColumnsAsItMust) {
  EXPECT_EQ(fitted_table(runs, 31, {"note", "top-1"}),
            "run         top-1\n"
            "calm-otter    1.5\n"
            "x              22\n");
  EXPECT_EQ(fitted_table(runs, 16, {"note", "top-1"}), "run\ncalm-otter\nx\n");
}

TEST(FittedTable, IsALinePerCellWhereNothingElseFits) {
  EXPECT_EQ(fitted_table(runs, 18, {}),
            "run    calm-otter\n"
            "top-1  1.5\n"
            "note   one two\n"
            "       three\n"
            "\n"
            "run    x\n"
            "top-1  22\n"
            "note\n");
}

TEST(FittedTable, OfTwoColumnsNamesTheSecondByTheFirst) {
  const Table pairs{{"name", "value"}, {{"a", "one two three"}, {"longer", "x\ny"}}};
  EXPECT_EQ(fitted_table(pairs, 15, {}),
            "name    value\n"
            "a       one two\n"
            "        three\n"
            "longer  x\\ny\n");
}

TEST(FittedTable, WithoutRowsIsItsNames) { EXPECT_EQ(fitted_table({{"run", "top-1"}, {}}, 4, {}), "run  top-1\n"); }

}  // namespace
}  // namespace qeval
