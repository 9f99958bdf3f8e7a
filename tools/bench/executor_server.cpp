// executor_server: one executor that stays loaded and computes as many batches as it is told to, so that a script can
// measure it in turn with other engines (tools/bench/compare-peers).
//
//   executor_server ARCH EXECUTOR --weights FILE [--encodings FILE] [--mode M] [--batch-size N] [--threads N]
//
// Standard input has a number of images a line; each is answered by a line: the seconds that so many synthetic images
// took. Encodings as `qeval encodings export` writes them. QEVAL_MAX_ISA limits it as it limits qeval.
#include <iostream>
#include <memory>
#include <thread>

#include <boost/program_options.hpp>

#include "stages/infer/executor_library.h"
#include "tools/bench/bench_network.h"
#include "tools/bench/command_line.h"
#include "tools/bench/timed_work.h"

namespace qeval::bench {
namespace {

struct Options {
  std::string arch, executor, weights, encodings, mode = mode_name(NumericsMode::aimet_torch_2);
  int batch_size = 8, threads = static_cast<int>(std::thread::hardware_concurrency());
};

struct Served {
  std::unique_ptr<Executor> executor;
  std::vector<float> images;
  std::size_t logits;  ///< of a batch
};

/// The network's weights leave memory with this function: an executor has its own.
Served load(const Options& options) {
  Graph graph = load_network(options.arch, options.weights);
  const QuantRecipe recipe = recipe_of(options.mode);
  place_quantizers(graph, recipe);
  EncodingTable table;
  if (options.executor != "float") table = encodings_from_file(graph, options.encodings);
  return {make_executor(graph, table, {options.executor, "cpu", recipe.mode}),
          synthetic_images(graph, options.batch_size),
          static_cast<std::size_t>(options.batch_size) * static_cast<std::size_t>(graph.num_classes)};
}

void serve(const Options& options, const Served& served) {
  for (int images; std::cin >> images;) {
    const int batches = (images + options.batch_size - 1) / options.batch_size;
    const Elapsed elapsed = run_batches(batches, options.threads, [&](int) {
      std::vector<float> logits(served.logits);
      served.executor->infer(served.images, options.batch_size, logits);
    });
    std::cout << elapsed.wall << '\n' << std::flush;
  }
}

Options parse(int argc, char** argv) {
  namespace po = boost::program_options;
  Options options;
  po::options_description visible("executor_server ARCH EXECUTOR [options]");
  auto add = visible.add_options();
  add("arch", po::value(&options.arch)->required(), "architecture");
  add("executor", po::value(&options.executor)->required(), "float, simulated, simulated-exact or integer");
  add("weights", po::value(&options.weights), "weights file; absent: random weights");
  add("encodings", po::value(&options.encodings), "encodings file, for all executors but float");
  add("mode", po::value(&options.mode), "AIMET's arithmetic and placement");
  add("batch-size", po::value(&options.batch_size), "images per batch");
  add("threads", po::value(&options.threads), "batches at once");
  add("help,h", "this text");
  parse_command_line(argc, argv, visible, {"arch", "executor"});
  return options;
}

}  // namespace
}  // namespace qeval::bench

int main(int argc, char** argv) {
  return qeval::bench::guarded_main("executor_server", [&] {
    const auto options = qeval::bench::parse(argc, argv);
    qeval::bench::serve(options, qeval::bench::load(options));
  });
}
