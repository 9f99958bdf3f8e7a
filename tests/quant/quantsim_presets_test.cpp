#include "stages/quant/placement/quantsim_presets.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qeval {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

using Chain = std::vector<std::string>;

const QuantsimSettings& preset(const std::string& name, NumericsMode mode = NumericsMode::aimet_torch_2) {
  const QuantsimSettings* found = find_quantsim_preset(name, mode);
  if (!found) throw std::runtime_error("no preset " + name);
  return *found;
}

std::set<std::string> types_where(const QuantsimSettings& settings, bool (*holds)(const OperatorSettings&)) {
  std::set<std::string> types;
  for (const auto& [type, entry] : settings.op_types)
    if (holds(entry)) types.insert(type);
  return types;
}

std::set<std::string> per_channel_types(const QuantsimSettings& settings) {
  return types_where(settings, [](const OperatorSettings& s) { return s.per_channel.value_or(false); });
}

std::set<std::string> output_off_types(const QuantsimSettings& settings) {
  return types_where(settings, [](const OperatorSettings& s) { return !s.output.value_or(true); });
}

TEST(QuantsimPresets, AllShareAimetsBasics) {
  for (const NumericsMode mode : {NumericsMode::aimet_1_24, NumericsMode::aimet_torch_2})
    for (const std::string& name : quantsim_preset_names()) {
      const QuantsimSettings& settings = preset(name, mode);
      EXPECT_EQ(settings.ops.output, true) << name;
      EXPECT_EQ(settings.ops.symmetric, std::nullopt) << name;
      EXPECT_EQ(settings.all_params.symmetric, true) << name;
      EXPECT_EQ(settings.params.at("bias").quantized, false) << name;
      EXPECT_TRUE(settings.model_input && !settings.model_output) << name;
      EXPECT_FALSE(settings.strict_symmetric || settings.unsigned_symmetric) << name;
    }
}

TEST(QuantsimPresets, DefaultsDifferBetweenTheGenerations) {
  const QuantsimSettings& old = preset("default", NumericsMode::aimet_1_24);
  EXPECT_THAT(output_off_types(old), ElementsAre("Mean", "Pad", "Squeeze"));
  EXPECT_EQ(old.supergroups.size(), 4u);
  EXPECT_FALSE(old.any_per_channel());
  const QuantsimSettings& recent = preset("default_per_tensor");
  EXPECT_THAT(output_off_types(recent), ElementsAre("Cast"));
  EXPECT_EQ(recent.supergroups.size(), 5u);
  EXPECT_THAT(recent.supergroups, Contains(Chain{"ConvTranspose", "Relu"}));
  EXPECT_FALSE(recent.any_per_channel());
}

// _config_file_aliases of 2.42, and what it takes for config_file=None.
TEST(QuantsimPresets, DefaultIsTheFileThatTheGenerationTakesByItself) {
  EXPECT_EQ(&preset("default", NumericsMode::aimet_1_24), &preset("default_per_tensor", NumericsMode::aimet_1_24));
  for (const NumericsMode mode : {NumericsMode::aimet_torch_2, NumericsMode::aimet_onnx_2})
    EXPECT_EQ(&preset("default", mode), &preset("default_per_channel", mode));
}

TEST(QuantsimPresets, PerChannelDefaultsLeaveLinearLayersOutIn124Only) {
  const QuantsimSettings& old = preset("default_per_channel", NumericsMode::aimet_1_24);
  EXPECT_TRUE(old.per_channel);
  EXPECT_EQ(old.op_types.at("Gemm").per_channel, false);
  const QuantsimSettings& recent = preset("default_per_channel");
  EXPECT_FALSE(recent.per_channel);
  EXPECT_THAT(per_channel_types(recent), ElementsAre("Conv", "ConvTranspose", "Gemm", "MatMul", "PRelu"));
}

TEST(QuantsimPresets, HtpV66IsPerTensorAndHasNoConvRelu) {
  const QuantsimSettings& v66 = preset("htp_v66");
  EXPECT_EQ(v66.hw_version, "V66");
  EXPECT_THAT(per_channel_types(v66), IsEmpty());
  EXPECT_THAT(output_off_types(v66), ElementsAre("Cast", "ChannelShuffle", "Flatten", "Gather", "NonMaxSuppression"));
  EXPECT_THAT(v66.supergroups,
              ElementsAre(Chain{"ConvTranspose", "Relu"}, Chain{"Add", "Relu"}, Chain{"Gemm", "Relu"}));
  EXPECT_EQ(v66.op_types.at("Relu").constraint->min, 0);
  EXPECT_EQ(v66.op_types.at("Tanh").constraint->max, 1);
  EXPECT_EQ(v66.op_types.at("LayerNormalization").params.at("weight").symmetric, false);
}

TEST(QuantsimPresets, HtpV68IsPerChannelForConvolutionsAndV69ForLinearLayersToo) {
  EXPECT_THAT(per_channel_types(preset("htp_v68")), ElementsAre("Conv", "ConvTranspose", "PRelu"));
  EXPECT_THAT(per_channel_types(preset("htp_v69")), ElementsAre("Conv", "ConvTranspose", "Gemm", "MatMul", "PRelu"));
  for (const char* name : {"htp_v68", "htp_v69"}) {
    EXPECT_EQ(preset(name).supergroups.size(), 3u);
    EXPECT_FALSE(output_off_types(preset(name)).count("Flatten"));
    EXPECT_EQ(preset(name).op_types.at("RMSNormalization").params.at("weight").symmetric, false);
  }
}

TEST(QuantsimPresets, HtpFromV73OnHasFourteenSupergroups) {
  for (const char* name : {"htp_v73", "htp_v75", "htp_v79", "htp_v81"}) {
    const QuantsimSettings& late = preset(name);
    EXPECT_EQ(late.supergroups.size(), 14u) << name;
    EXPECT_THAT(late.supergroups, Contains(Chain{"Conv", "BatchNormalization", "HardSwish"}));
    EXPECT_THAT(late.supergroups, Contains(Chain{"Conv", "Transpose", "LeakyRelu"}));
    EXPECT_EQ(late.op_types.at("Softmax").constraint->max, 1);
    EXPECT_EQ(late.op_types.at("Sigmoid").constraint->min, 0);
    EXPECT_EQ(late.op_types.at("GroupNormalization").params.at("bias").quantized, true);
  }
  EXPECT_EQ(preset("htp_v75").hw_version, "V75");
}

TEST(QuantsimPresets, IdentityTellsSettingsApartAndNotNames) {
  QuantsimSettings renamed = preset("htp_v73");
  renamed.name = "other";
  EXPECT_EQ(renamed.identity(), preset("htp_v73").identity());
  EXPECT_EQ(preset("htp_v73").identity(), preset("htp_v73_per_channel_linear").identity());
  renamed.op_types["Relu"].constraint->min = -1;
  EXPECT_NE(renamed.identity(), preset("htp_v73").identity());
  EXPECT_NE(preset("default_per_tensor").identity(), preset("default_per_channel").identity());
}

}  // namespace
}  // namespace qeval
