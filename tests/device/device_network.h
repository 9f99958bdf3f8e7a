#pragma once
/// A published network with random weights, quantized, and what its executors compute on the device that is tested.
/// Thread-safety: free functions and plain values.
#include <memory>
#include <string>
#include <vector>

#include "stages/infer/executor.h"
#include "stages/quant/placement/quantsim_config.h"

namespace qeval::test {

constexpr int images_per_batch = 2, batches = 3;

/// QEVAL_TEST_DEVICE; cuda where it is not set.
std::string tested_device();
/// Why nothing can be tested on it; empty if it is there.
std::string missing_device();

class DeviceNetwork {
 public:
  explicit DeviceNetwork(const std::string& arch);

  const Graph& graph() const { return graph_; }
  const EncodingTable& encodings() const { return encodings_; }  ///< as calibrated on the CPU
  const std::vector<float>& images(int batch) const { return images_[static_cast<std::size_t>(batch)]; }
  ExecutorOptions options(const std::string& kind, const std::string& device) const {
    return {.kind = kind, .device = device, .mode = recipe_.mode};
  }
  /// Of all batches, one after the other.
  std::vector<float> logits(const std::string& kind, const std::string& device) const;
  EncodingTable calibrated(const std::string& device) const;

 private:
  QuantRecipe recipe_;
  Graph graph_;
  std::vector<std::vector<float>> images_;
  EncodingTable encodings_;
};

/// The largest difference of two, as a part of the largest number of the first.
double relative_difference(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace qeval::test
