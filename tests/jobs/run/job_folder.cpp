#include "tests/jobs/run/job_folder.h"

#include <fstream>

#include <fmt/core.h>

#include "jobs/language/job_parser.h"
#include "jobs/prepare/job_check.h"
#include "stages/model/arch/arch.h"
#include "stages/model/weights/random_weights.h"
#include "stages/model/weights/state_dict.h"
#include "storage/queries.h"
#include "tests/image/jpeg_writer.h"

namespace qeval::test {
namespace {

namespace fs = std::filesystem;

const ArchParameters tiny{{"num_classes", "2"}, {"input_size", "8"}};

constexpr int side = 8;

void write_image(const fs::path& file, std::vector<std::uint8_t> pixels) {
  JpegSpec spec;
  spec.width = spec.height = side;
  spec.pixels = std::move(pixels);
  const std::vector<std::uint8_t> bytes = write_jpeg(spec);
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

std::vector<std::uint8_t> pattern(int number) {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < side * side * 3; ++i)
    pixels.push_back(static_cast<std::uint8_t>(i * 7 + number * 31 + i * number));
  return pixels;
}

}  // namespace

void RecordingObserver::variant_begins(const PreparedVariant& variant, const RunSettings&, bool) {
  variants.push_back(variant.spec.name);
}

std::unique_ptr<ImageObserver> RecordingObserver::images_begin(ImageWork work) {
  works.push_back(fmt::format("{}: {} of {}", work.label, work.already_done, work.total));
  return nullptr;
}

std::unique_ptr<LayerObserver> RecordingObserver::layers_begin(const std::string& label, std::size_t done,
                                                               std::size_t total) {
  works.push_back(fmt::format("{}: {} of {} layers", label, done, total));
  return nullptr;
}

void RecordingObserver::variant_ends(const VariantResult& result) { ended.push_back(result.run.variant); }

JobFolder::JobFolder(int images) {
  for (int number = 0; number < 2 * images; ++number)
    write_image(path() / "images" / (number < images ? "a" : "b") / fmt::format("{:03}.jpg", number), pattern(number));
  write_safetensors(random_weights("resnet20", tiny, 1), path() / "net.safetensors", {{random_weights_mark, "seed 1"}});
}

fs::path JobFolder::image(int number) const { return path() / "images" / "a" / fmt::format("{:03}.jpg", number); }

void JobFolder::break_image(int number) const {
  write_image(image(number), std::vector<std::uint8_t>(side * side * 3));  // black: (0 − 0.5) / 0.5
}

JobSpec JobFolder::spec() const {
  const std::string text = fmt::format(R"(qeval: 1
name: small
model: {{arch: resnet20, weights: net.safetensors, parameters: {{num_classes: 2, input_size: 8}}}}
dataset: {{root: images}}
preprocess:
  - center_crop: {{size: 8}}
  - normalize: {{mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]}}
run: {{batch_size: 2, threads: 2}}
variants:
  fp32: {{quantization: none}}
  w8a8:
    quantization:
      mode: aimet-1.24
      scheme: tf
{}{})",
                                       quantization, more);
  return parse_job_text(text, path() / "job.yaml");
}

JobResult JobFolder::run(StopToken& stop, const fs::path& database) {
  observer = {};
  const JobSpec job = spec();
  std::vector<PreparedVariant> variants = check_variants(job, FirstWeights::kept);
  const auto store = RunStore::open(database);
  const JobContext context{*store, stop, observer, executors};
  return run_job(job, {.database = database}, std::move(variants), context);
}

JobResult JobFolder::run() {
  StopToken stop;
  return run(stop);
}

JobResult JobFolder::run_to_the_end() {
  for (;;) {
    StopToken stop;
    const JobResult result = run(stop);
    if (result.exit_code != static_cast<int>(ExitCode::interrupted)) return result;
  }
}

SensitivityResult JobFolder::sensitivity(StopToken& stop, SensitivityMode mode) {
  observer = {};
  const auto store = RunStore::open(database());
  const JobContext context{*store, stop, observer, executors};
  return measure_sensitivity(spec(), {.database = database()}, mode, context);
}

std::vector<RunRecord> JobFolder::runs() const { return Queries::open(database())->runs(); }

std::map<std::string, std::string> JobFolder::hashes() const {
  const auto queries = Queries::open(database());
  std::map<std::string, std::string> found;
  for (const RunRecord& run : queries->runs()) found[run.variant] = queries->content_hash(run.id);
  return found;
}

}  // namespace qeval::test
