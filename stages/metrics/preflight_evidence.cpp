#include "stages/metrics/preflight_evidence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "stages/metrics/binomial.h"
#include "stages/metrics/mcnemar.h"

namespace qeval {
namespace {

/// Several corrections of labels are tried, and a job is stopped by them.
constexpr double label_alpha = 1e-4;
constexpr double alpha = 1e-3;
constexpr double doubt = 0.05;

using Images = std::vector<std::size_t>;

Images seen_images(const SampleScores& scores) {
  Images images;
  for (std::size_t image = 0; image < scores.labels.size(); ++image)
    if (scores.seen(image)) images.push_back(image);
  return images;
}

/// What an image's label would stand for, by image; −1 where there is no such class.
using ClassOfImage = std::vector<int>;

template <class ClassOf>
ClassOfImage classes_of(const SampleScores& scores, const ClassOf& class_of) {
  ClassOfImage classes;
  for (const int label : scores.labels) classes.push_back(class_of(label));
  return classes;
}

/// The share of images that answers as frequent as these would have right if they were given at random.
double agreement_by_chance(const SampleScores& scores, const Images& images, const ClassOfImage& class_of) {
  std::map<int, double> labels, answers;
  for (const std::size_t image : images) {
    ++labels[class_of[image]];
    ++answers[scores.answers[image]];
  }
  double pairs = 0;
  for (const auto& [label, count] : labels)
    if (const auto found = answers.find(label); label >= 0 && found != answers.end()) pairs += count * found->second;
  const auto n = static_cast<double>(images.size());
  return n > 0 ? pairs / (n * n) : 0;
}

/// Nothing, unless it is proven that the labels stand for these classes.
std::optional<LabelFinding> proven(const SampleScores& scores, const Images& images, const ClassOfImage& class_of,
                                   LabelFinding::Kind kind) {
  LabelFinding finding;
  finding.kind = kind;
  finding.images = static_cast<int>(images.size());
  int fixed = 0, broken = 0;
  for (const std::size_t image : images) {
    const bool now = scores.right(image), then = scores.answers[image] == class_of[image];
    finding.right += now ? 1 : 0;
    finding.right_then += then ? 1 : 0;
    fixed += then && !now ? 1 : 0;
    broken += now && !then ? 1 : 0;
  }
  if (fixed <= broken || mcnemar_exact(broken, fixed) >= label_alpha) return std::nullopt;
  const double by_chance = agreement_by_chance(scores, images, class_of);
  if (binomial_at_least(finding.right_then, finding.images, by_chance) >= label_alpha) return std::nullopt;
  return finding;
}

std::optional<LabelFinding> find_shift(const SampleScores& scores, const Images& images, int shift) {
  const auto shifted = [&](int label) { return label + shift < scores.classes ? label + shift : -1; };
  return proven(scores, images, classes_of(scores, shifted),
                shift > 0 ? LabelFinding::Kind::plus_one : LabelFinding::Kind::minus_one);
}

std::optional<LabelFinding> find_order(const SampleScores& scores, const Images& images, const ClassOrder& order) {
  const auto class_of = [&](int label) {
    const auto at = static_cast<std::size_t>(label);
    return at < order.class_of.size() ? order.class_of[at] : -1;
  };
  return proven(scores, images, classes_of(scores, class_of), LabelFinding::Kind::order);
}

using Halves = std::array<Images, 2>;

/// The images of classes that have two or more, by turns.
Halves split(const SampleScores& scores, const Images& images) {
  std::map<int, Images> by_label;
  for (const std::size_t image : images) by_label[scores.labels[image]].push_back(image);
  Halves halves;
  for (const auto& [label, own] : by_label)
    for (std::size_t i = 0; own.size() > 1 && i < own.size(); ++i) halves[i % 2].push_back(own[i]);
  return halves;
}

/// One class per label and one label per class, the most frequent pairs first.
std::map<int, int> learned_order(const SampleScores& scores, const Images& images) {
  std::map<std::pair<int, int>, int> counts;
  for (const std::size_t image : images) ++counts[{scores.labels[image], scores.answers[image]}];
  std::vector<std::tuple<int, bool, int, int>> pairs;  // ascending: the most frequent, then those that change nothing
  for (const auto& [pair, count] : counts)
    pairs.emplace_back(-count, pair.first != pair.second, pair.first, pair.second);
  std::sort(pairs.begin(), pairs.end());
  std::map<int, int> class_of;
  std::set<int> taken;
  for (const auto& [count, differs, label, answer] : pairs)
    if (class_of.count(label) == 0 && taken.insert(answer).second) class_of[label] = answer;
  return class_of;
}

/// Each half of the images is judged by what the other one shows.
std::optional<LabelFinding> find_permutation(const SampleScores& scores, const Images& images) {
  const Halves halves = split(scores, images);
  ClassOfImage class_of(scores.labels.size(), -1);
  Images judged;
  for (std::size_t half = 0; half < halves.size(); ++half) {
    const std::map<int, int> learned = learned_order(scores, halves[1 - half]);
    for (const std::size_t image : halves[half])
      if (const auto found = learned.find(scores.labels[image]); found != learned.end())
        class_of[image] = found->second;
    judged.insert(judged.end(), halves[half].begin(), halves[half].end());
  }
  auto finding = proven(scores, judged, class_of, LabelFinding::Kind::permuted);
  if (!finding) return std::nullopt;
  std::set<std::pair<int, int>> moved;
  for (const std::size_t image : judged)
    if (!scores.right(image) && scores.answers[image] == class_of[image])
      moved.insert({scores.labels[image], class_of[image]});
  finding->moved.assign(moved.begin(), moved.end());
  return finding;
}

/// Independent answers meet in at least as many pairs as evenly spread ones do; about Poisson's distribution.
bool differ_more_than_chance(const Images& images, const std::map<int, int>& frequency, int classes) {
  const auto n = static_cast<double>(images.size());
  const double expected = n * (n - 1) / 2 / classes;
  int meetings = 0;
  for (const auto& [answer, count] : frequency) meetings += count * (count - 1) / 2;
  double term = std::exp(-expected), sum = term;
  for (int k = 1; k <= meetings; ++k) sum += term *= expected / k;
  return sum < alpha;
}

/// A network that sees what it learned gives different answers to different classes, whatever they are called.
std::optional<LabelFinding> find_other_order(const SampleScores& scores, const Images& images) {
  std::set<int> labels;
  Images one_each;
  for (const std::size_t image : images)
    if (labels.insert(scores.labels[image]).second) one_each.push_back(image);
  std::map<int, int> frequency;
  for (const std::size_t image : one_each) ++frequency[scores.answers[image]];
  if (!is_at_chance(scores) || !differ_more_than_chance(one_each, frequency, scores.classes)) return std::nullopt;
  LabelFinding finding;
  finding.kind = LabelFinding::Kind::other_order;
  finding.images = static_cast<int>(one_each.size());
  for (const std::size_t image : one_each) finding.right += scores.right(image) ? 1 : 0;
  finding.right_then = static_cast<int>(frequency.size());
  return finding;
}

struct Preference {
  int other = 0, plain = 0;
};

/// In which of the two the label stands out more, image by image.
Preference preference(const SampleScores& other, const SampleScores& plain) {
  Preference count;
  for (std::size_t image = 0; image < plain.labels.size(); ++image) {
    if (!plain.seen(image) || !other.seen(image)) continue;
    count.other += other.standing[image] > plain.standing[image] ? 1 : 0;
    count.plain += other.standing[image] < plain.standing[image] ? 1 : 0;
  }
  return count;
}

}  // namespace

std::optional<LabelFinding> find_label_fault(const SampleScores& scores, std::span<const ClassOrder> orders) {
  const Images images = seen_images(scores);
  std::optional<LabelFinding> best;
  const auto share = [](const LabelFinding& finding) {
    return static_cast<double>(finding.right_then) / finding.images;
  };
  const auto consider = [&](std::optional<LabelFinding> finding) {
    if (finding && (!best || share(*finding) > share(*best))) best = std::move(finding);
  };
  consider(find_shift(scores, images, 1));
  consider(find_shift(scores, images, -1));
  for (std::size_t order = 0; order < orders.size(); ++order) {
    auto finding = find_order(scores, images, orders[order]);
    if (finding) finding->order = order;
    consider(std::move(finding));
  }
  // An order that is learned fits whatever a simple one fits, and chance decides between the two.
  const auto learned = find_permutation(scores, images);
  if (!best || (learned && share(*learned) > 1.2 * share(*best))) best = learned;
  return best ? best : find_other_order(scores, images);
}

bool is_at_chance(const SampleScores& scores) {
  constexpr double known_at_least = 0.3, chance_alpha = 0.01;
  const Images images = seen_images(scores);
  const int n = static_cast<int>(images.size()), right = scores.right_count();
  const double chance = std::max(1.0 / scores.classes, agreement_by_chance(scores, images, scores.labels));
  return binomial_at_least(right, n, chance) > chance_alpha &&
         binomial_at_most(right, n, chance + known_at_least * (1 - chance)) < alpha;
}

bool is_beyond_doubt(const SampleScores& scores) { return 10 * scores.right_count() >= 9 * scores.seen_count(); }

ViewEvidence compare_views(const SampleScores& other, const SampleScores& plain) {
  const Preference count = preference(other, plain);
  const double p = mcnemar_exact(count.plain, count.other);
  if (count.other < count.plain) return p < doubt ? ViewEvidence::worse : ViewEvidence::none;
  if (other.right_count() <= plain.right_count() + slack(plain) || p >= doubt) return ViewEvidence::none;
  return p < alpha ? ViewEvidence::better : ViewEvidence::hint;
}

int slack(const SampleScores& scores) { return scores.seen_count() / 50; }

}  // namespace qeval
