#include "pipeline/base/json_document.h"

#include <fstream>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using Pointer = JsonDocument::Pointer;

class JsonDocumentFile : public testing::Test {
 protected:
  static constexpr std::size_t most_bytes = 1u << 20;

  JsonDocument read(const std::string& text) {
    std::ofstream(file(), std::ios::binary) << text;
    return JsonDocument(file(), most_bytes);
  }
  /// The message after the file's name.
  template <typename Action>
  std::string refusal(const Action& action) {
    try {
      action();
    } catch (const InputError& error) {
      const std::string message = error.what();
      return message.starts_with(file().string()) ? message.substr(file().string().size()) : message;
    }
    return "no error";
  }
  std::string refusal_of(const std::string& text) {
    return refusal([&] { read(text); });
  }
  std::filesystem::path file() const { return folder_.path() / "some.json"; }

 private:
  TempDir folder_;
};

TEST_F(JsonDocumentFile, BrokenJsonIsRefusedWhereTheParserStops) {
  EXPECT_THAT(refusal_of(""), AllOf(StartsWith(":1:1: not JSON: "), HasSubstr("unexpected end of input")));
  EXPECT_THAT(refusal_of("{\"a\": {},}"), AllOf(StartsWith(":1:10: not JSON: "), HasSubstr("unexpected '}'")));
  EXPECT_THAT(refusal_of("{\n  \"a\" {}\n}"), AllOf(StartsWith(":2:7: not JSON: "), HasSubstr("unexpected '{'")));
  // The last byte of "b".
  EXPECT_THAT(refusal_of("{\"a\": {}\n\"b\": {}}"), AllOf(StartsWith(":2:3: not JSON: "), HasSubstr("expected '}'")));
  EXPECT_THAT(refusal_of("{\"a\": \"open\n\"}"), StartsWith(":1:12: not JSON: "));
  EXPECT_THAT(refusal_of("{\"a\": \"open"), AllOf(StartsWith(":1:12: not JSON: "), HasSubstr("missing closing quote")));
  EXPECT_THAT(refusal_of("{\"a\": True}"), AllOf(StartsWith(":1:7: not JSON: "),
                                                 HasSubstr("AIMET's \"True\" and \"False\", stand in double quotes")));
  EXPECT_THAT(refusal_of("{\"a\": \"\\q\"}"), StartsWith(":1:9: not JSON: "));
  EXPECT_THAT(refusal_of("{\"a\": \"\\u12g4\"}"), StartsWith(":1:12: not JSON: "));
  EXPECT_THAT(refusal_of("{\"a\":\n [1, 1e999]}"), AllOf(StartsWith(":2:"), HasSubstr("overflow")));
  EXPECT_THAT(refusal_of("{\"a\": 1} {}"), AllOf(StartsWith(":1:10: not JSON: "), HasSubstr("end of input")));
}

TEST_F(JsonDocumentFile, WhatTheParserWouldLetPassIsRefused) {
  EXPECT_EQ(refusal_of(std::string("{}\n\0{", 5)), ":2:1: not JSON: a NUL byte");
  EXPECT_EQ(refusal_of("\xef\xbb\xbf{}"), ":1:1: starts with a byte order mark; save the file without one");
  EXPECT_EQ(refusal_of("{\"a\":" + std::string(80, '[')), ":1:70: nested deeper than 64 levels");
  EXPECT_EQ(refusal_of("{\"a\":" + std::string(63, '[') + "0" + std::string(63, ']') + "}"), "no error");
  EXPECT_EQ(refusal_of("{\"a\":" + std::string(64, '[') + "0" + std::string(64, ']') + "}"),
            ":1:70: nested deeper than 64 levels");
  EXPECT_EQ(refusal_of("{\"a\": 1,\n \"a\": 2}"), ":2:2: /a: this key occurs twice in one object");
  EXPECT_EQ(refusal_of("{\"a\": {\"b\": 1}, \"c\": [{\"a\": 1}, {\"b\": 1, \"\\u0062\" : 2}]}"),
            ":1:42: /c/1/b: this key occurs twice in one object");
  EXPECT_EQ(refusal_of("\n [1]"), ":2:2: top level: expected an object, not a list");
}

