#include <gmock/gmock.h>

#include "tests/model/weights_test_bytes.h"

namespace qeval::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape, std::size_t begin,
                  std::size_t end) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":[" +
         std::to_string(begin) + "," + std::to_string(end) + "]}";
}

std::string one(const std::string& dtype, const std::string& shape, const std::string& data) {
  return safetensors("{" + entry("w", dtype, shape, 0, data.size()) + "}", data);
}

TEST(SafetensorsWeights, ReadsEveryFloatTypeAsF32AndListsIntegers) {
  const std::string data = raw<float>({1.5f, -2}) + raw<std::uint16_t>({0x3c00, 0xc000}) +
                           raw<std::uint16_t>({0x3f80, 0xc040}) + raw<double>({0.1}) + raw<std::int64_t>({7});
  const auto state =
      load(safetensors("{\"__metadata__\":{\"format\":\"pt\"}," + entry("a", "F32", "[2]", 0, 8) + "," +
                           entry("b", "F16", "[2,1]", 8, 12) + "," + entry("c", "BF16", "[1,2]", 12, 16) + "," +
                           entry("d", "F64", "[]", 16, 24) + "," + entry("n", "I64", "[]", 24, 32) + "}   ",
                       data));
  EXPECT_EQ(state.format, "safetensors");
  EXPECT_THAT(values_of(state, "a"), ElementsAre(1.5f, -2.0f));
  EXPECT_THAT(values_of(state, "b"), ElementsAre(1.0f, -2.0f));
  EXPECT_THAT(values_of(state, "c"), ElementsAre(1.0f, -3.0f));
  EXPECT_THAT(values_of(state, "d"), ElementsAre(0.1f));
  EXPECT_THAT(state.tensors.at("b").shape(), ElementsAre(2, 1));
  EXPECT_THAT(state.skipped, ElementsAre("n"));
}

TEST(SafetensorsWeights, ReadsF32ThatIsNotAligned) {
  // Header padded so that the data starts at an odd address.
  for (int padding = 0; padding < 4; ++padding) {
    const auto state = load(
        safetensors("{" + entry("w", "F32", "[3]", 0, 12) + "}" + std::string(static_cast<std::size_t>(padding), ' '),
                    raw<float>({1, 2, 3})));
    EXPECT_THAT(values_of(state, "w"), ElementsAre(1, 2, 3)) << padding;
  }
}

TEST(SafetensorsWeights, ReadsATensorWithoutElements) {
  const auto state = load(one("F32", "[0,576460752303423488]", ""));
  EXPECT_EQ(state.tensors.at("w").numel(), 0);
  EXPECT_TRUE(state.tensors.at("w").defined());
}

TEST(SafetensorsWeights, IsRecognizedWhenItsHeaderLengthLooksLikeAPickle) {
  std::string json = "{" + entry("w", "F32", "[1]", 0, 4) + "}";
  json.resize(0x80, ' ');  // first byte of the file: 0x80
  EXPECT_THAT(values_of(load(safetensors(json, raw<float>({4}))), "w"), ElementsAre(4));
}

TEST(SafetensorsWeights, RefusesAHeaderThatClaimsMoreThan100MB) {
  EXPECT_THAT(load_error(little(100'000'001, 8) + "{}"), HasSubstr("header of 100000001 bytes"));
  EXPECT_THAT(load_error(little(~0ull, 8) + "{}"), HasSubstr("header of 18446744073709551615 bytes"));
}

TEST(SafetensorsWeights, RefusesAHeaderLongerThanTheFile) {
  EXPECT_THAT(load_error(little(50'000'000, 8) + "{}"), HasSubstr("ends early"));
}

