#include "jobs/language/yaml_document.h"

#include <gtest/gtest.h>

#include "jobs/language/job_parser.h"
#include "tests/jobs/language/job_text.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

/// Parses a text that must be accepted.
YamlNode parsed(const std::string& text) {
  Diagnostics diagnostics("t.yaml", text);
  const std::optional<YamlNode> root = parse_yaml(text, diagnostics);
  EXPECT_TRUE(root && diagnostics.empty()) << diagnostics.render();
  return root.value_or(YamlNode{});
}

std::string rejection(const std::string& text) {
  Diagnostics diagnostics("t.yaml", text);
  parse_yaml(text, diagnostics);
  return diagnostics.empty() ? "" : diagnostics.render();
}

std::string marked(const std::string& text, const SourceSpan& span) {
  return text.substr(span.begin, span.end - span.begin);
}

TEST(YamlDocument, SpansCoverKeysAndValuesWithTheirQuotes) {
  const std::string text = "é: 1\nmodel: {arch: \"a b\", 'k': [x, yy]}\n";
  const YamlNode root = parsed(text);
  const YamlEntry& model = *root.entry("model");
  EXPECT_EQ(marked(text, model.key_span), "model");
  EXPECT_EQ(marked(text, model.value.entry("arch")->value.span), "\"a b\"");
  EXPECT_EQ(marked(text, model.value.entry("k")->key_span), "'k'");
  EXPECT_EQ(marked(text, model.value.find("k")->items[1].span), "yy");
}

TEST(YamlDocument, ByteOrderMarkAndWindowsLineEndsKeepPositionsRight) {
  const std::string text =
      "\xEF\xBB\xBF"
      "a: 1\r\nb: {c: 2}\r\nb: 3\r\n";
  EXPECT_EQ(rejection(text),
            "t.yaml:3:1: error: duplicate key 'b'; first given in line 2\nb: 3\n^\n1 error; nothing was run.");
}

TEST(YamlDocument, JsonIsAccepted) {
  const YamlNode root = parsed("{\n\t\"a\": {\"b\": [1, true, null, \"\\u00e9\"]}\n}\n");
  const YamlNode* list = root.find_path("a.b");
  ASSERT_TRUE(list && list->items.size() == 4u);
  EXPECT_EQ(list->items[0].text, "1");
  EXPECT_TRUE(list->items[2].is_null());
  EXPECT_EQ(list->items[3].text, "é");
}

TEST(YamlDocument, MergeKeysFillInWhatIsNotGiven) {
  const YamlNode root = parsed("x: &a {p: 1, q: 1}\ny: &b {q: 2, r: 2}\nz:\n  r: 3\n  <<: [*a, *b]\n");
  EXPECT_EQ(root.find_path("z.p")->text, "1");
  EXPECT_EQ(root.find_path("z.q")->text, "1");  // the first of the list wins
  EXPECT_EQ(root.find_path("z.r")->text, "3");  // what is given wins over both
  EXPECT_EQ(root.find_path("z")->entries.size(), 3u);
}

TEST(YamlDocument, AliasedValuesKeepThePositionWhereTheyWereWritten) {
  const std::string text = "a: &n {bits: 7}\nb: *n\n";
  const YamlNode root = parsed(text);
  EXPECT_EQ(marked(text, root.find_path("b.bits")->span), "7");
}

TEST(YamlDocument, QuotedDoubleLessIsAnOrdinaryKey) {
  const YamlNode root = parsed("a: &n {p: 1}\nb: {\"<<\": *n}\n");
  EXPECT_EQ(root.find_path("b.<<.p")->text, "1");
}

TEST(YamlDocument, ThirtyTwoLevelsAreAllowedAndThirtyThreeAreNot) {
  const auto nested = [](int levels) { return std::string(levels - 1, '[') + "1" + std::string(levels - 1, ']'); };
  EXPECT_EQ(rejection(nested(32)), "");
  EXPECT_NE(rejection(nested(33)).find("t.yaml:1:33: error: nested deeper than 32 levels"), std::string::npos);
}

TEST(YamlDocument, DepthCountsThroughAliases) {
  const std::string text = "a: &a " + std::string(20, '[') + std::string(20, ']') + "\nb: " + std::string(20, '[') +
                           "*a" + std::string(20, ']') + "\n";
  EXPECT_NE(rejection(text).find("nested deeper than 32 levels"), std::string::npos);
}

