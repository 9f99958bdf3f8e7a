// kernel_bench: the integer kernels of this processor on layers of ResNeXt101_32x8d, one core, beside the most that the
// same instructions do from registers, measured in between.
//
//   kernel_bench [KERNEL…]     those named; all that the processor has where none is
//
// By panels: some tiles of weights for one panel, then for the next, as it should be done; by tiles: the other way.
// Share is the former's. Time is the thread's own; the best of several rounds counts, for layer and peak alike.
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include "stages/infer/kernels/depthwise_kernel.h"
#include "stages/infer/kernels/dot_kernel.h"
#include "tools/bench/kernel_peaks.h"

namespace qeval::bench {
namespace {

struct Layer {
  const char* name;
  int groups, rows, steps;  ///< rows and steps of a group
};

constexpr Layer layers[] = {
    {"stem 7x7, 3 -> 64", 1, 64, 49},     {"1x1 64 -> 256", 1, 256, 16},      {"1x1 256 -> 256", 1, 256, 64},
    {"1x1 512 -> 512", 1, 512, 128},      {"1x1 1024 -> 1024", 1, 1024, 256}, {"1x1 2048 -> 1024", 1, 1024, 512},
    {"1x1 2048 -> 2048", 1, 2048, 512},   {"3x3, groups of 4", 32, 4, 9},     {"3x3, groups of 8", 32, 8, 18},
    {"3x3, groups of 16", 32, 16, 36},    {"3x3, groups of 32", 32, 32, 72},  {"3x3, groups of 64", 32, 64, 144},
    {"linear 2048 -> 1000", 1, 1000, 512}};

/// How much of panels is packed before weights are gone through, and how much of weights is gone through for one panel
/// before the next one's turn.
constexpr std::size_t panel_bytes = 768 * 1024, weight_bytes = 512 * 1024;

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

template <typename T>
struct Aligned {
  explicit Aligned(std::size_t count)
      : memory(static_cast<T*>(std::aligned_alloc(64, (count * sizeof(T) + 63) / 64 * 64)), std::free) {}
  std::unique_ptr<T, decltype(&std::free)> memory;
};

struct Work {
  const DotKernel& kernel;
  const Layer& layer;
  std::vector<Aligned<std::byte>> packed;  ///< of each group
  int panels;
  Aligned<std::uint8_t> codes;
  Aligned<std::int32_t> sums;

