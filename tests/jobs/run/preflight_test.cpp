// Jobs with planted mistakes, for a network that tells ten shades of red.
#include "jobs/run/preflight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <numeric>

#include <fmt/core.h>

#include "jobs/language/job_parser.h"
#include "jobs/prepare/job_check.h"
#include "jobs/run/run_job.h"
#include "stages/model/arch/arch.h"
#include "stages/model/weights/state_dict.h"
#include "storage/queries.h"
#include "tests/image/jpeg_writer.h"
#include "tests/jobs/run/job_folder.h"

namespace qeval::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr int classes = 10, side = 8;

std::vector<std::uint8_t> red_image(int shade) {
  JpegSpec spec;
  spec.width = spec.height = side;
  for (int i = 0; i < side * side; ++i)
    spec.pixels.insert(spec.pixels.end(), {static_cast<std::uint8_t>(12 + 25 * shade), 128, 128});
  return write_jpeg(spec);
}

/// Learned with (byte / 255 − 0.5) / 0.5 and the red channel first.
int shade_of(std::span<const float> image) {
  const auto red = image.first(side * side);
  const double mean = std::accumulate(red.begin(), red.end(), 0.0) / static_cast<double>(red.size());
  return static_cast<int>(std::clamp(std::round((mean * 127.5 + 127.5 - 12) / 25), 0.0, 9.0));
}

class RedJob {
 public:
  std::string normalize = "mean: 0.5, std: 0.5", more, variants = "  fp32: {quantization: none}\n";
  FakeExecutors executors;
  RecordingObserver observer;
  int inferences = 0;

  explicit RedJob(int images_per_class = 4, bool is_random = false) {
    executors.classify = shade_of;
    std::map<std::string, std::string> metadata;
    if (is_random) metadata[random_weights_mark] = "seed 1";
    write_safetensors(random_weights("resnet20", {{"num_classes", "10"}, {"input_size", "8"}}, 1),
                      dir_.path() / "net.safetensors", metadata);
    for (int shade = 0; shade < classes; ++shade)
      for (int number = 0; number < images_per_class; ++number) {
        const std::vector<std::uint8_t> bytes = red_image(shade);
        std::ofstream(dir_.path() / fmt::format("{}-{}.jpg", shade, number), std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        images_.emplace_back(fmt::format("{}-{}.jpg", shade, number), shade);
      }
    label([](int shade) { return shade; });
  }

  /// Writes the list; images with a negative label are left out.
  void label(const std::function<int(int)>& label_of) {
    std::ofstream list(dir_.path() / "labels.csv");
    for (const auto& [name, shade] : images_)
      if (label_of(shade) >= 0) list << name << "," << label_of(shade) << "\n";
  }

  JobResult run(StopToken& stop) {
    observer = {};
    const JobSpec job = parse_job_text(text(), dir_.path() / "job.yaml");
    std::vector<PreparedVariant> checked = check_variants(job, FirstWeights::kept);
    const auto store = RunStore::open(database());
    const JobContext context{*store, stop, observer, executors};
    return run_job(job, {.database = database()}, std::move(checked), context);
  }

  /// "3 job.yaml:…: error: …", or "ok".
  std::string outcome() {
    StopToken stop;
    try {
      run(stop);
      return "ok";
    } catch (const Error& error) {
      return fmt::format("{} {}", static_cast<int>(error.code()), error.what());
    }
  }

  std::size_t stored_runs() const { return Queries::open(database())->runs().size(); }
  fs::path database() const { return dir_.path() / "results.db"; }
  fs::path folder() const { return dir_.path(); }

 private:
  std::string text() const {
    return fmt::format(R"(qeval: 1
name: red
model: {{arch: resnet20, weights: net.safetensors, parameters: {{num_classes: 10, input_size: 8}}}}
dataset: {{kind: list, root: ., labels: labels.csv}}
preprocess:
  - center_crop: {{size: 8}}
  - normalize: {{{}}}
run: {{batch_size: 4, threads: 2}}
variants:
{}{})",
                       normalize, variants, more);
  }

  TempDir dir_{TempDir::fast_parent()};
  std::vector<std::pair<std::string, int>> images_;
};

TEST(Preflight, ARightJobIsLookedAtOnceAndRuns) {
  RedJob job;
  job.variants += "  w8a8: {quantization: {scheme: tf, encodings: {calibrate: {samples: {first: 4}}}}}\n";
  EXPECT_EQ(job.outcome(), "ok");
  EXPECT_THAT(job.observer.remarks, Contains("fp32: preflight: top-1 100.0 % of 40 images").Times(1));
  EXPECT_THAT(job.observer.works, Contains(HasSubstr("preflight")).Times(1))
      << "both variants show the same images to the same network";
}

