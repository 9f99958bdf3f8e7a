// The job language names the presets; stages/quant has them.
#include <algorithm>

#include <gtest/gtest.h>

#include "jobs/language/field_table.h"
#include "stages/quant/placement/quantsim_presets.h"

namespace qeval {
namespace {

TEST(QuantsimWords, AreTheDefaultOfTheModeAndThePresets) {
  const auto& rows = field_table();
  const auto row =
      std::find_if(rows.begin(), rows.end(), [](const Field& f) { return f.path == "quantization.config"; });
  ASSERT_NE(row, rows.end());
  std::vector<std::string> expected{"aimet-default"};
  for (const std::string& name : quantsim_preset_names()) expected.push_back(name);
  EXPECT_EQ(row->words, expected);
}

}  // namespace
}  // namespace qeval
