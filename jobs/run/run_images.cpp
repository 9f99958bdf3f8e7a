#include "jobs/run/run_images.h"

#include "jobs/run/bad_images.h"
#include "pipeline/base/errors.h"

namespace qeval {
namespace {

class LimitedSink : public BatchSink {
 public:
  LimitedSink(BatchSink* inner, BadImages& bad, BadImageLimit limit) : inner_(inner), bad_(bad), limit_(limit) {}

  void commit(Batch& batch) override {
    if (limit_ == BadImageLimit::before_commit) {
      bad_.count(batch);
      if (bad_.over_limit()) throw RunError(bad_.explain());
    }
    if (inner_) inner_->commit(batch);
    if (limit_ == BadImageLimit::after_commit) bad_.count(batch);
  }

 private:
  BatchSink* inner_;
  BadImages& bad_;
  BadImageLimit limit_;
};

}  // namespace

bool run_images(const JobContext& context, const RunSettings& settings, const ImagePass& pass, const std::string& name,
                BatchStage& stage, BatchSink* sink) {
  ImageGraph& graph = pass.graph;
  std::vector<std::int64_t> left = batches_left(graph.batch_count(), pass.done);
  if (left.empty()) return true;
  const auto images = static_cast<std::int64_t>(graph.manifest().entries.size());
  BadImages bad(settings, graph.manifest(), pass.failed, context.stop);
  LimitedSink limited(sink, bad, pass.limit);
  const auto progress = context.observer.images_begin(
      {pass.label, images, graph.images_in(pass.done), graph.metered_nodes(name), pass.accuracy});
  const GraphSummary summary = graph.run(std::move(left), {name, &stage, 0}, {sink ? "commit" : "count", &limited},
                                         context.stop, progress.get(), pass.on_failure);
  if (progress) progress->finish();
  if (bad.over_limit()) throw RunError(bad.explain());
  return !summary.stopped;
}

}  // namespace qeval
