#pragma once
/// What is wrong with the variants of a job beyond its text, collected and told at once in the parser's form:
///   job.yaml:4:9: error: model.arch: unknown architecture 'resnet1018'; did you mean 'resnet101'?
/// Thread-safety: one thread at a time. Ownership: keep references to the job.
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "jobs/language/diagnostics.h"
#include "jobs/language/job_locator.h"
#include "jobs/language/job_spec.h"
#include "pipeline/base/errors.h"

namespace qeval {

class JobComplaints {
 public:
  /// Goes on from what the parser said, if that was something.
  explicit JobComplaints(const JobSpec& job)
      : locator_(*job.locator), diagnostics_(locator_.diagnostics()), job_is_wrong_(!diagnostics_.empty()) {}

  bool empty() const { return diagnostics_.empty(); }
  /// Throws what was collected, if anything, as one Error: exit code 2 if the job file is wrong anywhere, 3 if only
  /// inputs are missing or unreadable. `consequence`: what came of it.
  void stop(std::string_view consequence = "nothing was run") const;

 private:
  friend class VariantComplaints;

  const JobLocator& locator_;
  Diagnostics diagnostics_;
  bool job_is_wrong_;
};

/// One variant's share of them.
class VariantComplaints {
 public:
  VariantComplaints(JobComplaints& all, std::string variant) : all_(all), variant_(std::move(variant)) {}

  /// Calls `step`. A UsageError or InputError of it is kept as a complaint about the value at `path`, or about another
  /// one if its message begins with that ("quantization.param.block_size: …"). Any other error goes on.
  /// True if there was none.
  bool attempt(std::string_view path, const std::function<void()>& step);
  /// A complaint about the key at `path`.
  void add_for_key(std::string_view path, const Error& error);
  void add_for_value(std::string_view path, const Error& error);

  /// The first of `paths` that is written, or the first: a value may be inherited from another section.
  std::string written(std::initializer_list<std::string> paths) const;

 private:
  void add(const SourceSpan& span, std::string_view path, const Error& error);

  JobComplaints& all_;
  std::string variant_;
};

}  // namespace qeval
