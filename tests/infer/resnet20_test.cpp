// The CIFAR ResNet-20 that exists as a legacy .th pickle and as safetensors: the same network, written differently.
#include <gtest/gtest.h>

#include "stages/dataset/manifest.h"
#include "stages/infer/executor_library.h"
#include "stages/model/arch/arch.h"
#include "tests/infer/oracle_run.h"
#include "tests/support/shared_data.h"

namespace qeval {
namespace {

std::vector<test::LabelledImage> cifar_images() {
  const Manifest manifest = scan_image_folder(test::shared_root() / "data/cifar10-test-500");
  std::vector<test::LabelledImage> images;
  for (const ManifestEntry& entry : manifest.entries) images.push_back({manifest.root / entry.name, entry.label});
  return images;
}

std::vector<float> logits_of(const std::string& arch, const std::string& weights,
                             const std::vector<test::LabelledImage>& images) {
  const Graph graph = build_graph(arch, {}, read_state_dict(test::shared_root() / "weights" / weights));
  Normalize normalize;
  normalize.mean = {0.485f, 0.456f, 0.406f};
  normalize.std = {0.229f, 0.224f, 0.225f};
  const Preprocessor preprocessor({{}, {ResizeExact{32, 32}, normalize}});
  return test::classify(*make_executor(graph, {}, {"float", "cpu"}), graph, images, preprocessor);
}

TEST(Resnet20, LegacyPickleAndSafetensorsGiveTheSameLogits) {
  QEVAL_REQUIRE_SHARED("weights/resnet20-12fca82f.th");
  QEVAL_REQUIRE_SHARED("data/cifar10-test-500");
  const auto images = cifar_images();
  const auto pickle = logits_of("resnet20", "resnet20-12fca82f.th", images);
  const auto safetensors = logits_of("resnet20_downsample", "resnet20_cifar10.safetensors", images);
  ASSERT_EQ(pickle.size(), 500u * 10);
  float largest = 0;
  for (std::size_t i = 0; i < pickle.size(); ++i) largest = std::max(largest, std::abs(pickle[i] - safetensors[i]));
  std::printf("largest difference %g, top-1 %d and %d of 500\n", static_cast<double>(largest),
              test::count_top1(pickle, images), test::count_top1(safetensors, images));
  // The shortcut is a slice in one file and a 1×1 convolution in the other, which sums in another order.
  EXPECT_LE(largest, 1e-4f);
  // No source gives a score for these lossy JPEGs; chance would be 50.
  EXPECT_GE(test::count_top1(pickle, images), 350);
}

}  // namespace
}  // namespace qeval
