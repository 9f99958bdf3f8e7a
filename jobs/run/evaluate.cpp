#include "jobs/run/evaluate.h"

#include "jobs/run/run_images.h"
#include "jobs/run/sinks.h"
#include "stages/flow/network_scores.h"
#include "stages/flow/network_stages.h"

namespace qeval {

bool evaluate(const JobContext& context, const RunSettings& settings, PreparedVariant v, const EncodingTable& encodings,
              const RunRecord& run) {
  const auto executor = context.executors.make(v.network.graph, encodings, v.executor_options(settings.device));
  drop_weights(v.network);
  for (const std::string& line : executor->remarks()) remark(context.observer, "note: {}: {}", v.spec.name, line);
  ImageGraph graph(v.images.evaluation, v.recipe.preprocess, v.recipe.batch_size,
                   resolve_concurrency(settings, executor->device()));
  RunningAccuracy accuracy{run.n_done, run.n_correct1, run.n_correct5};
  NotFiniteImages not_finite(*executor, v.images.evaluation, context.store.not_finite(run.id).explanation);
  InferStage stage(*executor, v.network.graph.num_classes, network_scores(v.network.graph).kind);
  PredictionSink sink(context.store, run.id, v.images.evaluation, not_finite, accuracy);
  return run_images(context, settings,
                    {.graph = graph,
                     .label = v.spec.name,
                     .done = context.store.committed_batches(run.id),
                     .failed = run.n_failed,
                     .accuracy = [&accuracy] { return accuracy.fractions(); }},
                    "infer", stage, &sink);
}

}  // namespace qeval
