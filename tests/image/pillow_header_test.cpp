// Right-hand sides: what Pillow 13.0.0 does with the same bytes inserted after FF D8.
#include "stages/image/pillow_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "pipeline/base/errors.h"
#include "stages/image/jpeg_decode.h"
#include "tests/image/jpeg_writer.h"

namespace qeval::test {
namespace {

using namespace std::string_view_literals;

/// "ok", or the message of the refusal, for a good file with `inserted` before its first segment.
std::string outcome_with(std::string_view inserted) {
  JpegSpec spec;
  spec.color = JpegSpec::Color::gray;
  spec.width = spec.height = 16;
  spec.pixels.assign(16 * 16, 100);
  std::vector<std::uint8_t> file = write_jpeg(spec);
  file.insert(file.begin() + 2, inserted.begin(), inserted.end());
  try {
    decode_jpeg(file);
    return "ok";
  } catch (const ItemError& error) {
    return error.kind() + ": " + error.what();
  }
}

TEST(PillowHeader, RefusesSegmentsThatOnlyLibjpegWouldAccept) {
  EXPECT_THAT(outcome_with("\xff\xee\x00\x07"
                           "Adobe"sv),
              testing::StartsWith("corrupt: the header has an application segment cut short"));
  EXPECT_THAT(outcome_with("\xff\xe0\x00\x08JFIF\0\x01"sv),
              testing::StartsWith("corrupt: the header has an application"));
  EXPECT_THAT(outcome_with("\xff\x01"sv), testing::StartsWith("corrupt: the header has an undefined marker"));
}

TEST(PillowHeader, AcceptsOddHeadersThatPillowAccepts) {
  EXPECT_EQ(outcome_with(""sv), "ok");
  EXPECT_EQ(outcome_with("\xff\xff\xff"sv), "ok") << "fill bytes";
  EXPECT_EQ(outcome_with("\xff\xd0"sv), "ok") << "a restart marker";
  EXPECT_EQ(outcome_with("\xff\xe0\x00\x01"sv), "ok") << "a segment length below 2";
  EXPECT_EQ(outcome_with("\xff\xfe\x00\x04hi"sv), "ok") << "a comment";
}

}  // namespace
}  // namespace qeval::test
