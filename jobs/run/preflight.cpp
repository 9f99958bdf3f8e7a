#include "jobs/run/preflight.h"

#include <algorithm>

#include <fmt/core.h>

#include "jobs/run/pixel_views.h"
#include "jobs/run/preflight_text.h"
#include "jobs/run/run_images.h"
#include "pipeline/base/errors.h"
#include "stages/dataset/numbered_classes.h"
#include "stages/flow/network_scores.h"
#include "stages/flow/sample_score_stage.h"

namespace qeval {
namespace {

constexpr std::int64_t sample_size = 256;
constexpr int largest_batch = 8;
/// Other pixels are first tried on one batch of so many.
constexpr std::int64_t batches_per_try = 8;

/// Two images of a class tell an order of the classes: where there are enough, half of the classes do.
Manifest sample_of(const Manifest& manifest) {
  const DatasetExtent extent = extent_of(manifest);
  if (extent.images < 2 * extent.classes || extent.classes <= sample_size / 2)
    return keep_spread(manifest, sample_size);
  std::set<int> labels;
  for (const ManifestEntry& entry : keep_spread(manifest, sample_size / 2).entries) labels.insert(entry.label);
  Manifest some{manifest.root, {}, manifest.classes};
  for (const ManifestEntry& entry : manifest.entries)
    if (labels.count(entry.label) != 0) some.entries.push_back(entry);
  return keep_spread(some, sample_size);
}

std::vector<int> labels_of(const Manifest& manifest) {
  std::vector<int> labels;
  labels.reserve(manifest.entries.size());
  for (const ManifestEntry& entry : manifest.entries) labels.push_back(entry.label);
  return labels;
}

/// Whatever else two variants differ in, they show the same images to the same network.
std::string sight_of(const PreparedVariant& v) {
  std::string text = v.spec.model.arch;
  for (const auto& [name, value] : v.spec.model.parameters) text.append("\n").append(name).append("=").append(value);
  for (const std::string part :
       {"weights_sha256", "external_data_sha256", "state_dict", "output", "preprocess", "manifest"})
    if (const auto found = v.identity.evaluation.components.find(part); found != v.identity.evaluation.components.end())
      text.append("\n").append(part).append("=").append(found->second);
  return text;
}

/// Numbers sorted as text, where labels may come from that.
std::vector<ClassOrder> likely_orders(const PreparedVariant& v) {
  const std::vector<std::string>& folders = v.images.evaluation.classes;
  if (!folders.empty()) {
    std::vector<int> order = order_of_numbers(folders);
    if (order.empty()) return {};
    return {{"class folders are sorted as text (1, 10, 2), but the network's classes are in the order of the numbers",
             std::move(order)}};
  }
  std::vector<ClassOrder> orders;
  for (const int first : {0, 1})
    orders.push_back(
        {fmt::format("labels number classes {}, {} … in the order of their text (1, 10, 2)", first, first + 1),
         numbers_sorted_as_text(v.network.graph.num_classes, first)});
  return orders;
}

class Look {
 public:
  Look(const JobSpec& job, const JobContext& context, const PreparedVariant& v)
      : context_(context),
        settings_(job.run),
        v_(v),
        sample_(sample_of(v.images.evaluation)),
        batch_size_(std::min(job.run.batch_size, largest_batch)),
        kind_(network_scores(v.network.graph).kind) {
    // Bad images are evaluation's to complain of.
    settings_.max_bad_images = sample_size;
    settings_.max_bad_share.reset();
    ExecutorOptions options;
    options.device = settings_.device;
    executor_ = context.executors.make(v.network.graph, {}, options);
  }

  bool stopped() const { return stopped_; }

  /// Nothing if all is well, or cannot be told.
  std::optional<PreflightFinding> find() {
    SampleScores plain = unseen_sample();
    see(v_.recipe.preprocess, {}, plain, "preflight");
    if (stopped_ || plain.seen_count() == 0) return std::nullopt;
    sight_ = sight_text(plain);
    std::optional<PreflightFinding> labels = find_labels(plain);
    if (labels && labels->share >= 0.5 && !labels_are_learned_) return labels;
    if (!labels && is_beyond_doubt(plain)) return std::nullopt;
    // Wrong pixels turn some classes into others, too, as if they were permuted.
    std::optional<PreflightFinding> pixels = find_pixels(plain);
    if (stopped_) return std::nullopt;
    if (pixels && (!labels || pixels->share >= labels->share)) return pixels;
    if (labels) return labels;
    // What is quantized in its own file has no better network to be judged by.
    if (is_at_chance(plain) && v_.network.quantized_in_file.empty()) return chance_finding(v_, plain);
    return std::nullopt;
  }

