#pragma once
/// A look at a sample of what is to be evaluated, before anything long: do labels and pixels reach the network as it
/// learned them? Judged is the network without its quantizers, so that a bad quantization is no alarm. Nothing is
/// stored, and no key depends on it.
/// Thread-safety: one thread at a time. Ownership: refers to what is given. Errors: InputError naming the place in the
/// job, the evidence and the correction, where one is proven; whatever else ends a run.
#include <set>
#include <string>

#include "jobs/run/job_context.h"

namespace qeval {

class Preflight {
 public:
  Preflight(const JobSpec& job, const JobContext& context) : job_(job), context_(context) {}

  /// Looks, unless the job forbids it, the weights are said to be random, or the same network was looked at on the
  /// same images and pixels. The variant has its images, keys and weights. False if stopped by a signal.
  [[nodiscard]] bool look_at(const PreparedVariant& v);

  /// Something of it is stored: whoever stored it has looked.
  void trust(const PreparedVariant& v);

 private:
  const JobSpec& job_;
  const JobContext& context_;
  std::set<std::string> trusted_;
};

}  // namespace qeval
