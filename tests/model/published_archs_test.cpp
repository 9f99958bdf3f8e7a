// Architectures against what their framework publishes: parameter counts, and the names and shapes of the state dict.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "stages/model/arch/arch.h"

namespace qeval {
namespace {

std::int64_t count_of(const ParameterSpec& spec) {
  std::int64_t count = 1;
  for (const std::int64_t size : spec.shape) count *= size;
  return count;
}

/// Trainable ones.
std::int64_t parameter_count(const std::vector<ParameterSpec>& specs) {
  std::int64_t total = 0;
  for (const ParameterSpec& spec : specs)
    if (spec.name.find("running_") == std::string::npos) total += count_of(spec);
  return total;
}

/// FNV-1a over "name shape" lines in the order of the names.
std::uint64_t keys_hash(std::vector<ParameterSpec> specs) {
  std::sort(specs.begin(), specs.end(), [](const ParameterSpec& a, const ParameterSpec& b) { return a.name < b.name; });
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto mix = [&](const std::string& text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  };
  for (const ParameterSpec& spec : specs) {
    mix(spec.name + " ");
    for (std::size_t i = 0; i < spec.shape.size(); ++i) mix((i ? "," : "") + std::to_string(spec.shape[i]));
    mix("\n");
  }
  return hash;
}

struct Published {
  const char* arch;
  std::int64_t parameters;  ///< "num_params" of the weights' documentation
  std::size_t tensors;      ///< float tensors of the state dict
  std::uint64_t keys;       ///< keys_hash of it
};

// torchvision 0.29.1; the last two columns: tools/oracle/torchvision_logits.py --keys.
constexpr Published torchvision_archs[] = {
    {"convnext_base", 88'591'464, 344, 0xb9cd987800c1b687u},
    {"convnext_large", 197'767'336, 344, 0xdbfcd5621ceefee4u},
    {"convnext_small", 50'223'688, 344, 0x7db0cd25fe051fe4u},
    {"convnext_tiny", 28'589'128, 182, 0x99c3357e16d35609u},
    {"densenet121", 7'978'856, 606, 0x5e9470ea5be6b9fbu},
    {"densenet161", 28'681'000, 806, 0x72e48db70438f3ceu},
    {"densenet169", 14'149'480, 846, 0xa3532acfc96aba1du},
    {"densenet201", 20'013'928, 1006, 0x69a8f0b1cf3dedcbu},
    {"efficientnet_b0", 5'288'548, 311, 0x299ae1f4e4a25fdeu},
    {"efficientnet_b1", 7'794'184, 439, 0x95534a61ea53b398u},
    {"efficientnet_b2", 9'109'994, 439, 0x9afd41450574b557u},
    {"efficientnet_b3", 12'233'232, 496, 0xe10cfaa2e48daac1u},
    {"efficientnet_b4", 19'341'616, 610, 0x20484d417f4d11f5u},
    {"efficientnet_b5", 30'389'784, 738, 0xd4b9b664e7106cddu},
    {"efficientnet_b6", 43'040'704, 852, 0x12c8f816c2bd785du},
    {"efficientnet_b7", 66'347'960, 1037, 0xc7e267be7dd36571u},
    {"mnasnet0_5", 2'218'512, 262, 0x49d7fab9856582ceu},
    {"mnasnet0_75", 3'170'208, 262, 0xfee74a17b1a16d10u},
    {"mnasnet1_0", 4'383'312, 262, 0x76e89b2bdcc421ecu},
    {"mnasnet1_3", 6'282'256, 262, 0x8ad79285d43077a8u},
    {"mobilenet_v2", 3'504'872, 262, 0x0beeac2a68d76eb3u},
    {"mobilenet_v3_large", 5'483'032, 266, 0x3aaac45d04ef441cu},
    {"mobilenet_v3_small", 2'542'856, 210, 0x2b51924768a51525u},
    {"regnet_x_16gf", 54'278'536, 357, 0x7ed670946b129a4au},
    {"regnet_x_1_6gf", 9'190'136, 297, 0x0826e9e77609dbf5u},
    {"regnet_x_32gf", 107'811'560, 372, 0xf73697fbf87a67b9u},
    {"regnet_x_3_2gf", 15'296'552, 402, 0xa14602f05ba6e54bu},
    {"regnet_x_400mf", 5'495'976, 357, 0x8c4f26cfec8dd872u},
    {"regnet_x_800mf", 7'259'656, 267, 0x0cc0698b54e1ba3du},
    {"regnet_x_8gf", 39'572'648, 372, 0xb7d68294bf49d2efu},
    {"regnet_y_128gf", 644'812'894, 540, 0x161fb4437d479261u},
    {"regnet_y_16gf", 83'590'140, 369, 0xe7cc364bedb57a53u},
    {"regnet_y_1_6gf", 11'202'430, 540, 0xe68be456726244b4u},
    {"regnet_y_32gf", 145'046'770, 407, 0x7368baf3ff63e506u},
    {"regnet_y_3_2gf", 19'436'338, 426, 0xf291ab1060fadd4bu},
    {"regnet_y_400mf", 4'344'144, 331, 0x83258daf3716cf24u},
    {"regnet_y_800mf", 6'432'512, 293, 0xbccc79f145853303u},
    {"regnet_y_8gf", 39'381'472, 350, 0xa4dffbc0ecb45d82u},
    {"resnet101", 44'549'160, 522, 0x9f3894f4f7412af6u},
    {"resnet152", 60'192'808, 777, 0x65bf7a5a6983b2aeu},
    {"resnet18", 11'689'512, 102, 0x6ee63be8677a5f7eu},
    {"resnet34", 21'797'672, 182, 0xeca92d67b73b822eu},
    {"resnet50", 25'557'032, 267, 0x668409d03ac42891u},
    {"resnext101_32x8d", 88'791'336, 522, 0xedd72d810a7ecaa1u},
    {"resnext101_64x4d", 83'455'272, 522, 0xd484233b6c6f88d6u},
    {"resnext50_32x4d", 25'028'904, 267, 0xa7d71194284f6adeu},
    {"shufflenet_v2_x0_5", 1'366'792, 282, 0x92221b9a7510592du},
    {"shufflenet_v2_x1_0", 2'278'604, 282, 0xeb9b7633cc6e4819u},
    {"shufflenet_v2_x1_5", 3'503'624, 282, 0xe1667396d383dce7u},
    {"shufflenet_v2_x2_0", 7'393'996, 282, 0xddc969134f973962u},
    {"squeezenet1_0", 1'248'424, 52, 0x55d591af7e4fa055u},
    {"squeezenet1_1", 1'235'496, 52, 0x48683767cc9ed1ceu},
    {"vgg11", 132'863'336, 22, 0x66000c1a2f798ca7u},
    {"vgg11_bn", 132'868'840, 54, 0xe6fe092b78b85747u},
    {"vgg13", 133'047'848, 26, 0xa448dca596c3d2b0u},
    {"vgg13_bn", 133'053'736, 66, 0x79f078f2cd35e5c0u},
    {"vgg16", 138'357'544, 32, 0x8b62f43bd8bc6592u},
    {"vgg16_bn", 138'365'992, 84, 0x70315754a6b3adf3u},
    {"vgg19", 143'667'240, 38, 0x60fad36d4cb9506au},
    {"vgg19_bn", 143'678'248, 102, 0x36a89dc30bd3b468u},
    {"wide_resnet101_2", 126'886'696, 522, 0x8ad1a9973581db2au},
    {"wide_resnet50_2", 68'883'240, 267, 0x7af6b8e9900c30b5u},
};

TEST(PublishedArchs, TorchvisionsCountsNamesAndShapes) {
  for (const Published& published : torchvision_archs) {
    const std::vector<ParameterSpec> specs = arch_parameters(published.arch, {});
    EXPECT_EQ(parameter_count(specs), published.parameters) << published.arch;
    EXPECT_EQ(specs.size(), published.tensors) << published.arch;
    EXPECT_EQ(keys_hash(specs), published.keys) << published.arch;
  }
}

TEST(PublishedArchs, OtherFamiliesHaveTheirPublishedCounts) {
  const std::map<std::string, std::int64_t> published{
      {"efficientnet_lite0", 4'652'008}, {"efficientnet_lite1", 5'416'680},  {"efficientnet_lite2", 6'092'072},
      {"efficientnet_lite3", 8'197'096}, {"efficientnet_lite4", 13'006'568}, {"resnet20", 269'722},
      {"resnet110", 1'727'962}};
  for (const auto& [arch, count] : published) EXPECT_EQ(parameter_count(arch_parameters(arch, {})), count) << arch;
}

}  // namespace
}  // namespace qeval
