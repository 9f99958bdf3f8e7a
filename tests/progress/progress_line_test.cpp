#include "tools/qeval/text/progress_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qeval {
namespace {

using testing::HasSubstr;
using testing::Not;

ProgressFigures figures() {
  ProgressFigures f;
  f.label = "w8a8";
  f.done = 26112;
  f.total = 50000;
  f.accuracy = {0.7871, 0.941};
  f.images_per_second = 2431;
  f.waiting_on = "decode";
  return f;
}

TEST(ProgressLine, TellsAllFiguresInOneLine) {
  EXPECT_EQ(plain_line(figures()),
            "w8a8  26,112/50,000  52 %  top-1 78.71 %  top-5 94.10 %  2,431 img/s  ETA 0:10  waiting on: decode");
}

TEST(ProgressLine, OfLayersSaysWhatIsLeftAtThePresentPace) {
  LayerFigures f;
  f.label = "w8a8 AdaRound";
  f.before = 10;
  f.done = 12;
  f.total = 50;
  f.layer = "conv3";
  f.seconds = 20;
  EXPECT_EQ(layer_line(f, 80), "w8a8 AdaRound: 12 of 50 layers, conv3  ETA 6:20");
  EXPECT_EQ(layer_line(f, 47), "w8a8 AdaRound: 12 of 50 layers, conv3  ETA 6:20");
  EXPECT_EQ(layer_line(f, 46), "w8a8 AdaRound: 12 of 50 layers  ETA 6:20");
  f.share = 0.5;
  EXPECT_EQ(layer_line(f, 80), "w8a8 AdaRound: 12 of 50 layers, conv3 50 %  ETA 5:00");
  f.done = 10;
  f.share = 0;
  EXPECT_EQ(layer_line(f, 80), "w8a8 AdaRound: 10 of 50 layers, conv3 0 %");
  f.done = 50;
  f.share.reset();
  EXPECT_EQ(layer_line(f, 80), "w8a8 AdaRound: 50 of 50 layers, conv3");
}

TEST(ProgressLine, LeavesOutWhatIsNotKnown) {
  ProgressFigures f;
  f.label = "calibrate";
  f.total = 2000;
  EXPECT_EQ(plain_line(f), "calibrate  0/2,000  0 %");
}

TEST(ProgressLine, SaysHundredPercentOnlyAtTheEnd) {
  ProgressFigures f = figures();
  f.done = 49999;
  EXPECT_THAT(plain_line(f), HasSubstr("  99 %"));
  f.done = 50000;
  EXPECT_THAT(plain_line(f), AllOf(HasSubstr("50,000/50,000  100 %"), Not(HasSubstr("ETA"))));
}

TEST(ProgressLine, GivesLongTimesInHoursAndSlowRatesWithDecimals) {
  ProgressFigures f = figures();
  f.images_per_second = 5.25;
  EXPECT_THAT(plain_line(f), HasSubstr("  5.25 img/s  ETA 1:15:50  "));
  f.images_per_second = 42.04;
  EXPECT_THAT(plain_line(f), HasSubstr("  42.0 img/s  ETA 9:28  "));
}

TEST(ProgressLine, DrawsAnAsciiBarWhereTheLocaleIsNotUtf8) {
  ProgressFigures f;
  f.label = "fp32";
  f.done = 5;
  f.total = 10;
  EXPECT_EQ(bar_line(f, {60, false, false}), "fp32  ##########-----------  5/10  50 %");
}

TEST(ProgressLine, DrawsALineBarInUtf8) {
  ProgressFigures f;
  f.label = "fp32";
  f.done = 5;
  f.total = 10;
  EXPECT_EQ(bar_line(f, {60, true, false}), "fp32  ━━━━━━━━━━┄┄┄┄┄┄┄┄┄┄┄  5/10  50 %");
  EXPECT_EQ(bar_line(f, {60, true, true}), "fp32  \033[32m━━━━━━━━━━\033[0m\033[2m╺━━━━━━━━━━\033[0m  5/10  50 %");
}

TEST(ProgressLine, LosesTheStageThenTop5ThenTheBarThenOneFigureAfterTheOther) {
  const ProgressFigures f = figures();
  const std::string plain = plain_line(f);
  const std::string without_stage = plain.substr(0, plain.find("  waiting on"));
  const int length = static_cast<int>(plain.size()), shorter = static_cast<int>(without_stage.size());
  EXPECT_EQ(
      bar_line(f, {length + 10, false, false}),
      "w8a8  ####----  26,112/50,000  52 %  top-1 78.71 %  top-5 94.10 %  2,431 img/s  ETA 0:10  waiting on: decode");
  EXPECT_THAT(bar_line(f, {length + 9, false, false}), HasSubstr("##########-----------  26,112"));
  EXPECT_EQ(bar_line(f, {shorter + 10, false, false}),
            "w8a8  ####----  26,112/50,000  52 %  top-1 78.71 %  top-5 94.10 %  2,431 img/s  ETA 0:10");
  EXPECT_EQ(bar_line(f, {79, false, false}),
            "w8a8  #######-------  26,112/50,000  52 %  top-1 78.71 %  2,431 img/s  ETA 0:10");
  EXPECT_EQ(bar_line(f, {70, false, false}), "w8a8  26,112/50,000  52 %  top-1 78.71 %  2,431 img/s  ETA 0:10");
  EXPECT_EQ(bar_line(f, {62, false, false}), "w8a8  26,112/50,000  52 %  top-1 78.71 %  2,431 img/s");
  EXPECT_EQ(bar_line(f, {40, false, false}), "w8a8  26,112/50,000  52 %  top-1 78.71 %");
  EXPECT_EQ(bar_line(f, {38, false, false}), "w8a8  26,112/50,000  52 %");
  EXPECT_EQ(bar_line(f, {4, false, false}), "w8a8");
  EXPECT_EQ(bar_line(f, {3, false, false}), "") << "no part of a word";
  EXPECT_EQ(bar_line(f, {-1, false, false}), "");
}

TEST(ProgressLine, CountsCharactersOnce) {
  ProgressFigures f;
  f.label = "größe";
  f.total = 10;
  EXPECT_EQ(bar_line(f, {11, true, false}), "größe  0/10");
  EXPECT_EQ(bar_line(f, {10, true, false}), "größe");
}

}  // namespace
}  // namespace qeval
