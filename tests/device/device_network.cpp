#include "tests/device/device_network.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include "stages/infer/cuda_driver.h"
#include "stages/infer/executor_library.h"
#include "stages/model/arch/arch.h"
#include "stages/quant/calibration.h"
#include "stages/quant/fold_batch_norm.h"

namespace qeval::test {
namespace {

Graph random_graph(const std::string& arch) {
  const ArchParameters small{{"num_classes", "10"}, {"input_size", "64"}};
  StateDict state;
  state.tensors = random_weights(arch, small, 1);
  return build_graph(arch, small, state);
}

/// Values in −2 … 2, the same on every machine.
std::vector<float> random_images(const Graph& graph, unsigned seed) {
  const auto& shape = graph.input_shape;
  std::mt19937 generator(seed);
  std::vector<float> values(static_cast<std::size_t>(images_per_batch * shape[0] * shape[1] * shape[2]));
  for (float& value : values) value = (static_cast<float>(generator() >> 8) / 8388608.0f - 1.0f) * 2.0f;
  return values;
}

}  // namespace

std::string tested_device() {
  const char* const named = std::getenv("QEVAL_TEST_DEVICE");
  return named ? named : "cuda";
}

std::string missing_device() {
  if (!tested_device().starts_with("cuda") || cuda_device_count() > 0) return "";
  return "the CUDA driver finds no GPU; QEVAL_TEST_DEVICE=cpu compares the CPU with itself";
}

DeviceNetwork::DeviceNetwork(const std::string& arch) : graph_(random_graph(arch)) {
  recipe_.mode = NumericsMode::aimet_torch_2;
  fold_batch_norm(graph_, recipe_.mode);
  place_quantizers(graph_, recipe_);
  for (unsigned batch = 0; batch < batches; ++batch) images_.push_back(random_images(graph_, batch));
  encodings_ = calibrated("cpu");
}

std::vector<float> DeviceNetwork::logits(const std::string& kind, const std::string& device) const {
  const auto executor = make_executor(graph_, kind == "float" ? EncodingTable() : encodings_, options(kind, device));
  const auto each = static_cast<std::size_t>(images_per_batch * graph_.num_classes);
  std::vector<float> all(each * batches);
  for (std::size_t batch = 0; batch < batches; ++batch)
    executor->infer(images_[batch], images_per_batch, std::span(all).subspan(batch * each, each));
  return all;
}

EncodingTable DeviceNetwork::calibrated(const std::string& device) const {
  EncodingTable table = encodings_without_images(graph_, recipe_);
  ObserverBank bank(activation_call_sites(graph_), activation_schemes(graph_, recipe_), recipe_.mode);
  const auto executor = make_executor(graph_, table, options("simulated", device));
  for (int batch = 0; batch < batches; ++batch) {
    executor->observe(images(batch), images_per_batch, batch, bank);
    bank.finish_batch(batch);
  }
  add_activation_encodings(graph_, recipe_, bank, table);
  return table;
}

double relative_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = 0, difference = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i])));
    const double here = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    difference = std::isnan(here) ? INFINITY : std::max(difference, here);
  }
  return largest > 0 ? difference / largest : INFINITY;
}

}  // namespace qeval::test
