// A results database as hours of evaluation would leave it, for measuring what reads one.
//
//   synthetic_results FILE [RUNS [IMAGES]]     20 runs of 50,000 images of 1,000 classes unless told otherwise
//
// Every run is the first one with some images answered otherwise, more in later runs.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "jobs/language/identity.h"
#include "pipeline/base/errors.h"
#include "storage/run_store.h"

namespace qeval {
namespace {

constexpr int classes = 1000;
constexpr std::int64_t batch_size = 64;

DatasetRecord dataset(std::int64_t images) {
  DatasetRecord record{
      "synthetic", "imagefolder", "/data/synthetic", "synthetic-" + std::to_string(images), classes, {}, {}};
  for (int index = 0; index < classes; ++index) record.class_names.push_back("n" + std::to_string(10'000'000 + index));
  for (std::int64_t i = 0; i < images; ++i) {
    const auto label = static_cast<int>(i * classes / images);
    const std::string name =
        record.class_names[static_cast<std::size_t>(label)] + "/image_" + std::to_string(i) + ".JPEG";
    record.samples.push_back({name, label, 100'000, std::vector<std::uint8_t>(32, static_cast<std::uint8_t>(i))});
  }
  return record;
}

RunRequest request(int run, std::int64_t images) {
  RunRequest wanted;
  wanted.job = {"synthetic", "/jobs/synthetic.yaml", "name: synthetic\n", R"({"name": "synthetic", "variants": {}})"};
  wanted.overrides_json = R"({"set": [], "variants": []})";
  wanted.variant = "variant" + std::to_string(run);
  wanted.precision = run == 0 ? "fp32" : "w8a8";
  wanted.executor = run == 0 ? "float" : "simulated";
  wanted.device = "cpu";
  wanted.model = {"synthetic.pth", "resnet18", "pth-zip", "/weights/synthetic.pth", "abc", 4096, 1000, classes};
  wanted.dataset = dataset(images);
  wanted.key_components = {{"manifest", wanted.dataset.fingerprint},
                           {"preprocess", "none"},
                           {"quantization", run == 0 ? "none" : std::to_string(run)}};
  wanted.eval_key = make_key(wanted.key_components);
  wanted.batch_size = batch_size;
  return wanted;
}

PredictionRecord prediction(std::int64_t ordinal, int label, double share_wrong, std::mt19937_64& random) {
  std::mt19937_64 own(static_cast<std::uint64_t>(ordinal));  // what all runs have in common
  const bool hard = own() % 100 < 21, other = std::uniform_real_distribution<>()(random) < share_wrong;
  PredictionRecord row;
  row.ordinal = ordinal;
  row.label = label;
  const int first = (label + ((hard != other) ? 1 + static_cast<int>(own() % 20) : 0)) % classes;
  for (int rank = 0; rank < 5; ++rank) row.top[static_cast<std::size_t>(rank)] = (first + rank) % classes;
  row.probability = std::uniform_real_distribution<>(0.1, 1)(random);
  row.margin = row.probability / 2;
  row.width = 500;
  row.height = 375;
  row.xxh64 = own();
  return row;
}

void write_run(RunStore& store, int number, std::int64_t images) {
  const RunRequest wanted = request(number, images);
  const RunRecord run = store.create_run(wanted);
  const std::int64_t attempt = store.begin_attempt(run.id, "cpu");
  std::mt19937_64 random(static_cast<std::uint64_t>(number));
  std::vector<PredictionRecord> rows;
  for (std::int64_t i = 0; i < images; ++i) {
    rows.push_back(prediction(i, wanted.dataset.samples[static_cast<std::size_t>(i)].label, 0.004 * number, random));
    if (std::ssize(rows) < batch_size && i + 1 < images) continue;
    store.commit_batch(run.id, i / batch_size, rows);
    rows.clear();
  }
  store.finish_attempt(run.id, attempt, RunState::done, 20, "", 0);
}

}  // namespace
}  // namespace qeval

int main(int argc, char** argv) try {
  if (argc < 2) {
    std::cerr << "usage: synthetic_results FILE [RUNS [IMAGES]]\n";
    return 2;
  }
  const int runs = argc > 2 ? std::atoi(argv[2]) : 20;
  const std::int64_t images = argc > 3 ? std::atoll(argv[3]) : 50'000;
  const auto store = qeval::RunStore::open(argv[1]);
  for (int run = 0; run < runs; ++run) qeval::write_run(*store, run, images);
  return 0;
} catch (const qeval::Error& error) {
  std::cerr << error.what() << '\n';
  return static_cast<int>(error.code());
}
