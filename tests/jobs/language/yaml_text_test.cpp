// Jobs written out as YAML: read back, they are the same; and they look like what people write.
#include "jobs/language/yaml_text.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

TEST(YamlText, IsBlocksWithListsOfScalarsInOneLine) {
  EXPECT_EQ(yaml_of_json(R"({"qeval": 1, "tags": ["a", "b"], "metrics": {"top1": {}}, "disable": [],
                            "preprocess": [{"resize": {"short_side": 72, "filter": "bilinear"}}, {"center_crop": 64}]})"),
            "qeval: 1\n"
            "tags: [a, b]\n"
            "metrics:\n"
            "  top1: {}\n"
            "disable: []\n"
            "preprocess:\n"
            "  - resize:\n"
            "      short_side: 72\n"
            "      filter: bilinear\n"
            "  - center_crop: 64\n");
}

TEST(YamlText, QuotesWhatCouldBeReadAsSomethingElse) {
  EXPECT_EQ(
      yaml_of_json(R"(["/a/b-c.d", "x", "1e5", "0.6.1", "true", "No", "", "a: b", "#x", "-", "~", "a b", "$${X}"])"),
      R"([/a/b-c.d, x, "1e5", "0.6.1", "true", "No", "", "a: b", "#x", "-", "~", "a b", "$${X}"])"
      "\n");
  EXPECT_EQ(yaml_of_json(R"({"yes": true, "n": null, "f": 0.001, "i": -3})"),
            "\"yes\": true\n\"n\": null\nf: 0.001\ni: -3\n");
}

TEST(YamlText, IsAsciiAndKeepsEveryCharacter) {
  const std::string text = yaml_of_json(nlohmann::json{{"x", "größe 😀 \\ud800 \u2028\u0085 \"q\" \t"}}.dump());
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; })) << text;
  EXPECT_EQ(text, R"(x: "gr\u00f6\u00dfe \U0001f600 \\ud800 \u2028\u0085 \"q\" \t")"
                  "\n");
}

TEST(YamlText, OfNoJsonIsABug) { EXPECT_THROW(yaml_of_json("{"), InternalError); }

}  // namespace
}  // namespace qeval