TEST(SafetensorsWeights, RefusesMoreThan100000Tensors) {
  std::string json = "{";
  for (int i = 0; i <= 100'000; ++i) json += (i ? "," : "") + entry(std::to_string(i), "F32", "[0]", 0, 0);
  EXPECT_THAT(load_error(safetensors(json + "}")), HasSubstr("more than 100000 tensors"));
}

TEST(SafetensorsWeights, RefusesANameThatAppearsTwice) {
  const auto twice = entry("w", "F32", "[1]", 0, 4) + "," + entry("w", "F32", "[1]", 4, 8);
  EXPECT_THAT(load_error(safetensors("{" + twice + "}", std::string(8, '\0'))), HasSubstr("names 'w' twice"));
}

TEST(SafetensorsWeights, RefusesOverlapsHolesAndBytesOutside) {
  const auto two = [](std::size_t begin, std::size_t end, std::size_t size) {
    return load_error(safetensors("{" + entry("a", "F32", "[2]", 0, 8) + "," +
                                      entry("b", "F32", "[" + std::to_string((end - begin) / 4) + "]", begin, end) +
                                      "}",
                                  std::string(size, '\0')));
  };
  EXPECT_THAT(two(4, 12, 12), HasSubstr("tensor 'b' at bytes 4..12 overlaps"));
  EXPECT_THAT(two(0, 8, 8), HasSubstr("overlaps"));
  EXPECT_THAT(two(12, 16, 16), HasSubstr("leaves a hole"));
  EXPECT_THAT(two(8, 16, 12), HasSubstr("outside the 12 data bytes"));
  EXPECT_THAT(two(8, 16, 17), HasSubstr("1 bytes after the last tensor"));
}

TEST(SafetensorsWeights, RefusesShapesThatDoNotFitTheirBytes) {
  EXPECT_THAT(load_error(one("F32", "[3]", std::string(8, '\0'))), HasSubstr("3 elements of F32 but 8 bytes"));
  EXPECT_THAT(load_error(one("F32", "[4294967296,4294967296]", "")), HasSubstr("overflows"));
  EXPECT_THAT(load_error(one("F32", "[4611686018427387904,4]", "")), HasSubstr("overflows"));
  EXPECT_THAT(load_error(one("F32", "[18446744073709551615]", "")), HasSubstr("overflows"));
  EXPECT_THAT(load_error(one("F32", "[-1]", "")), HasSubstr("negative"));
  EXPECT_THAT(load_error(one("F32", "[1.0]", std::string(4, '\0'))), HasSubstr("'1.0'"));
}

TEST(SafetensorsWeights, RefusesTypesItWouldOtherwiseDrop) {
  EXPECT_THAT(load_error(one("F8_E4M3", "[4]", std::string(4, '\0'))), HasSubstr("dtype 'F8_E4M3'"));
}

TEST(SafetensorsWeights, RefusesMalformedHeaders) {
  for (const char* json :
       {"{\"w\":", "{\"w\":{}}", "{\"w\":3}", "{\"w\":null}", "{\"w\":[1]}", "{}x", "{\"w\":{\"dtype\":{\"a\":1}}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[[1]],\"data_offsets\":[0,4]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", "{\"\xff\":{}}"})
    EXPECT_THAT(load_error(safetensors(json, "1234")), HasSubstr("safetensors header")) << json;
}

TEST(SafetensorsWeights, RefusesDeepNestingWithoutRecursion) {
  std::string json = "{\"w\":";
  for (int i = 0; i < 1'000'000; ++i) json += "[";
  EXPECT_THAT(load_error(safetensors(json)), HasSubstr("out of place"));
}

TEST(SafetensorsWeights, PutsNoControlCharactersOfTheFileIntoMessages) {
  const auto message = load_error(one("\\u001b[31m", "[1]", "1234"));
  EXPECT_THAT(message, HasSubstr("\\x1b[31m"));
  EXPECT_THAT(message, Not(HasSubstr("\x1b")));
}

TEST(SafetensorsWeights, RefusesTruncationAtEveryByte) {
  const std::string whole = one("F32", "[4]", raw<float>({1, 2, 3, 4}));
  ASSERT_EQ(values_of(load(whole), "w").size(), 4u);
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_NE(load_error(whole.substr(0, length)), "");
}

}  // namespace
}  // namespace qeval::test