TEST(Preflight, PlantedMistakesOfLabelsAreNamedAndNothingIsStored) {
  const std::vector<int> order{3, 1, 4, 0, 5, 9, 2, 6, 8, 7};
  const std::vector<std::pair<std::function<int(int)>, std::string>> mistakes{
      {[](int shade) { return shade - 1; },
       "labels are off by one: top-1 is 0.0 % of 36 images; with labels + 1 it "
       "would be 100.0 %"},
      {[](int shade) { return shade == 9 ? -1 : shade + 1; },
       "labels are off by one: top-1 is 0.0 % of 36 images; with labels − 1 it would be 100.0 %"},
      {[&](int shade) { return order[static_cast<std::size_t>(shade)]; },
       "classes are permuted: top-1 is 20.0 % of 40 images; with the order that the other images of these classes show "
       "it would be 100.0 % (label 0 is answered with class 3, label 2 is answered with class 6, label 3 is answered "
       "with class 0 and 5 more)"}};
  for (const auto& [label_of, message] : mistakes) {
    RedJob job;
    job.label(label_of);
    EXPECT_THAT(job.outcome(),
                AllOf(StartsWith("3 "), HasSubstr("job.yaml:4:"), HasSubstr("error: dataset.labels: " + message),
                      HasSubstr("write preflight: off"), HasSubstr("variant 'fp32' was not run")));
    EXPECT_EQ(job.stored_runs(), 0u);
    EXPECT_THAT(job.observer.works, Each(HasSubstr("preflight")));
  }
}

TEST(Preflight, PlantedMistakesOfPixelsAreNamed) {
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {"mean: 0.5, std: 0.5, channels: bgr",
       "channels are swapped: top-1 is 10.0 % of 40 images; with "
       "normalize.channels: rgb it would be 100.0 %"},
      {"range: bytes, mean: 0.5, std: 0.5",
       "the range of pixels is wrong: top-1 is 10.0 % of 40 images; with "
       "normalize.range: unit it would be 100.0 %"},
      {"mean: 0, std: 1",
       "mean and std are wrong or missing: top-1 is 10.0 % of 40 images; with normalize: {range: "
       "unit, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]} it would be 100.0 %"},
      {"range: bytes, mean: 0, std: 1",
       "mean and std are wrong or missing: top-1 is 10.0 % of 40 images; with "
       "normalize: {range: unit, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]} it "
       "would be 100.0 %"}};
  for (const auto& [normalize, message] : mistakes) {
    RedJob job;
    job.normalize = normalize;
    EXPECT_THAT(job.outcome(), AllOf(StartsWith("3 "), HasSubstr("error: preprocess: " + message)));
    EXPECT_EQ(job.stored_runs(), 0u);
  }
}

TEST(Preflight, OffLooksAtNothing) {
  RedJob job;
  job.label([](int shade) { return shade - 1; });
  job.more = "preflight: off\n";
  EXPECT_EQ(job.outcome(), "ok");
  EXPECT_THAT(job.observer.works, Not(Contains(HasSubstr("preflight"))));
}

TEST(Preflight, WeightsThatAreSaidToBeRandomAreNotLookedAt) {
  RedJob job(4, true);
  job.label([](int shade) { return shade - 1; });
  EXPECT_EQ(job.outcome(), "ok");
  EXPECT_THAT(job.observer.works, Not(Contains(HasSubstr("preflight"))));
}

TEST(Preflight, UntrainedWeightsAreAtChanceLevel) {
  RedJob job(12);
  job.executors.classify = [](std::span<const float>) { return 4; };
  EXPECT_THAT(job.outcome(),
              AllOf(StartsWith("3 "), HasSubstr("error: model.weights: answers are at chance level: top-1 is 10.0 % of "
                                                "120 images of 10 classes")));
}

TEST(Preflight, ABadQuantizationIsNoAlarm) {
  RedJob job;
  job.variants = "  w8a8: {quantization: {scheme: tf, encodings: {calibrate: {samples: {first: 4}}}}}\n";
  EXPECT_EQ(job.outcome(), "ok");
  EXPECT_THAT(job.observer.remarks, Contains("w8a8: preflight: top-1 100.0 % of 40 images"));
  EXPECT_LT(Queries::open(job.database())->runs().front().n_correct1, 20);
}

TEST(Preflight, WhatHasStoredRowsIsNotLookedAtAgain) {
  RedJob job;
  EXPECT_EQ(job.outcome(), "ok");
  job.more = "x-note: finished\n";
  job.variants += "  w8a8: {quantization: {scheme: tf, encodings: {calibrate: {samples: {first: 4}}}}}\n";
  EXPECT_EQ(job.outcome(), "ok");
  EXPECT_THAT(job.observer.works, Not(Contains(HasSubstr("preflight"))));
}

TEST(Preflight, StoppedBySignalItLeavesNoRun) {
  RedJob job;
  StopToken stop;
  job.executors.before = [&](const std::string&) { stop.request(SIGINT); };
  EXPECT_EQ(job.run(stop).exit_code, static_cast<int>(ExitCode::interrupted));
  EXPECT_EQ(job.stored_runs(), 0u);
  EXPECT_THAT(job.observer.remarks, Contains(HasSubstr("stopped before anything of it was computed")));
}

TEST(Preflight, AnImageThatCannotBeReadIsLeftToTheEvaluation) {
  RedJob job;
  std::ofstream(job.folder() / "3-1.jpg", std::ios::binary) << "no JPEG";
  EXPECT_THAT(job.outcome(), AllOf(StartsWith("4 "), HasSubstr("1 image could not be used")));
  EXPECT_THAT(job.observer.remarks, Contains("fp32: preflight: top-1 100.0 % of 39 images"));
  EXPECT_EQ(job.stored_runs(), 1u);
}

TEST(Preflight, FourImagesProveNothing) {
  RedJob job(1);
  job.label([](int shade) { return shade < 4 ? shade + 1 : -1; });
  EXPECT_EQ(job.outcome(), "ok");
}

}  // namespace
}  // namespace qeval::test
