// What a sensitivity analysis leaves in the database beside its sums.
#include <gtest/gtest.h>

#include "storage/database.h"
#include "storage/queries.h"
#include "storage/run_store.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qeval;
using namespace qeval::test;

TEST(SensitivityRows, AGroupNamesAllLayersThatShareItsQuantizerInTheirOrder) {
  TempDir folder;
  const std::filesystem::path file = folder.path() / "results.db";
  const auto store = RunStore::open(file);
  SensitivityRecord record;
  record.cache_key = "key";
  record.mode = "only-one-on";
  record.groups = {{"", "float"}, {"", "quantized"}, {"conv", "activations", {"relu", "concat"}}, {"conv", "weights"}};
  const std::int64_t id = store->open_sensitivity(record);
  SensitivityRow row;
  row.images = 4;
  store->commit_sensitivity_batch(id, 0, std::vector<SensitivityRow>(record.groups.size(), row));

  Database database(file, Database::Access::read_only);
  const auto shared_with = [&](const char* kind) {
    Statement statement = database.query("SELECT shared_with FROM layer_sensitivity WHERE layer = 'conv' AND kind = ?1",
                                         std::string_view(kind));
    return statement.step() ? statement.text(0) : "no row";
  };
  EXPECT_EQ(shared_with("activations"), "relu, concat");
  EXPECT_EQ(shared_with("weights"), "");
}

TEST(SensitivityRows, AnAnalysisIsReadBackAsFarAsItIs) {
  TempDir folder;
  const std::filesystem::path file = folder.path() / "results.db";
  const auto store = RunStore::open(file);
  SensitivityRecord record;
  record.cache_key = "key";
  record.key_components = {{"graph", "g"}};
  record.mode = "all-but-one";
  record.variant = "w8a8";
  record.n_images = 12;
  record.batch_size = 4;
  record.groups = {{"", "float"}, {"", "quantized"}, {"conv", "activations", {"relu", "concat"}}};
  const std::int64_t id = store->open_sensitivity(record);
  SensitivityRow row;
  row.images = 4;
  for (const std::int64_t batch : {0, 1})
    store->commit_sensitivity_batch(id, batch, std::vector<SensitivityRow>(record.groups.size(), row));

  const auto queries = Queries::open(file);
  const auto analyses = queries->sensitivities();
  ASSERT_EQ(analyses.size(), 1u);
  EXPECT_EQ(analyses[0].batches_done, 2);
  EXPECT_EQ(analyses[0].record.mode, "all-but-one");
  EXPECT_EQ(analyses[0].record.n_images, 12);
  EXPECT_EQ(analyses[0].record.key_components, record.key_components);
  ASSERT_EQ(analyses[0].record.groups.size(), 3u);
  EXPECT_EQ(analyses[0].record.groups[2].shared_with, record.groups[2].shared_with);
  EXPECT_EQ(queries->sensitivity_sums(analyses[0].id).at(2).images, 8);
}

}  // namespace
