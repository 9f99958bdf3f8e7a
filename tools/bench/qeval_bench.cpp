// qeval_bench: the executors beside a plain LibTorch forward pass, on synthetic images, in one interleaved run.
// Ratios are what it is for; images/s depend on the machine and the moment. End to end: end_to_end.py.
#include <algorithm>
#include <cstdio>
#include <thread>

#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>
#include <boost/program_options.hpp>

#include "pipeline/base/errors.h"
#include "stages/infer/executor_library.h"
#include "stages/infer/integer/integer_network.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "stages/quant/calibration.h"
#include "tools/bench/bench_network.h"
#include "tools/bench/command_line.h"
#include "tools/bench/eager_network.h"
#include "tools/bench/timed_work.h"

namespace qeval::bench {
namespace {

struct Options {
  std::string arch, weights, only, mode = mode_name(NumericsMode::aimet_torch_2);
  int batch_size = 8, batches = 4, rounds = 5, threads = 0;
  bool bare_only = false;
};

void report(const Options& options, const std::vector<Contender>& contenders) {
  const double images = static_cast<double>(options.batch_size) * options.batches;
  std::printf("%-16s%10s%10s%10s%10s%16s\n", "", "images/s", "fastest", "slowest", "vs bare", "CPU s vs bare");
  const Contender& bare = contenders.front();
  for (const Contender& contender : contenders) {
    const auto [low, high] = std::minmax_element(contender.wall.begin(), contender.wall.end());
    std::printf("%-16s%10.2f%10.2f%10.2f%9.1f%%%15.1f%%\n", contender.name.c_str(), images / median(contender.wall),
                images / *low, images / *high, 100 * median(bare.wall) / median(contender.wall),
                100 * median(contender.cpu) / median(bare.cpu));
  }
  for (std::size_t i = 2; i < contenders.size(); ++i)
    std::printf("%s runs at %.1f %% of float (by CPU time %.1f %%)\n", contenders[i].name.c_str(),
                100 * median(contenders[1].wall) / median(contenders[i].wall),
                100 * median(contenders[1].cpu) / median(contenders[i].cpu));
}

at::Tensor as_input(const Graph& graph, int n, const std::vector<float>& images) {
  const auto [channels, height, width] = graph.input_shape;
  return at::from_blob(const_cast<float*>(images.data()), {n, channels, height, width}, at::TensorOptions(at::kFloat))
      .contiguous(at::MemoryFormat::ChannelsLast);
}

Contender bare(const Options& options, const EagerNetwork& network, const at::Tensor& input) {
  return {"bare LibTorch",
          [&] {
            return run_batches(options.batches, 1, [&](int) {
              at::set_num_threads(options.threads);
              network.forward(input);
            });
          },
          {},
          {}};
}

Contender inference(const Options& options, const std::string& name, const Graph& graph, const Executor& executor,
                    const std::vector<float>& images) {
  const auto logits = static_cast<std::size_t>(options.batch_size) * static_cast<std::size_t>(graph.num_classes);
  return {name,
          [&, logits] {
            return run_batches(options.batches, options.threads, [&](int) {
              std::vector<float> result(logits);
              executor.infer(images, options.batch_size, result);
            });
          },
          {},
          {}};
}

Contender calibration(const Options& options, const Executor& executor, const std::vector<float>& images,
                      ObserverBank& bank) {
  return {"calibration",
          [&, observed = std::int64_t{1}]() mutable {
            const std::int64_t first = observed;
            observed += options.batches;
            return run_batches(options.batches, options.threads, [&](int batch) {
              executor.observe(images, options.batch_size, first + batch, bank);
              bank.take_snapshot(first + batch);
            });
          },
          {},
          {}};
}

void check_same_logits(const Options& options, const Graph& graph, const Executor& exact, const Executor& integer,
                       const std::vector<float>& images) {
  const auto count = static_cast<std::size_t>(options.batch_size) * static_cast<std::size_t>(graph.num_classes);
  std::vector<float> one(count), other(count);
  exact.infer(images, options.batch_size, one);
  integer.infer(images, options.batch_size, other);
  if (one != other) throw InternalError("integer and simulated-exact have different logits");
}

void report_plan(const IntegerPlan& plan) {
  std::printf("on integer codes: %.1f %% of the products\n",
              100.0 * static_cast<double>(plan.integer_products) / static_cast<double>(plan.products));
  for (const auto& [node, reason] : plan.float_nodes)
    std::printf("  in floats: %s: %s\n", node.c_str(), reason.c_str());
}

void run_bare(const Options& options) {
  const Graph graph = load_network(options.arch, options.weights);
  const auto images = synthetic_images(graph, options.batch_size);
  const EagerNetwork network(graph);
  const at::Tensor input = as_input(graph, options.batch_size, images);
  std::vector<Contender> contenders{bare(options, network, input)};
  interleave(contenders, options.rounds);
  report(options, contenders);
}

void run_all(const Options& options) {
  Graph graph = load_network(options.arch, options.weights);
  const QuantRecipe recipe = recipe_of(options.mode);
  place_quantizers(graph, recipe);
  const auto images = synthetic_images(graph, options.batch_size);
  EncodingTable table = encodings_without_images(graph, recipe);

  const auto observing = make_executor(graph, table, {"simulated", "cpu", recipe.mode});
  ObserverBank bank(activation_call_sites(graph), recipe.scheme, recipe.mode);
  observing->observe(images, options.batch_size, 0, bank);
  add_activation_encodings(graph, recipe, bank, table);
  const auto float_executor = make_executor(graph, {}, {"float", "cpu", recipe.mode});
  const auto simulated = make_executor(graph, table, {"simulated", "cpu", recipe.mode});
  const auto exact = make_executor(graph, table, {exact_executor_kind, "cpu", recipe.mode});
  const auto integer = make_executor(graph, table, {integer_executor_kind, "cpu", recipe.mode});
  check_same_logits(options, graph, *exact, *integer, images);
  report_plan(plan_integers(graph, table, recipe.mode));
  const EagerNetwork network(graph);
  const at::Tensor input = as_input(graph, options.batch_size, images);

  std::vector<Contender> contenders{bare(options, network, input),
                                    inference(options, "float", graph, *float_executor, images),
                                    inference(options, "simulated", graph, *simulated, images),
                                    inference(options, "simulated-exact", graph, *exact, images),
                                    inference(options, "integer", graph, *integer, images),
                                    calibration(options, *observing, images, bank)};
  std::erase_if(contenders, [&](const Contender& c) { return !options.only.empty() && c.name != options.only; });
  interleave(contenders, options.rounds);
  std::printf("%s, batch %d, %d threads\n%s\n", graph.arch.c_str(), options.batch_size, options.threads,
              float_executor->environment().c_str());
  report(options, contenders);
}

Options parse(int argc, char** argv) {
  namespace po = boost::program_options;
  Options options;
  po::options_description visible("qeval_bench ARCH [options]");
  visible.add_options()("help,h", "this text")("arch", po::value(&options.arch)->default_value("resnext101_32x8d"),
                                               "architecture")("weights", po::value(&options.weights),
                                                               "weights file; absent: random weights")(
      "batch-size", po::value(&options.batch_size)->default_value(8))("bare-only", po::bool_switch(&options.bare_only),
                                                                      "only the plain forward pass")(
      "only", po::value(&options.only), "this one alone, for a profiler")(
      "mode", po::value(&options.mode)->default_value(options.mode), "AIMET's arithmetic and placement")(
      "batches", po::value(&options.batches)->default_value(4), "batches per measurement")(
      "rounds", po::value(&options.rounds)->default_value(5), "interleaved rounds")(
      "threads", po::value(&options.threads)->default_value(static_cast<int>(std::thread::hardware_concurrency())));
  parse_command_line(argc, argv, visible, {"arch"});
  return options;
}

}  // namespace
}  // namespace qeval::bench

int main(int argc, char** argv) {
  return qeval::bench::guarded_main("qeval_bench", [&] {
    const auto options = qeval::bench::parse(argc, argv);
    options.bare_only ? qeval::bench::run_bare(options) : qeval::bench::run_all(options);
  });
}
