#include "jobs/run/preflight_text.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "pipeline/base/listed_names.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

constexpr const char* way_out = "; if it is meant so, write preflight: off (or --set preflight=off)";

std::string labels_field(const PreparedVariant& v) {
  return v.spec.dataset.kind == DatasetKind::list ? "dataset.labels" : "dataset.root";
}

double share_of(int right, int images) { return static_cast<double>(right) / std::max(images, 1); }

std::string percent(int right, int images) { return fmt::format("{:.1f} %", 100 * share_of(right, images)); }

std::string evidence(int right, int images, const std::string& change, int right_then) {
  return fmt::format("top-1 is {} of {} images; with {} it would be {}", percent(right, images), images, change,
                     percent(right_then, images));
}

std::string class_text(const PreparedVariant& v, int label) {
  const std::vector<std::string>& names = v.images.evaluation.classes;
  const auto at = static_cast<std::size_t>(label);
  return at < names.size() ? fmt::format("{} ({})", label, visible_name(names[at])) : std::to_string(label);
}

/// "label 3 (cat) stands for class 5, …"
std::string moved_text(const PreparedVariant& v, const LabelFinding& fault) {
  std::vector<std::string> texts;
  for (const auto& [label, answer] : fault.moved)
    texts.push_back(fmt::format("label {} is answered with class {}", class_text(v, label), answer));
  return listed_names(texts);
}

std::string shift_text(const LabelFinding& fault) {
  const bool plus = fault.kind == LabelFinding::Kind::plus_one;
  return fmt::format("labels are off by one: {}",
                     evidence(fault.right, fault.images, plus ? "labels + 1" : "labels − 1", fault.right_then));
}

std::string text_of(const PreparedVariant& v, const LabelFinding& fault, std::span<const ClassOrder> orders) {
  switch (fault.kind) {
    case LabelFinding::Kind::plus_one:
    case LabelFinding::Kind::minus_one: return shift_text(fault);
    case LabelFinding::Kind::order:
      return fmt::format("{}: {}", orders[fault.order].mistake,
                         evidence(fault.right, fault.images, "the numbers' own order", fault.right_then));
    case LabelFinding::Kind::permuted:
      return fmt::format("classes are permuted: {} ({})",
                         evidence(fault.right, fault.images, "the order that the other images of these classes show",
                                  fault.right_then),
                         moved_text(v, fault));
    case LabelFinding::Kind::other_order: break;
  }
  return fmt::format(
      "classes are permuted: top-1 is {} of {} images of as many classes, and yet the network gives {} different "
      "answers to them, as chance does not",
      percent(fault.right, fault.images), fault.images, fault.right_then);
}

}  // namespace

PreflightFinding label_finding(const PreparedVariant& v, const LabelFinding& fault,
                               std::span<const ClassOrder> orders) {
  const bool is_list = v.spec.dataset.kind == DatasetKind::list;
  return {labels_field(v),
          fmt::format("{}. Correct the {}{}", text_of(v, fault, orders),
                      is_list ? "labels" : "class folders, or list the images with their labels (dataset.kind: list)",
                      way_out),
          // Different answers are no right ones.
          fault.kind == LabelFinding::Kind::other_order ? 0 : share_of(fault.right_then, fault.images)};
}

PreflightFinding pixel_finding(const std::string& fault, const std::string& correction, const SampleScores& plain,
                               const SampleScores& other) {
  return {"preprocess",
          fmt::format("{}: {}. Write what the network was trained with{}", fault,
                      evidence(plain.right_count(), plain.seen_count(), correction, other.right_count()), way_out),
          share_of(other.right_count(), other.seen_count())};
}

std::string hint_text(const std::string& correction, const SampleScores& plain, const SampleScores& other) {
  return fmt::format("; with {} it would be {}, which so few images do not prove", correction,
                     percent(other.right_count(), plain.seen_count()));
}

PreflightFinding chance_finding(const PreparedVariant& v, const SampleScores& scores) {
  std::set<int> answers, labels;
  for (std::size_t image = 0; image < scores.labels.size(); ++image) {
    if (!scores.seen(image)) continue;
    answers.insert(scores.answers[image]);
    labels.insert(scores.labels[image]);
  }
  // Wrong pixels and untrained weights make a network unsure, or of few opinions.
  constexpr std::size_t few = 10;
  const bool sees = labels.size() > few && scores.mean_probability() >= 0.5 && 4 * answers.size() >= 3 * labels.size();
  const std::string answers_text =
      fmt::format("{} different answers, {:.2f} probable on average", answers.size(), scores.mean_probability());
  return {
      sees ? labels_field(v) : "model.weights",
      fmt::format("answers are at chance level: top-1 is {} of {} images of {} classes; labels that are off by one, "
                  "channels, range and usual means do not explain it. {}{}",
                  percent(scores.right_count(), scores.seen_count()), scores.seen_count(), scores.classes,
                  sees ? "The network gives " + answers_text +
                             ": as if it knew the images, and the classes were permuted or others than the network's"
                       : "The network gives " + answers_text +
                             ": its weights were never trained, belong to another network, or get other pixels",
                  way_out)};
}

std::string sight_text(const SampleScores& scores) {
  return fmt::format("top-1 {} of {} images", percent(scores.right_count(), scores.seen_count()), scores.seen_count());
}

}  // namespace qeval