  std::int64_t macs() const {
    return std::int64_t{layer.groups} * layer.rows * layer.steps * 4 * kernel.pixels * panels;
  }
};

/// Weights as trained networks have them in one encoding per tensor: the largest is five standard deviations out.
std::vector<std::int8_t> trained_weights(const Layer& layer, std::mt19937& random) {
  std::normal_distribution<float> distribution(0, 127.f / 5);
  std::vector<std::int8_t> weights(static_cast<std::size_t>(layer.rows * layer.steps * 4));
  for (std::int8_t& weight : weights)
    weight = static_cast<std::int8_t>(std::clamp(std::lround(distribution(random)), -127l, 127l));
  return weights;
}

Work make_work(const DotKernel& kernel, const Layer& layer) {
  const std::size_t panel = static_cast<std::size_t>(layer.steps * kernel.pixels) * 4;
  const int panels = std::max(1, static_cast<int>(panel_bytes / panel / static_cast<std::size_t>(layer.groups)));
  const std::size_t codes = panel * static_cast<std::size_t>(panels * layer.groups);
  Work work{kernel,
            layer,
            {},
            panels,
            Aligned<std::uint8_t>(codes),
            Aligned<std::int32_t>(static_cast<std::size_t>(kernel.outputs * kernel.pixels))};
  std::mt19937 random(1);
  std::generate_n(work.codes.memory.get(), codes, [&] { return static_cast<std::uint8_t>(random()); });
  for (int group = 0; group < layer.groups; ++group) {
    const auto bytes = kernel.pack(trained_weights(layer, random), layer.rows, layer.steps);
    work.packed.emplace_back(bytes.size());
    std::memcpy(work.packed.back().memory.get(), bytes.data(), bytes.size());
  }
  return work;
}

/// All tiles of weights over all panels, `tiles_at_once` for one panel.
void run(const Work& work, int tiles_at_once) {
  const auto& [kernel, layer, packed, panels, codes, sums] = work;
  const int tiles = (layer.rows + kernel.outputs - 1) / kernel.outputs;
  const auto panel = static_cast<std::ptrdiff_t>(layer.steps) * kernel.pixels * 4;
  kernel.prepare(packed.front().memory.get());
  for (int group = 0; group < layer.groups; ++group) {
    const std::byte* weights = packed[static_cast<std::size_t>(group)].memory.get();
    const std::uint8_t* first = codes.memory.get() + panel * panels * group;
    for (int begin = 0; begin < tiles; begin += tiles_at_once)
      for (int i = 0; i < panels; ++i)
        for (int tile = begin; tile < std::min(tiles, begin + tiles_at_once); ++tile)
          kernel.run(weights, tile, first + panel * i, kernel.pixels, sums.memory.get());
  }
}

int tiles_of(std::size_t bytes, const DotKernel& kernel, const Layer& layer) {
  const std::size_t tile = static_cast<std::size_t>(kernel.outputs) * static_cast<std::size_t>(layer.steps) * 4;
  return std::max(1, static_cast<int>(bytes / tile));
}

/// Billions of products per second of `work`, which does `macs`, for some milliseconds.
double rate(std::int64_t macs, const std::function<void()>& work) {
  constexpr double long_enough = 0.004;
  std::int64_t done = 0;
  const double start = thread_seconds();
  double seconds = 0;
  do {
    work();
    done += macs;
    seconds = thread_seconds() - start;
  } while (seconds < long_enough);
  return static_cast<double>(done) / seconds * 1e-9;
}

double peak_rate(DotIsa isa) {
  const std::int64_t macs = run_peak(isa);
  return macs == 0 ? 0 : rate(macs, [&] { run_peak(isa); });
}

void measure(const DotKernel& kernel) {
  constexpr int rounds = 9;
  std::printf("\n%s: %d outputs, %d pixels\n%-22s%14s%14s%14s%10s\n", kernel.name, kernel.outputs, kernel.pixels,
              "GMAC/s", "by panels", "by tiles", "peak", "share");
  for (const Layer& layer : layers) {
    const Work work = make_work(kernel, layer);
    const int many = tiles_of(weight_bytes, kernel, layer);
    double by_panels = 0, by_tiles = 0, peak = 0;
    for (int round = 0; round < rounds; ++round) {
      peak = std::max(peak, peak_rate(kernel.isa));
      by_panels = std::max(by_panels, rate(work.macs(), [&] { run(work, many); }));
      by_tiles = std::max(by_tiles, rate(work.macs(), [&] { run(work, 1); }));
    }
    std::printf("%-22s%14.1f%14.1f%14.1f", layer.name, by_panels, by_tiles, peak);
    if (peak > 0) std::printf("%9.0f%%", 100 * by_panels / peak);
    std::printf("\n");
  }
}

void measure_depthwise() {
  constexpr int pixels = 48, rounds = 9, repetitions = 100;
  constexpr DotIsa limits[] = {DotIsa::portable, DotIsa::avx2, DotIsa::amx};
  std::printf("\ndepthwise, GMAC/s: up to portable, AVX2, any\n");
  for (const int taps : {9, 25}) {
    const std::vector<std::int8_t> weights(static_cast<std::size_t>(taps) * 4, 3);
    const auto bytes = static_cast<std::size_t>(taps) * pixels * 4;
    const Aligned<std::uint8_t> panel(bytes);
    std::memset(panel.memory.get(), 200, bytes);
    const Aligned<std::int32_t> sums(std::size_t{pixels} * 4);
    std::printf("%2d taps", taps);
    for (const DotIsa limit : limits) {
      const DepthwiseKernel kernel = best_depthwise_kernel(limit);
      double best = 0;
      for (int round = 0; round < rounds; ++round)
        best = std::max(best, rate(static_cast<std::int64_t>(bytes) * repetitions, [&] {
                          for (int i = 0; i < repetitions; ++i)
                            kernel(weights.data(), taps, panel.memory.get(), pixels, sums.memory.get());
                        }));
      std::printf("%10.1f", best);
    }
    std::printf("\n");
  }
}

}  // namespace
}  // namespace qeval::bench

int main(int argc, char** argv) {
  std::vector<const qeval::DotKernel*> kernels;
  for (int i = 1; i < argc; ++i) {
    kernels.push_back(qeval::find_dot_kernel(argv[i]));
    if (kernels.back() != nullptr) continue;
    std::fprintf(stderr, "kernel_bench: this processor has no kernel '%s'\n", argv[i]);
    return 2;
  }
  if (kernels.empty()) kernels.assign(qeval::dot_kernels().begin(), qeval::dot_kernels().end());
  for (const qeval::DotKernel* kernel : kernels) qeval::bench::measure(*kernel);
  if (argc == 1) qeval::bench::measure_depthwise();
  return 0;
}
