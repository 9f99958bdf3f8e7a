#include "tests/support/fake_executors.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "stages/quant/calibration.h"

namespace qeval::test {
namespace {

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

std::uint64_t hash_of(std::span<const float> values, std::uint64_t seed) {
  for (const float value : values) seed = mixed(seed, std::bit_cast<std::uint32_t>(value));
  return seed;
}

std::uint64_t hash_of(const EncodingTable& table) {
  std::uint64_t hash = 1;
  for (const EncodingList& list : table)
    for (const Encoding& encoding : list) hash = mixed(hash, std::bit_cast<std::uint64_t>(encoding.scale));
  return hash;
}

std::span<const float> image_of(std::span<const float> images, int n, int index) {
  const std::size_t values = images.size() / static_cast<std::size_t>(n);
  return images.subspan(static_cast<std::size_t>(index) * values, values);
}

/// The classes' order follows from the hash.
void fill_logits(std::uint64_t hash, std::span<float> logits) {
  for (float& logit : logits) {
    hash = mixed(hash, 7);
    logit = static_cast<float>(hash >> 44) / 65536.0f;
  }
}

class FakeExecutor : public Executor {
 public:
  FakeExecutor(const FakeExecutors& maker, const Graph& graph, const EncodingTable& table)
      : maker_(maker), sites_(activation_call_sites(graph)), network_(hash_of(table)) {}

  void infer(std::span<const float> images, int n, std::span<float> logits) const override {
    maker_.before("infer");
    const std::size_t classes = logits.size() / static_cast<std::size_t>(n);
    for (int i = 0; i < n; ++i) {
      const auto image = image_of(images, n, i);
      const auto row = logits.subspan(static_cast<std::size_t>(i) * classes, classes);
      fill_logits(hash_of(image, network_), row);
      if (maker_.classify && network_ == hash_of(EncodingTable())) {
        std::fill(row.begin(), row.end(), 0.0f);
        row[static_cast<std::size_t>(maker_.classify(image))] = 1;
      }
      if (std::all_of(image.begin(), image.end(), [](float v) { return v == FakeExecutors::broken_value; }))
        std::fill(row.begin(), row.end(), std::numeric_limits<float>::quiet_NaN());
    }
  }

  void observe(std::span<const float> images, int, std::int64_t ordinal, ObserverBank& bank) const override {
    maker_.before("observe");
    for (int q = 0; q < bank.size(); ++q)
      for (int site = 0; bank.observes(q) && site < sites_[static_cast<std::size_t>(q)]; ++site)
        bank.observe(q, ordinal, images);
    bank.finish_batch(ordinal);
  }

  std::string first_not_finite(std::span<const float>, int, int) const override { return "fake"; }
  std::string device() const override { return "cpu"; }
  std::string environment() const override { return "fake"; }

 private:
  const FakeExecutors& maker_;
  std::vector<int> sites_;
  std::uint64_t network_;
};

class FakeSensitivity : public SensitivityExecutor {
 public:
  FakeSensitivity(const FakeExecutors& maker, const Graph& graph, std::size_t groups)
      : maker_(maker), classes_(static_cast<std::size_t>(graph.num_classes)), groups_(groups) {}

  SensitivityBatch measure(std::span<const float> images, int n) const override {
    maker_.before("measure");
    SensitivityBatch batch{logits(images, n, 0), logits(images, n, 1), {}};
    for (std::size_t group = 0; group < groups_; ++group) {
      const std::vector<double> ones(static_cast<std::size_t>(n), 1.0);
      batch.groups.push_back({"node", logits(images, n, 2 + group), ones, ones, ones});
    }
    return batch;
  }

  std::string first_not_finite(std::span<const float>, int, int, std::size_t) const override { return "fake"; }

 private:
  std::vector<float> logits(std::span<const float> images, int n, std::uint64_t network) const {
    std::vector<float> all(static_cast<std::size_t>(n) * classes_);
    for (int i = 0; i < n; ++i)
      fill_logits(hash_of(image_of(images, n, i), network),
                  std::span(all).subspan(static_cast<std::size_t>(i) * classes_, classes_));
    return all;
  }

  const FakeExecutors& maker_;
  std::size_t classes_, groups_;
};

class FakeLayerData : public LayerData {
 public:
  explicit FakeLayerData(std::size_t images) : images_(images) {}
  std::size_t images() const override { return images_; }
  void output_gradient(std::span<const float>, std::span<const std::size_t> images, std::size_t of,
                       std::span<float> gradient) const override {
    std::fill(gradient.begin(), gradient.end(), -static_cast<float>(images.size()) / static_cast<float>(of));
  }

 private:
  std::size_t images_;
};

class FakeLayerwise : public LayerwiseExecutor {
 public:
  FakeLayerwise(const FakeExecutors& maker, const Graph& graph, std::size_t batches)
      : maker_(maker), graph_(graph), shift_(batches), images_(batches) {}

  void admit(std::size_t number, std::span<const float> images, int n) override {
    maker_.before("admit");
    shift_[number] = static_cast<double>(hash_of(images, 3) >> 40) / (1 << 28);
    images_[number] = n;
  }

  OutputShift output_shift(std::size_t number, std::size_t layer) override {
    maker_.before("shift");
    if (images_[number] == 0) return {};
    const auto channels = static_cast<std::size_t>(graph_.nodes[layer].weight.shape()[0]);
    return {std::vector<double>(channels, shift_[number]), images_[number]};
  }

  void gather(std::size_t, std::size_t) override {}
  std::unique_ptr<LayerData> layer_data(std::size_t) override {
    std::size_t images = 0;
    for (const int n : images_) images += static_cast<std::size_t>(n);
    return std::make_unique<FakeLayerData>(images);
  }
  void replace(std::size_t, const Tensor&, const Tensor&) override {}

 private:
  const FakeExecutors& maker_;
  const Graph graph_;
  std::vector<double> shift_;
  std::vector<int> images_;
};

}  // namespace

ExecutorEnvironment FakeExecutors::describe(const ExecutorOptions&) const { return {"cpu", "fake"}; }

std::unique_ptr<Executor> FakeExecutors::make(const Graph& graph, const EncodingTable& encodings,
                                              const ExecutorOptions&) const {
  return std::make_unique<FakeExecutor>(*this, graph, encodings);
}

std::unique_ptr<SensitivityExecutor> FakeExecutors::make_sensitivity(const Graph& graph, const EncodingTable&,
                                                                     const std::vector<QuantizerIndices>& groups,
                                                                     SensitivityMode, const ExecutorOptions&) const {
  return std::make_unique<FakeSensitivity>(*this, graph, groups.size());
}

std::unique_ptr<LayerwiseExecutor> FakeExecutors::make_layerwise(const Graph& graph, const EncodingTable&,
                                                                 std::size_t batches, std::int64_t,
                                                                 const ExecutorOptions&) const {
  return std::make_unique<FakeLayerwise>(*this, graph, batches);
}

}  // namespace qeval::test
