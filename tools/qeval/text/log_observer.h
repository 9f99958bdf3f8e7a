#pragma once
/// What a job tells, as lines of a file: every event one, as it comes, behind what the file holds already.
/// Thread-safety: as JobObserver. Errors: InputError if the file cannot be opened; what cannot be written later is told
/// once on stderr, and the job goes on.
#include <filesystem>
#include <memory>
#include <string>

#include "jobs/run/job_observer.h"

namespace qeval {

enum class LogFormat {
  text,  ///< "2025-06-01T09:30:00.125Z batch_committed label=w8a8 done=8 total=20"
  jsonl  ///< the same as an object per line
};

class EventLog;

class LogObserver : public JobObserver {
 public:
  LogObserver(const std::filesystem::path& file, LogFormat format);
  ~LogObserver() override;

  void variant_begins(const PreparedVariant& variant, const RunSettings& settings, bool first) override;
  void remark(const std::string& line) override;
  std::unique_ptr<ImageObserver> images_begin(ImageWork work) override;
  std::unique_ptr<LayerObserver> layers_begin(const std::string& label, std::size_t done, std::size_t total) override;
  void variant_ends(const VariantResult& result) override;

 private:
  std::shared_ptr<EventLog> log_;  ///< of the work's observers, too
};

}  // namespace qeval
