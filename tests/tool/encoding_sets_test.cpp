#include "tools/qeval/commands/encoding_sets.h"

#include <limits>

#include <gtest/gtest.h>

#include "storage/queries.h"
#include "storage/run_store.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {
namespace {

EncodingsFile awkward_numbers() {
  EncodingsFile file{.version = "0.5.1", .excluded_layers = R"(["a\"b"])"};
  constexpr double least = std::numeric_limits<double>::denorm_min();
  file.entries = {
      {.name = "conv:input", .role = QuantizerRole::input, .list = {{.min = -0.1, .max = 0.1 + 0.2, .scale = 1.0 / 3}}},
      {.name = "conv:output", .list = {{.min = 0, .max = least, .scale = least, .offset = -0.0}}},
      {.name = "up.weight",
       .role = QuantizerRole::param,
       .per_channel = true,
       .axis = 1,
       .list = {{.min = -1e308, .max = 1e308, .scale = 1e306, .offset = -127, .bits = 8, .symmetric = true},
                {.min = -1, .max = 1, .scale = 2e-16, .offset = -32768, .bits = 16, .symmetric = true}}},
      {.name = "blocks.weight",
       .role = QuantizerRole::param,
       .per_channel = true,
       .axis = 1,
       .axis_known = true,
       .block_size = 16,
       .grid = {2, 2, 1},
       .list = EncodingList(4, {.min = -1, .max = 1, .scale = 0.1, .offset = -8, .bits = 4, .symmetric = true})},
      {.name = "weird name:with \"signs\"", .list = {{.max = 1, .scale = 1, .bits = 2}}}};
  return file;
}

TEST(EncodingSets, TheDatabaseGivesBackEveryNumber) {
  TempDir folder;
  const EncodingsFile file = awkward_numbers();
  {
    const auto store = RunStore::open(folder.path() / "r.db");
    store->save_encoding_set(set_of_file(file, "net.encodings", "mine"));
  }
  const auto queries = Queries::open(folder.path() / "r.db");
  const EncodingsFile back = file_of_set(queries->named_encoding_set("mine"), queries->file());
  EXPECT_EQ(back.version, file.version);
  EXPECT_EQ(back.excluded_layers, file.excluded_layers);
  ASSERT_EQ(back.entries.size(), file.entries.size());
  const EncodingMap by_name = encodings_by_name(back);
  for (const EncodingEntry& entry : file.entries) {
    const EncodingList& list = by_name.at(entry.name);
    ASSERT_EQ(list.size(), entry.list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      EXPECT_EQ(list[i].min, entry.list[i].min);
      EXPECT_EQ(list[i].max, entry.list[i].max);
      EXPECT_EQ(list[i].scale, entry.list[i].scale);
      EXPECT_EQ(list[i].offset, entry.list[i].offset);
      EXPECT_EQ(list[i].bits, entry.list[i].bits);
      EXPECT_EQ(list[i].symmetric, entry.list[i].symmetric);
    }
  }
  for (const EncodingEntry& entry : back.entries) {
    const bool in_blocks = entry.name == "blocks.weight";
    EXPECT_EQ(entry.axis, in_blocks || entry.name == "up.weight" ? 1 : 0);
    EXPECT_EQ(entry.block_size, in_blocks ? 16 : 0);
    EXPECT_EQ(entry.grid, in_blocks ? (std::vector<std::int64_t>{2, 2, 1}) : std::vector<std::int64_t>{});
  }
}

TEST(EncodingSets, TheKeyFollowsTheContentNotTheOrder) {
  EncodingsFile file = awkward_numbers(), turned = file, other = file;
  std::swap(turned.entries[0], turned.entries[2]);
  other.entries[0].list[0].max += 1e-16;
  const auto key = [](const EncodingsFile& one) { return set_of_file(one, "x", "x").cache_key; };
  EXPECT_EQ(key(file), key(turned));
  EXPECT_NE(key(file), key(other));
}

}  // namespace
}  // namespace qeval::test
