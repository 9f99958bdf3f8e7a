// A comparison of two runs in words: the issue's own figures, verdicts, widths, signs of the locale.
#include "tools/qeval/text/comparison_text.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/qeval/text/locale_text.h"
#include "tools/qeval/text/number_text.h"
#include "tools/qeval/text/wrapped_text.h"

namespace qeval {
namespace {

using ::testing::HasSubstr;

/// Sets the locale's variable for one test.
class ComparisonText : public ::testing::Test {
 protected:
  ComparisonText() { setenv("LC_ALL", "C.UTF-8", 1); }
  ~ComparisonText() override { unsetenv("LC_ALL"); }
};

Comparison comparison(const PairedCounts& counts) {
  Comparison made;
  made.top1 = made.top5 = {counts, paired_score_interval(counts), mcnemar(counts.broke, counts.fixed)};
  return made;
}

TEST_F(ComparisonText, ADropIsOneSentence) {
  EXPECT_EQ(drop_text("w8a8", "fp32", comparison({38460, 1155, 920, 9465}), usual_alpha),
            "w8a8 vs fp32: −0.47 points (−0.65 … −0.29), 1,155 broke, 920 fixed, p = 2e-7:\n  a real drop\n");
}

TEST_F(ComparisonText, NoiseIsCalledNoiseAndWhatWouldTellIsSaid) {
  EXPECT_EQ(drop_text("w8a8", "fp32", comparison({17, 1, 0, 2}), usual_alpha),
            "w8a8 vs fp32: −5.00 points (−23.61 … +11.92), 1 broke, 0 fixed, p = 1:\n"
            "  cannot be told from noise; about 160 images would tell\n");
  EXPECT_EQ(verdict_text(comparison({17, 1, 1, 2}).top1, usual_alpha), "cannot be told from noise");
  EXPECT_EQ(verdict_text(comparison({17, 0, 0, 3}).top1, usual_alpha), "no image differs");
  EXPECT_EQ(verdict_text(comparison({17, 0, 9, 3}).top1, usual_alpha), "a real gain");
}

TEST_F(ComparisonText, AlphaDecides) {
  const AccuracyChange change = comparison({100, 12, 2, 5}).top1;  // p = 0.013
  EXPECT_EQ(verdict_text(change, 0.05), "a real drop");
  EXPECT_THAT(verdict_text(change, 0.01), HasSubstr("cannot be told from noise"));
}

TEST_F(ComparisonText, AHalfRunAndImagesWithoutAnAnswerAreSaid) {
  Comparison half = comparison({30, 5, 5, 0});
  half.only_first = 120;
  half.unusable_second = {2, 3};
  EXPECT_EQ(drop_text("w8a8", "fp32", half, usual_alpha),
            "w8a8 vs fp32, on the 40 images that both evaluated: 0.00 points (−16.63 …\n"
            "  +16.63), 5 broke, 5 fixed, p = 1:\n"
            "  cannot be told from noise (images without an answer count as wrong: 2 of w8a8\n"
            "  failed, 3 of w8a8 are not finite)\n");
  EXPECT_EQ(drop_text("w8a8", "fp32", {}, usual_alpha), "w8a8 vs fp32: no image that both evaluated yet\n");
}

TEST_F(ComparisonText, AVerdictThatHasRoomBehindTheFiguresStandsThere) {
  EXPECT_EQ(drop_text("w8a8_per_channel", "fp32", comparison({850, 32, 15, 103}), usual_alpha),
            "w8a8_per_channel vs fp32: −1.70 points (−3.14 … −0.37), 32 broke, 15 fixed,\n"
            "  p = 0.0133: a real drop\n");
}

TEST_F(ComparisonText, IsAsciiWhereTheLocaleIs) {
  setenv("LC_ALL", "C", 1);
  EXPECT_EQ(drop_text("w8a8", "fp32", comparison({38460, 1155, 920, 9465}), usual_alpha),
            "w8a8 vs fp32: -0.47 points (-0.65 .. -0.29), 1,155 broke, 920 fixed, p = 2e-7:\n  a real drop\n");
  EXPECT_EQ(locale_text("χ² … – ± → − ×"), "χ2 .. - +- -> - x") << "what has no plain sign stays";
}

TEST(NumberText, IsAsPeopleReadIt) {
  EXPECT_EQ(with_commas(1'234'567), "1,234,567");
  EXPECT_EQ(with_commas(-123), "-123");
  EXPECT_EQ(roughly(13'871), "14,000");
  EXPECT_EQ(roughly(99'600), "100,000");
  EXPECT_EQ(roughly(155), "160");
  EXPECT_EQ(points_text(-0.00004), "0.00") << "no minus before nothing";
  EXPECT_EQ(points_text(0.0012), "+0.12");
  EXPECT_EQ(p_text(0.0496), "p = 0.0496");
  EXPECT_EQ(p_text(2.8e-7), "p = 3e-7");
  EXPECT_EQ(p_text(0), "p < 1e-300");
}

TEST(WrappedText, BreaksBetweenWordsAndKeepsBlanksInside) {
  EXPECT_EQ(wrapped("one two three", 2, 8), "one two\n  three\n");
  EXPECT_EQ(wrapped("label   text behind", 4, 14), "label   text\n    behind\n");
  EXPECT_EQ(wrapped("one p = 0.05 two", 2, 8), "one\n  p = 0.05\n  two\n");
  EXPECT_EQ(wrapped("class a: 31 → 24, more", 2, 12), "class a:\n  31 → 24,\n  more\n");
  EXPECT_EQ(wrapped("stopped; go on with: qeval resume it --db file", 2, 12),
            "stopped; go\n  on with:\n  qeval resume it --db file\n")
      << "a command is there to be copied";
  EXPECT_EQ(wrapped("unbreakable word", 2, 4), "unbreakable\n  word\n");
  EXPECT_EQ(wrapped("− − −", 0, 3), "− −\n−\n") << "signs, not bytes, have a width";
}

}  // namespace
}  // namespace qeval
