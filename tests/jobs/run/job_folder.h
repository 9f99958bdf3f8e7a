#pragma once
/// A small job in a folder of its own – two classes of small JPEGs, random weights, a job file – and what it takes to
/// run it in this process. Thread-safety: one thread per object.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "jobs/run/run_job.h"
#include "jobs/run/sensitivity.h"
#include "tests/support/fake_executors.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {

/// Writes down what it is told.
class RecordingObserver : public JobObserver {
 public:
  std::vector<std::string> variants, remarks, works, ended;

  void variant_begins(const PreparedVariant& variant, const RunSettings&, bool) override;
  void remark(const std::string& line) override { remarks.push_back(line); }
  std::unique_ptr<ImageObserver> images_begin(ImageWork work) override;
  std::unique_ptr<LayerObserver> layers_begin(const std::string& label, std::size_t done, std::size_t total) override;
  void variant_ends(const VariantResult& result) override;
};

class JobFolder {
 public:
  /// `images` per class.
  explicit JobFolder(int images = 10);

  std::filesystem::path path() const { return dir_.path(); }
  std::filesystem::path image(int number) const;  ///< of class 0
  /// Makes an image of class 0 that FakeExecutors has no usable answer for.
  void break_image(int number) const;
  std::filesystem::path database() const { return dir_.path() / "results.db"; }

  /// Of the quantized variant and of the job, below `quantization:` and at the top level.
  std::string quantization = "      encodings: {calibrate: {samples: {first: 8}}}\n", more;
  FakeExecutors executors;
  RecordingObserver observer;  ///< of the last attempt

  JobSpec spec() const;
  /// One attempt; `stop` may be requested meanwhile.
  JobResult run(StopToken& stop, const std::filesystem::path& database);
  JobResult run(StopToken& stop) { return run(stop, database()); }
  JobResult run();
  /// Runs again and again until nothing interrupts it; the last result.
  JobResult run_to_the_end();
  SensitivityResult sensitivity(StopToken& stop, SensitivityMode mode);

  /// By variant, of the database's runs.
  std::map<std::string, std::string> hashes() const;
  std::vector<RunRecord> runs() const;

 private:
  TempDir dir_{TempDir::fast_parent()};
};

}  // namespace qeval::test