TEST_F(JsonDocumentFile, AQuotationInTheMessageStaysShort) {
  EXPECT_LT(refusal_of("{\"a\": 1" + std::string(5000, '0') + "e9}").size(), 300u);
  EXPECT_LT(refusal_of("{\"a\": \"" + std::string(5000, 'x')).size(), 300u);
}

TEST_F(JsonDocumentFile, FilesThatCannotBeReadAreNamed) {
  EXPECT_EQ(refusal([&] { JsonDocument(file(), most_bytes); }), ": cannot be opened");
  std::filesystem::create_directory(file());
  EXPECT_EQ(refusal([&] { JsonDocument(file(), most_bytes); }), ": cannot be read");
  EXPECT_EQ(refusal([&] { JsonDocument("/dev/zero", most_bytes); }),
            "/dev/zero: larger than 1 MiB, which no such file is");
}

TEST_F(JsonDocumentFile, ComplaintsStandAtTheValueOrItsKey) {
  const JsonDocument document = read(
      "{\n"
      "  \"a/b\" : {\"text \\\" , : {\": -1.5e3 },\n"
      "\t\"list\": [ true ,[], {},\n"
      "\"x\"]}\n");
  const auto place = [&](const char* where) { return refusal([&] { document.fail(Pointer(where), "no"); }); };
  EXPECT_EQ(place(""), ":1:1: top level: no");
  EXPECT_EQ(place("/a~1b"), ":2:11: /a~1b: no");
  EXPECT_EQ(place("/a~1b/text \" , : {"), ":2:29: /a~1b/text \" , : {: no");
  EXPECT_EQ(place("/list"), ":3:10: /list: no");
  EXPECT_EQ(place("/list/0"), ":3:12: /list/0: no");
  EXPECT_EQ(place("/list/1"), ":3:18: /list/1: no");
  EXPECT_EQ(place("/list/2"), ":3:22: /list/2: no");
  EXPECT_EQ(place("/list/3"), ":4:1: /list/3: no");
  EXPECT_EQ(refusal([&] { document.fail_at_key(Pointer("/a~1b"), "no"); }), ":2:3: /a~1b: no");
  EXPECT_EQ(refusal([&] { document.fail_at_key(Pointer("/list"), "no"); }), ":3:2: /list: no");
}

TEST_F(JsonDocumentFile, WhatIsNotThereIsComplainedAboutWhereItIsMissing) {
  const JsonDocument document = read("{\"a\": [0, {\"b\": 1}],\n \"b\": {}}");
  const auto member = [&](const char* where, const char* name) {
    return refusal([&] { document.member(Pointer(where), document.root().at(Pointer(where)), name); });
  };
  EXPECT_EQ(member("/a/1", "b"), "no error");
  EXPECT_EQ(member("/a/1", "c"), ":1:11: /a/1/c: is missing");
  EXPECT_EQ(member("/b", "c"), ":2:7: /b/c: is missing");
  EXPECT_EQ(member("", "c"), ":1:1: /c: is missing");
}

