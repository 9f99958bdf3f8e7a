// A calibration that is interrupted and resumed must end with the same bits.
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/quant/analyzers/observer.h"
#include "tests/quant/aimet_inputs.h"

namespace qeval::test {
namespace {

struct Kind {
  QuantScheme scheme;
  NumericsMode mode;
};

std::vector<Kind> all_kinds() {
  std::vector<Kind> kinds;
  for (const char* mode : {"aimet-1.24", "aimet-1.31", "aimet-2024", "aimet-onnx-2", "aimet-torch-2"})
    for (const char* scheme : {"tf", "tf_enhanced", "percentile", "mse", "sqnr", "entropy"})
      if (has_scheme(*parse_mode(mode), *parse_scheme(scheme)))
        kinds.push_back({*parse_scheme(scheme), *parse_mode(mode)});
  return kinds;
}

class ObserverState : public testing::TestWithParam<Kind> {
 protected:
  std::unique_ptr<Observer> make() const { return make_observer(GetParam().scheme, GetParam().mode); }
};

std::string name_of(const testing::TestParamInfo<Kind>& info) {
  std::string name = std::string(scheme_name(info.param.scheme)) + "_" + mode_name(info.param.mode);
  for (char& c : name)
    if (c == '-' || c == '.') c = '_';
  return name;
}
INSTANTIATE_TEST_SUITE_P(AllKinds, ObserverState, testing::ValuesIn(all_kinds()), name_of);

Batches batches() {
  return {std::vector<float>(100, 0.0f), normal_input(1, 1, 0), normal_input(2, 2, 2), relu(normal_input(3, 4, 0)),
          normal_input(4, 0.3, -1)};
}

TEST_P(ObserverState, ContinuesBitForBitAfterEverySplit) {
  const auto data = batches();
  const auto uninterrupted = make();
  for (const auto& batch : data) uninterrupted->observe(batch);
  for (std::size_t split = 0; split <= data.size(); ++split) {
    const auto before = make();
    for (std::size_t i = 0; i < split; ++i) before->observe(data[i]);
    const auto after = make();
    after->observe(data.back());  // restore must replace what was there
    after->restore(before->serialize());
    for (std::size_t i = split; i < data.size(); ++i) after->observe(data[i]);
    EXPECT_EQ(after->serialize(), uninterrupted->serialize()) << split;
    EXPECT_EQ(after->compute({}).min, uninterrupted->compute({}).min) << split;
    EXPECT_EQ(after->compute({}).max, uninterrupted->compute({}).max) << split;
  }
}

TEST_P(ObserverState, EveryBatchChangesTheState) {
  const auto observer = make();
  std::vector<std::uint8_t> last = observer->serialize();
  for (const auto& batch : {batches()[1], scaled(batches()[1], 3)}) {
    observer->observe(batch);
    EXPECT_NE(observer->serialize(), last);
    last = observer->serialize();
  }
}

TEST_P(ObserverState, NoValuesLeaveTheStateAlone) {
  const auto observer = make();
  const auto empty = observer->serialize();
  observer->observe({});
  EXPECT_EQ(observer->serialize(), empty);
}

TEST_P(ObserverState, ForeignBytesAreRefusedAndChangeNothing) {
  const auto observer = make();
  observer->observe(batches()[1]);
  const auto good = observer->serialize();
  std::vector<std::vector<std::uint8_t>> foreign{{}, {1}, {99, 1}, {good[0], 99}};
  foreign.push_back({good.begin(), good.end() - 1});
  foreign.push_back(good);
  foreign.back().push_back(0);
  for (const auto& other : all_kinds())
    if (other.scheme != GetParam().scheme || other.mode != GetParam().mode)
      foreign.push_back(make_observer(other.scheme, other.mode)->serialize());
  for (const auto& bytes : foreign) EXPECT_THROW(observer->restore(bytes), RunError) << bytes.size();
  EXPECT_EQ(observer->serialize(), good);
}

TEST_P(ObserverState, BitWidthsFrom2To16AreAccepted) {
  const auto observer = make();
  observer->observe(batches()[1]);
  for (int bits = 2; bits <= 16; ++bits)
    for (const bool symmetric : {false, true}) {
      const Encoding encoding = observer->compute({.bits = bits, .symmetric = symmetric});
      EXPECT_GT(encoding.scale, 0) << bits;
      EXPECT_LT(encoding.min, bits < 4 ? -1.0 : -1.9) << bits;  // few codes clip more
      EXPECT_GT(encoding.max, bits < 4 ? 0.7 : 1.3) << bits;
      EXPECT_GE(encoding.offset, -(1 << bits) + 1) << bits;
      EXPECT_LE(encoding.offset, 0) << bits;
      EXPECT_EQ(encoding.bits, bits);
      EXPECT_EQ(encoding.symmetric, symmetric);
    }
  EXPECT_THROW(observer->compute({.bits = 1}), InternalError);
  EXPECT_THROW(observer->compute({.bits = 17}), InternalError);
}

TEST(WeightEncodings, ThereIsOnePerSlice) {
  const std::vector<float> five(5, 1.0f);
  const auto encode = [&](const TensorSlices& slices) {
    return compute_weight_encodings(five, slices, QuantScheme::tf, NumericsMode::aimet_1_24, {});
  };
  EXPECT_THROW(encode(TensorSlices({2, 2}, {})), InternalError);
  EXPECT_EQ(encode(TensorSlices({5}, {.channel_axis = 0})).size(), 5u);
  EXPECT_EQ(encode(TensorSlices({5}, {})).size(), 1u);
}

TEST(NumericsNames, AMissingSchemeIsAnsweredWithTheModesThatHaveIt) {
  EXPECT_EQ(missing_scheme_text(NumericsMode::aimet_torch_2, QuantScheme::mse),
            "mode aimet-torch-2 has no scheme mse; modes with it: aimet-1.24, aimet-1.31");
  EXPECT_EQ(missing_scheme_text(NumericsMode::aimet_1_24, QuantScheme::sqnr),
            "mode aimet-1.24 has no scheme sqnr; modes with it: aimet-torch-2");
  EXPECT_EQ(missing_scheme_text(NumericsMode::aimet_1_24, QuantScheme::percentile), "");
  EXPECT_THROW(make_observer(QuantScheme::sqnr, NumericsMode::aimet_1_24), InternalError);
}

TEST(NumericsNames, AreStoredWithResultsAndReadBack) {
  for (const auto& kind : all_kinds()) {
    EXPECT_EQ(parse_mode(mode_name(kind.mode)), kind.mode);
    EXPECT_EQ(parse_scheme(scheme_name(kind.scheme)), kind.scheme);
  }
  EXPECT_STREQ(mode_name(NumericsMode::aimet_1_24), "aimet-1.24");
  EXPECT_STREQ(mode_name(NumericsMode::aimet_torch_2), "aimet-torch-2");
  EXPECT_STREQ(scheme_name(QuantScheme::tf), "tf");
  EXPECT_STREQ(scheme_name(QuantScheme::tf_enhanced), "tf_enhanced");
  EXPECT_STREQ(mode_name(NumericsMode::aimet_1_31), "aimet-1.31");
  EXPECT_STREQ(mode_name(NumericsMode::aimet_2024), "aimet-2024");
  EXPECT_STREQ(mode_name(NumericsMode::aimet_onnx_2), "aimet-onnx-2");
  EXPECT_STREQ(scheme_name(QuantScheme::percentile), "percentile");
  EXPECT_STREQ(scheme_name(QuantScheme::mse), "mse");
  EXPECT_STREQ(scheme_name(QuantScheme::sqnr), "sqnr");
  EXPECT_STREQ(scheme_name(QuantScheme::entropy), "entropy");
  EXPECT_EQ(parse_mode("aimet"), std::nullopt);
  EXPECT_EQ(parse_scheme("TF"), std::nullopt);
}

}  // namespace
}  // namespace qeval::test
