#pragma once
/// Two observers of one job: both are told everything, the first one first. Ownership: refers to both.
/// Thread-safety: as JobObserver, if both have it.
#include "jobs/run/job_observer.h"

namespace qeval {

class ObserverPair : public JobObserver {
 public:
  ObserverPair(JobObserver& first, JobObserver& second) : first_(first), second_(second) {}

  void variant_begins(const PreparedVariant& variant, const RunSettings& settings, bool first) override;
  void remark(const std::string& line) override;
  std::unique_ptr<ImageObserver> images_begin(ImageWork work) override;
  std::unique_ptr<LayerObserver> layers_begin(const std::string& label, std::size_t done, std::size_t total) override;
  void variant_ends(const VariantResult& result) override;

 private:
  JobObserver& first_;
  JobObserver& second_;
};

}  // namespace qeval