  /// What was seen, for people.
  const std::string& sight() const { return sight_; }

 private:
  SampleScores unseen_sample() const { return {labels_of(sample_), v_.network.graph.num_classes}; }

  std::optional<PreflightFinding> find_labels(const SampleScores& plain) {
    const std::vector<ClassOrder> orders = likely_orders(v_);
    const auto fault = find_label_fault(plain, orders);
    if (!fault) return std::nullopt;
    labels_are_learned_ = fault->kind == LabelFinding::Kind::permuted || fault->kind == LabelFinding::Kind::other_order;
    return label_finding(v_, *fault, orders);
  }

  std::optional<PreflightFinding> find_pixels(const SampleScores& plain) {
    std::optional<PreflightFinding> finding;
    int most = 0;
    const std::vector<PixelView> views = other_pixel_views(v_.recipe.preprocess);
    for (std::size_t i = 0; i < views.size(); ++i) {
      const PixelView& view = views[i];
      SampleScores other = unseen_sample();
      see_if_promising(view.recipe, plain, other, fmt::format("preflight, other pixels {}/{}", i + 1, views.size()));
      if (stopped_) return std::nullopt;
      const ViewEvidence evidence = compare_views(other, plain);
      if (evidence == ViewEvidence::hint) sight_ += hint_text(view.correction, plain, other);
      if (evidence != ViewEvidence::better || (finding && other.right_count() <= most + slack(other))) continue;
      finding = pixel_finding(view.fault, view.correction, plain, other);
      most = other.right_count();
    }
    return finding;
  }

  /// The rest of the sample only where the first batches do not say that it is in vain.
  void see_if_promising(const PreprocessRecipe& recipe, const SampleScores& plain, SampleScores& other,
                        const std::string& pass) {
    std::vector<std::int64_t> tried, others;
    const auto images = static_cast<std::int64_t>(sample_.entries.size());
    for (std::int64_t batch = 0; batch * batch_size_ < images; ++batch)
      (images < sample_size || batch % batches_per_try == 0 ? tried : others).push_back(batch);
    see(recipe, others, other, pass);
    const bool in_vain = compare_views(other, plain) == ViewEvidence::worse || is_at_chance(other);
    if (!stopped_ && !others.empty() && !in_vain) see(recipe, tried, other, pass);
  }

  /// All batches but those in `left_out`.
  void see(const PreprocessRecipe& recipe, const std::vector<std::int64_t>& left_out, SampleScores& scores,
           const std::string& pass) {
    ImageGraph graph(sample_, recipe, batch_size_, resolve_concurrency(settings_, executor_->device()));
    SampleScoreStage stage(*executor_, scores, kind_);
    stopped_ = !run_images(context_, settings_, {.graph = graph, .label = v_.spec.name + " " + pass, .done = left_out},
                           "infer", stage, nullptr);
  }

  const JobContext& context_;
  RunSettings settings_;
  const PreparedVariant& v_;
  Manifest sample_;
  int batch_size_;
  ScoreKind kind_;
  std::unique_ptr<Executor> executor_;
  std::string sight_ = "no image could be judged";
  bool labels_are_learned_ = false;  ///< from the sample: no simple rule explains them
  bool stopped_ = false;
};

}  // namespace

void Preflight::trust(const PreparedVariant& v) { trusted_.insert(sight_of(v)); }

bool Preflight::look_at(const PreparedVariant& v) {
  if (!job_.preflight || v.network.random_weights || !trusted_.insert(sight_of(v)).second) return true;
  Look look(job_, context_, v);
  const std::optional<PreflightFinding> finding = look.find();
  if (look.stopped()) return false;
  if (!finding) {
    remark(context_.observer, "{}: preflight: {}", v.spec.name, look.sight());
    return true;
  }
  JobComplaints complaints(job_);
  VariantComplaints(complaints, v.spec.name).attempt(finding->field, [&] { throw InputError(finding->text); });
  complaints.stop("variant '" + v.spec.name + "' was not run");
  return true;
}

}  // namespace qeval
