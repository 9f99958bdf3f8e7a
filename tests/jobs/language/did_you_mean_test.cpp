#include "pipeline/base/did_you_mean.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "jobs/language/field_check.h"
#include "jobs/language/field_tree.h"
#include "tests/jobs/language/job_text.h"

namespace qeval {
namespace {

TEST(EditDistance, CountsEachKindOfSlipOnce) {
  EXPECT_EQ(edit_distance("weights", "weights"), 0);
  EXPECT_EQ(edit_distance("weight", "weights"), 1);
  EXPECT_EQ(edit_distance("weightss", "weights"), 1);
  EXPECT_EQ(edit_distance("weighta", "weights"), 1);
  EXPECT_EQ(edit_distance("wieghts", "weights"), 1);
  EXPECT_EQ(edit_distance("", "tf"), 2);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("ca", "abc"), 3);  // optimal string alignment; the unrestricted distance is 2
}

TEST(DidYouMean, ToleratesAThirdOfTheWordAndNoMore) {
  EXPECT_EQ(did_you_mean("wights", {"weights"}), "; did you mean 'weights'?");
  EXPECT_EQ(did_you_mean("wihts", {"weights"}), "");  // two slips in five letters
  EXPECT_EQ(did_you_mean("quantisazion", {"quantization"}), "; did you mean 'quantization'?");
  EXPECT_EQ(did_you_mean("top3", {"top1", "top5", "name"}), "; did you mean 'top1' or 'top5'?");
}

std::set<std::string> one_letter_typos(const std::string& word) {
  std::set<std::string> typos;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    for (char c = 'a'; c <= 'z'; ++c) {
      typos.insert(word.substr(0, i) + c + word.substr(i));
      if (i < word.size()) typos.insert(word.substr(0, i) + c + word.substr(i + 1));
    }
    if (i < word.size()) typos.insert(word.substr(0, i) + word.substr(i + 1));
    if (i + 1 < word.size()) {
      std::string swapped = word;
      std::swap(swapped[i], swapped[i + 1]);
      typos.insert(swapped);
    }
  }
  typos.erase("");
  return typos;
}

/// Puts `key` at `node`'s place into a file; lists and free keys get one item.
YamlNode file_with(const std::vector<std::string>& path, const std::string& key) {
  YamlNode node = YamlNode::mapping({});
  node.entries.push_back({key, {}, YamlNode{}});
  for (auto part = path.rbegin(); part != path.rend(); ++part) {
    YamlNode outer;
    if (*part == "[]") {
      outer.kind = YamlNode::Kind::sequence;
      outer.items.push_back(std::move(node));
    } else {
      outer = YamlNode::mapping({});
      outer.entries.push_back({*part == "*" ? "some" : *part, {}, std::move(node)});
    }
    node = std::move(outer);
  }
  return node;
}

int check_typos(const FieldNode& row, std::vector<std::string> path) {
  int checked = 0;
  const std::vector<std::string> known = row.keys();
  for (const std::string& key : known) {
    if (row.any()) break;  // every key is allowed here
    for (const std::string& typo : one_letter_typos(key)) {
      if (std::find(known.begin(), known.end(), typo) != known.end()) continue;
      Diagnostics diagnostics("t.yaml", "");
      check_fields(file_with(path, typo), diagnostics);
      const std::string message = diagnostics.render();
      EXPECT_NE(message.find("unknown key '" + typo + "'"), std::string::npos) << message;
      EXPECT_NE(message.find("'" + key + "'"), std::string::npos) << message;
      ++checked;
    }
  }
  for (const FieldNode& child : row.children) {
    path.push_back(child.key);
    checked += check_typos(child, path);
    path.pop_back();
  }
  return checked;
}

TEST(DidYouMean, AModuleIsFoundByTheOneAroundIt) {
  const std::vector<std::string> modules{
      "_conv_head.module_conv2d_48", "_conv_headed", "_fc", "a.b", "a.c", "a.d", "a.e"};
  EXPECT_EQ(did_you_mean("_conv_head", modules), "; did you mean '_conv_head.module_conv2d_48'?");
  EXPECT_EQ(did_you_mean("_conv_hea", modules), "; did you mean '_conv_headed'?");
  EXPECT_EQ(closest_words("a", modules), (std::vector<std::string>{}));  // more than three say nothing
}

TEST(DidYouMean, EveryOneLetterTypoOfEveryKeySuggestsTheRightKey) { EXPECT_GT(check_typos(field_tree(), {}), 20'000); }

}  // namespace
}  // namespace qeval
