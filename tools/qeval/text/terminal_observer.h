#pragma once
/// What a job tells, on stderr. Thread-safety: as JobObserver.
#include "jobs/run/job_observer.h"
#include "tools/qeval/text/settings_text.h"
#include "tools/qeval/text/telling.h"

namespace qeval {

class TerminalObserver : public JobObserver {
 public:
  explicit TerminalObserver(const Telling& telling) : telling_(telling) {}

  void variant_begins(const PreparedVariant& variant, const RunSettings& settings, bool first) override;
  void remark(const std::string& line) override;
  std::unique_ptr<ImageObserver> images_begin(ImageWork work) override;
  std::unique_ptr<LayerObserver> layers_begin(const std::string& label, std::size_t done, std::size_t total) override;
  /// Nothing: the table at the end has it.
  void variant_ends(const VariantResult& result) override;

 private:
  Telling telling_;
  SettingsText settings_;
};

}  // namespace qeval