TEST_F(JsonDocumentFile, ValuesOfAnotherKindAreNamedByIt) {
  const JsonDocument document = read(
      "{\"t\": \"True\", \"f\": \"False\", \"low\": \"true\", \"no\": \"no\", \"yes\": true, \"one\": 1, \"nil\": "
      "null}");
  const auto& root = document.root();
  const auto number = [&](const char* name) {
    return refusal([&] { document.number(Pointer() / name, root.at(name)); });
  };
  EXPECT_EQ(number("one"), "no error");
  EXPECT_EQ(number("yes"), ":1:63: /yes: expected a number, not a JSON boolean");
  EXPECT_EQ(number("t"), ":1:7: /t: expected a number, not a text");
  EXPECT_EQ(number("nil"), ":1:86: /nil: expected a number, not null");
  EXPECT_TRUE(document.flag(Pointer(), root, "t") && document.flag(Pointer(), root, "low") &&
              document.flag(Pointer(), root, "yes"));
  EXPECT_FALSE(document.flag(Pointer(), root, "f"));
  EXPECT_EQ(refusal([&] { document.flag(Pointer(), root, "no"); }),
            ":1:50: /no: expected \"True\" or \"False\" (a text), not \"no\"");
  EXPECT_TRUE(document.flag_text(Pointer("/t"), root.at("t")));
  EXPECT_EQ(refusal([&] { document.flag_text(Pointer("/low"), root.at("low")); }),
            ":1:36: /low: expected \"True\" or \"False\" (a text), not \"true\"");
  EXPECT_EQ(refusal([&] { document.flag_text(Pointer("/yes"), root.at("yes")); }),
            ":1:63: /yes: expected \"True\" or \"False\" (a text), not a JSON boolean");
}

/// Writes some JSON and notes by itself where everything stands.
class Scribe {
 public:
  explicit Scribe(unsigned seed) : random_(seed) { value(Pointer(), 0); }

  std::string text;
  std::map<std::string, JsonPosition> values, keys;

 private:
  std::size_t below(std::size_t count) { return random_() % count; }

  void write(const std::string& token) {
    for (const char c : token) {
      text += c;
      here_ = c == '\n' ? JsonPosition{here_.line + 1, 1} : JsonPosition{here_.line, here_.column + 1};
    }
  }
  void space() {
    for (std::size_t i = below(3); i > 0; --i) write(std::string(1, " \n\t\r"[below(4)]));
  }

  void value(const Pointer& where, int depth) {
    space();
    values[where.to_string()] = here_;
    static const std::vector<std::string> plain{
        "0",    "-1",    "2.5e-3",        "1E5",          "true",        "false",
        "null", R"("")", R"("{,:[\"\\")", "\"\xc3\xa4\"", R"("\u00e4")", "18446744073709551616"};
    const std::size_t kind = depth == 0 ? 0 : below(depth < 5 ? 4 : 2);
    if (kind == 0 && depth < 5)
      object(where, depth);
    else if (kind == 2)
      list(where, depth);
    else
      write(plain[below(plain.size())]);
    space();
  }

  void object(const Pointer& where, int depth) {
    write("{");
    for (std::size_t i = 0, count = below(4); i < count; ++i) {
      if (i > 0) write(",");
      space();
      const std::string name = std::string(1, static_cast<char>('a' + i)) + "/~,:";
      keys[(where / name).to_string()] = here_;
      write("\"" + name + "\"");
      space();
      write(":");
      value(where / name, depth + 1);
    }
    space();
    write("}");
  }

  void list(const Pointer& where, int depth) {
    write("[");
    for (std::size_t i = 0, count = below(4); i < count; ++i) {
      if (i > 0) write(",");
      value(where / i, depth + 1);
    }
    space();
    write("]");
  }

  std::mt19937 random_;
  JsonPosition here_;
};

bool operator==(const JsonPosition& a, const JsonPosition& b) { return a.line == b.line && a.column == b.column; }

TEST(JsonPositions, EveryValueAndKeyIsFoundWhereItWasWritten) {
  std::size_t values = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    const Scribe scribe(seed);
    ASSERT_FALSE(find_json_fault(scribe.text)) << scribe.text;
    for (const auto& [where, position] : scribe.values)
      EXPECT_TRUE(find_json_position(scribe.text, Pointer(where), JsonPart::value) == position) << where << " in\n"
                                                                                                << scribe.text;
    for (const auto& [where, position] : scribe.keys)
      EXPECT_TRUE(find_json_position(scribe.text, Pointer(where), JsonPart::key) == position) << where << " in\n"
                                                                                              << scribe.text;
    values += scribe.values.size();
  }
  EXPECT_GT(values, 1000u);
}

}  // namespace
}  // namespace qeval::test
