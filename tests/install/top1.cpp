// Runs a job in this process with an observer of its own, and prints every variant's top-1: top1 JOB DATABASE
#include <cstdio>

#include "jobs/prepare/job_check.h"
#include "jobs/run/gates.h"
#include "jobs/run/run_job.h"
#include "pipeline/base/errors.h"
#include "stages/infer/executor_library.h"

namespace {

class Top1Observer : public qeval::JobObserver {
  void variant_begins(const qeval::PreparedVariant&, const qeval::RunSettings&, bool) override {}
  void remark(const std::string& line) override { std::fprintf(stderr, "%s\n", line.c_str()); }
  std::unique_ptr<qeval::ImageObserver> images_begin(qeval::ImageWork) override { return nullptr; }
  std::unique_ptr<qeval::LayerObserver> layers_begin(const std::string&, std::size_t, std::size_t) override {
    return nullptr;
  }
  void variant_ends(const qeval::VariantResult& result) override {
    std::printf("%s %.2f %%\n", result.run.variant.c_str(), 100 * qeval::accuracy_of(qeval::Metric::top1, result.run));
  }
};

}  // namespace

int main(int count, char** arguments) try {
  if (count != 3) throw qeval::UsageError("usage: top1 JOB DATABASE");
  const qeval::JobSpec job = qeval::read_job(arguments[1], {});
  const auto store = qeval::RunStore::open(arguments[2]);
  qeval::StopToken stop;
  Top1Observer observer;
  const qeval::JobContext context{*store, stop, observer, qeval::executor_library()};
  auto checked = qeval::check_variants(job, qeval::FirstWeights::kept);
  return qeval::run_job(job, {.database = arguments[2]}, std::move(checked), context).exit_code;
} catch (const qeval::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return static_cast<int>(error.code());
}
