#pragma once
/// What a job tells while it runs. The command line prints it, a test records it.
/// Thread-safety: one thread at a time. Errors: none that should end a job; what an observer throws does.
#include <fmt/core.h>

#include <cstddef>
#include <memory>
#include <string>

#include "jobs/prepare/prepared_variant.h"
#include "jobs/run/job_result.h"
#include "jobs/run/work_observers.h"

namespace qeval {

class JobObserver {
 public:
  virtual ~JobObserver() = default;
  /// A variant's turn, with its images and keys. `first`: of the job.
  virtual void variant_begins(const PreparedVariant& variant, const RunSettings& settings, bool first) = 0;
  /// One thing the user must know, as a line without its end.
  virtual void remark(const std::string& line) = 0;
  /// Null: nobody wants to know.
  virtual std::unique_ptr<ImageObserver> images_begin(ImageWork work) = 0;
  /// `done` of `total` layers were done before. Null: nobody wants to know.
  virtual std::unique_ptr<LayerObserver> layers_begin(const std::string& label, std::size_t done,
                                                      std::size_t total) = 0;
  /// A variant has its answer: computed, or stored before.
  virtual void variant_ends(const VariantResult& result) = 0;
};

/// A remark from a format and its values.
template <class... Values>
void remark(JobObserver& observer, fmt::format_string<const Values&...> format, const Values&... values) {
  observer.remark(fmt::format(format, values...));
}

}  // namespace qeval
