#include "pipeline/base/visible_text.h"

#include <gtest/gtest.h>

#include "pipeline/base/utf8.h"

namespace {

using qeval::is_utf8;
using qeval::visible_name;
using qeval::visible_text;

TEST(VisibleText, OrdinaryTextStaysAsItIs) {
  for (const char* text : {"", "plain", "C:\\new", "Äpfel, 写真, 🦊", "top-1 ± 2 %", "e\u0301 and \u200d joined"}) {
    EXPECT_EQ(visible_text(text), text);
    EXPECT_EQ(visible_name(text), text);
  }
}

TEST(VisibleText, ControlCharactersAreWrittenOut) {
  EXPECT_EQ(visible_name(std::string_view("a\0b\x1b[31mc\x7f\b", 11)), "a\\x00b\\x1b[31mc\\x7f\\x08");
  EXPECT_EQ(visible_name("\xc2\x80 \xc2\x9b"
                         "2J \xc2\x9f \xc2\xa0"),
            "\\u0080 \\u009b2J \\u009f \xc2\xa0");
}

TEST(VisibleText, ALineEndIsOneInAMessageAndNoneInAName) {
  EXPECT_EQ(visible_text("a\nb\r\n\tc"), "a\nb\\r\n\\tc");
  EXPECT_EQ(visible_name("a\nb\r\n\tc"), "a\\nb\\r\\n\\tc");
  EXPECT_EQ(visible_text("a\u2028b\u2029c"), "a\\u2028b\\u2029c");
}

TEST(VisibleText, BidirectionalMarksAreWrittenOut) {
  EXPECT_EQ(visible_text("gpj.\u202e1"), "gpj.\\u202e1");
  EXPECT_EQ(visible_text("\u061c\u200e\u200f\u202a\u202b\u202c\u202d"),
            "\\u061c\\u200e\\u200f\\u202a\\u202b\\u202c\\u202d");
  EXPECT_EQ(visible_text("\u2065\u2066\u2067\u2068\u2069\u206a"), "\u2065\\u2066\\u2067\\u2068\\u2069\u206a");
}

TEST(VisibleText, BytesThatAreNotUtf8AreWrittenOutOneByOne) {
  EXPECT_EQ(visible_name("a\xff\xe2\x80"), "a\\xff\\xe2\\x80");
  EXPECT_EQ(visible_name("\xed\xa0\x80 \xc0\x8a \xf4\x90\x80\x80 \x9b"),
            "\\xed\\xa0\\x80 \\xc0\\x8a \\xf4\\x90\\x80\\x80 \\x9b")
      << "a surrogate, an overlong line end, a number above Unicode's, a lone byte that is a C1 control in Latin-1";
  EXPECT_EQ(visible_name("\xf0\x9f\xa6"), "\\xf0\\x9f\\xa6");
}

TEST(VisibleText, WhatIsShownIsAlwaysUtf8) {
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      EXPECT_TRUE(is_utf8(visible_name(text))) << first << " " << second;
    }
}

}  // namespace
