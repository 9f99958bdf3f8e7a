#include "tools/qeval/evaluate.h"

#include "pipeline/errors.h"
#include "stages/flow/network_scores.h"
#include "stages/flow/network_stages.h"
#include "tools/qeval/bad_images.h"
#include "tools/qeval/encoding_records.h"
#include "tools/qeval/image_graph.h"
#include "tools/qeval/job_progress.h"
#include "tools/qeval/sinks.h"

namespace qeval {

bool evaluate(PreparedVariant& v, const EncodingMap& encodings, const RunSettings& settings, RunStore& store,
              const RunRecord& run, StopToken& stop, ProgressMode mode) {
  const auto executor = make_executor(v.graph, encoding_table(v.graph, encodings), v.executor_options(settings.device));
  v.release_weights();
  const Concurrency concurrency = resolve_concurrency(settings, executor->device() == "cpu");
  ImageGraph graph(v.manifest, v.recipe, v.batch_size, concurrency);
  std::vector<std::int64_t> left = batches_left(graph.batch_count(), store.committed_batches(run.id));
  if (left.empty()) return true;

  BadImages bad(settings, v.manifest, run.n_failed, stop);
  RunningAccuracy accuracy{run.n_done, run.n_correct1, run.n_correct5};
  NotFiniteImages not_finite(*executor, v.manifest, store.not_finite(run.id).explanation);
  InferStage stage(*executor, v.graph.num_classes, network_scores(v.graph).kind);
  PredictionSink sink(store, run.id, v.manifest, bad, not_finite, accuracy);
  const auto progress =
      make_job_progress(mode, v.spec.name, "infer", run.n_total, run.n_done, graph, &accuracy);
  const GraphSummary summary =
      graph.run(std::move(left), {"infer", &stage, 0}, {"commit", &sink}, stop, progress.get());
  progress->finish();
  if (bad.over_limit()) throw RunError(bad.explain());
  return !summary.stopped;
}

}  // namespace qeval
