#include "stages/flow/layer_learning.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <vector>

#include "pipeline/run_in_parallel.h"

namespace qeval {
namespace {

constexpr std::size_t images_at_once = 8;

void lower_to(std::atomic<std::size_t>& lowest, std::size_t number) {
  std::size_t known = lowest;
  while (number < known && !lowest.compare_exchange_weak(known, number)) {
  }
}

/// Of several batches that fail, the first one's error is told, whatever order the threads took: those before a failed
/// one are still computed, those behind it are not begun.
void for_each_batch(const LayerWork& work, const std::function<void(std::size_t)>& body) {
  std::vector<std::exception_ptr> failures(work.batches);
  std::atomic<std::size_t> first_failed = work.batches;
  run_in_parallel(work.batches, work.threads, [&](std::size_t number) {
    try {
      if (number < first_failed && work.go_on()) body(number);
    } catch (...) {
      failures[number] = std::current_exception();
      lower_to(first_failed, number);
    }
  });
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

OutputShift total_output_shift(const LayerWork& work, std::size_t layer) {
  std::vector<OutputShift> parts(work.batches);
  for_each_batch(work, [&](std::size_t number) { parts[number] = work.executor.output_shift(number, layer); });
  OutputShift total;
  for (const OutputShift& part : parts) total.add(part);
  return total;
}

std::unique_ptr<LayerData> gathered_layer_data(const LayerWork& work, std::size_t layer) {
  for_each_batch(work, [&](std::size_t number) { work.executor.gather(number, layer); });
  return work.executor.layer_data(layer);
}

OutputGradient output_gradient_in_parts(const LayerData& data, std::size_t weights, int threads) {
  return [&data, weights, threads, parts = std::vector<std::vector<float>>()](
             std::span<const float> at, std::span<const std::size_t> images, std::span<float> sum) mutable {
    parts.resize((images.size() + images_at_once - 1) / images_at_once, std::vector<float>(weights));
    run_in_parallel(parts.size(), threads, [&](std::size_t part) {
      const std::size_t first = part * images_at_once;
      const auto some = images.subspan(first, std::min(images_at_once, images.size() - first));
      data.output_gradient(at, some, images.size(), parts[part]);
    });
    std::fill(sum.begin(), sum.end(), 0.0f);
    for (const std::vector<float>& part : parts)
      std::transform(sum.begin(), sum.end(), part.begin(), sum.begin(), std::plus<>());
  };
}

}  // namespace qeval
