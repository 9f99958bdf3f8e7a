// What a sensitivity analysis leaves in the database beside its sums.
#include <gtest/gtest.h>

#include "storage/database.h"
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

}  // namespace
