// All encodings of the oracle file, in every mode it lists: doubles equal to the last bit.
#include <gtest/gtest.h>

#include "stages/quant/analyzers/observer.h"
#include "tests/quant/aimet_inputs.h"
#include "tests/quant/aimet_vectors.h"

namespace qeval::test {
namespace {

struct Column {
  NumericsMode mode;
  const char* key;  ///< in the oracle file
  int rows;         ///< how many encodings it lists for the mode
};

class AimetVectors : public testing::TestWithParam<Column> {};

std::string name_of(const testing::TestParamInfo<Column>& info) { return info.param.key; }

INSTANTIATE_TEST_SUITE_P(Modes, AimetVectors,
                         testing::Values(Column{NumericsMode::aimet_1_24, "aimet_1_24", 288},
                                         Column{NumericsMode::aimet_2024, "aimet_dev_2024_10", 216},
                                         Column{NumericsMode::aimet_onnx_2, "aimet_2_42_libpymo", 216}),
                         name_of);

bool equals(const Encoding& found, const nlohmann::json& wanted) {
  return found.min == wanted.at("min").get<double>() && found.max == wanted.at("max").get<double>() &&
         found.scale == wanted.at("delta").get<double>() && found.offset == wanted.at("offset").get<double>();
}

std::string text_of(const Encoding& e) {
  return "min " + std::to_string(e.min) + " max " + std::to_string(e.max) + " scale " + std::to_string(e.scale) +
         " offset " + std::to_string(e.offset);
}

TEST_P(AimetVectors, EveryEncodingIsBitEqual) {
  QEVAL_REQUIRE_SHARED(vectors_path);
  int rows = 0;
  for (const auto& row : aimet_vectors().at("encodings")) {
    if (!row.contains(GetParam().key)) continue;
    const auto scheme = *parse_scheme(row.at("scheme").get<std::string>());
    const auto observer = make_observer(scheme, GetParam().mode);
    for (const auto& batch : aimet_input(row.at("input").get<std::string>())) observer->observe(batch);
    const Encoding found = observer->compute(settings_of(row));
    ++rows;
    EXPECT_TRUE(equals(found, row.at(GetParam().key)))
        << row.at("input") << ' ' << scheme_name(scheme) << ' ' << row.at("mode") << ' ' << row.at("bitwidth")
        << " bit: " << text_of(found) << ", wanted " << row.at(GetParam().key);
  }
  EXPECT_EQ(rows, GetParam().rows);
}

TEST(AimetVectors, WeightChannelsAreEncodedIndependently) {
  QEVAL_REQUIRE_SHARED(vectors_path);
  const auto weights = aimet_input("W").front();
  for (const auto& set : aimet_vectors().at("per_channel_W_8x512")) {
    const auto scheme = *parse_scheme(set.at("scheme").get<std::string>());
    const auto found = compute_weight_encodings(weights, TensorSlices({8, 512}, {.channel_axis = 0}), scheme,
                                                NumericsMode::aimet_1_24, settings_of(set));
    ASSERT_EQ(found.size(), set.at("rows").size());
    for (std::size_t c = 0; c < found.size(); ++c)
      EXPECT_TRUE(equals(found[c], set.at("rows")[c])) << scheme_name(scheme) << " channel " << c << text_of(found[c]);
  }
}

}  // namespace
}  // namespace qeval::test