TEST(YamlDocument, NodeLimitIsTenThousandValues) {
  std::string list = "[1";
  for (int i = 0; i < 9998; ++i) list += ",1";
  EXPECT_EQ(rejection(list + "]"), "");
  EXPECT_NE(rejection(list + ",1]").find("more than 10000 values"), std::string::npos);
}

TEST(YamlDocument, MergeKeysCannotBuildABomb) {
  std::string text = "a0: &a0 {k: 1}\n";
  for (int i = 1; i < 40; ++i) {
    const std::string last = "*a" + std::to_string(i - 1), name = "a" + std::to_string(i);
    text += name + ": &" + name + " {<<: [" + last + ", " + last + "], l: " + last + ", m: " + last + "}\n";
  }
  EXPECT_NE(rejection(text).find("more than 10000 values"), std::string::npos);
}

TEST(YamlDocument, OneMebibyteIsAllowedAndOneByteMoreIsNot) {
  const std::string text = "a: 1\n#" + std::string(yaml_max_bytes - 7, 'x') + "\n";
  EXPECT_EQ(text.size(), yaml_max_bytes);
  EXPECT_EQ(rejection(text), "");
  EXPECT_NE(rejection(text + "\n").find("larger than 1 MiB"), std::string::npos);
}

TEST(YamlDocument, EveryPrefixOfAJobFileIsAcceptedOrRefusedButNeverCrashes) {
  const std::string text =
      test::job_text("variants:\n  a: &x\n    quantization: {encodings: {import: 'e'}}\n  b: *x\n");
  for (std::size_t size = 0; size <= text.size(); ++size) {
    Diagnostics diagnostics("t.yaml", text.substr(0, size));
    const bool read = parse_yaml(text.substr(0, size), diagnostics).has_value();
    EXPECT_TRUE(read || !diagnostics.empty()) << size;
  }
}

TEST(YamlDocument, FlippedBytesNeverCrashTheParser) {
  const std::string text =
      test::job_text("variants:\n  a: &x\n    quantization: {encodings: {import: 'e'}}\n  b: *x\n");
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char byte : {'\0', '\n', '{', '&', '*', '"', '!', ':', '\xff', '%'}) {
      std::string broken = text;
      broken[at] = byte;
      const std::string message = test::error_of(broken);
      EXPECT_TRUE(message.empty() || message.ends_with("nothing was run.")) << broken;
    }
  }
}

TEST(JobFile, HundredErrorsAreShownAndTheRestIsCounted) {
  std::string text = "{";
  for (int i = 0; i < 3000; ++i) text += "k" + std::to_string(i) + ": " + std::string(300, 'x') + ", ";
  const std::string message = test::error_of(text + "}");
  EXPECT_LT(message.size(), 100'000u);
  EXPECT_NE(message.find("more\n3005 errors; nothing was run."), std::string::npos)
      << message.substr(message.size() - 99);
}

TEST(JobFile, MoreThan256VariantsAreRefused) {
  std::string text = test::job_text("variants:\n");
  for (int i = 0; i < 256; ++i) text += "  v" + std::to_string(i) + ":\n";
  EXPECT_EQ(test::parse(text).variants.size(), 256u);
  EXPECT_NE(test::error_of(text + "  one_more:\n").find("job.yaml:9:1: error: more than 256 variants"),
            std::string::npos);
}

TEST(JobFile, FileThatClaimsAGibibyteIsRefusedByItsSize) {
  const test::TempDir folder;
  const auto file = folder.path() / "huge.yaml";
  std::ofstream(file) << "qeval: 1\n";
  std::filesystem::resize_file(file, std::uintmax_t{1} << 30);
  try {
    parse_job_file(file);
    FAIL() << "expected a JobError";
  } catch (const JobError& error) {
    EXPECT_NE(std::string(error.what()).find(":1:1: error: larger than 1 MiB"), std::string::npos) << error.what();
  }
}

TEST(JobFile, DeviceThatNeverEndsIsRefused) { EXPECT_THROW(parse_job_file("/dev/zero"), JobError); }

TEST(JobFile, MissingFileAndFolderAreNamed) {
  const auto message = [](const std::filesystem::path& file) {
    try {
      parse_job_file(file);
      return std::string("accepted");
    } catch (const JobError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_EQ(message("/no/such/job.yaml"), "/no/such/job.yaml: cannot be read: No such file or directory");
  EXPECT_EQ(message("/tmp"), "/tmp: is a folder, not a job file");
}

}  // namespace
}  // namespace qeval
