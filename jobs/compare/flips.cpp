#include "jobs/compare/flips.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

std::optional<FlipKind> kind_of(const PairedRow& row) {
  if (row.first.right1 != row.second.right1) return row.first.right1 ? FlipKind::broke : FlipKind::fixed;
  if (row.first.right1 || row.first.top1 == row.second.top1) return std::nullopt;
  return FlipKind::moved;
}

/// The class that an image is taken for, if that is a wrong one.
bool is_taken_for_another(const Outcome& outcome) { return !outcome.right1 && outcome.top1 >= 0; }

}  // namespace

const char* flip_name(FlipKind kind) {
  switch (kind) {
    case FlipKind::broke: return "broke";
    case FlipKind::fixed: return "fixed";
    case FlipKind::moved: return "moved";
  }
  throw InternalError("unknown kind of flip");
}

std::vector<Flip> flips_of(const std::vector<PairedRow>& rows) {
  std::vector<Flip> flips;
  for (const PairedRow& row : rows)
    if (const auto kind = kind_of(row)) flips.push_back({*kind, row});
  return flips;
}

void sort_surest_first(std::vector<Flip>& flips) {
  const auto margin = [](const Flip& flip) {
    const double known = flip.row.first.margin;
    return std::isnan(known) ? -std::numeric_limits<double>::infinity() : known;
  };
  std::stable_sort(flips.begin(), flips.end(), [&](const Flip& a, const Flip& b) {
    return a.kind != b.kind ? a.kind < b.kind : margin(a) > margin(b);
  });
}

std::vector<ClassChange> class_changes(const std::vector<PairedRow>& rows) {
  std::map<int, ClassChange> by_label;
  for (const auto& [first, second] : rows) {
    ClassChange& change = by_label[first.label];
    change.label = first.label;
    ++change.images;
    change.right_first += first.right1;
    change.right_second += second.right1;
    change.broke += first.right1 && !second.right1;
    change.fixed += !first.right1 && second.right1;
  }
  std::vector<ClassChange> changes;
  changes.reserve(by_label.size());
  for (const auto& [label, change] : by_label) changes.push_back(change);
  std::sort(changes.begin(), changes.end(), [](const ClassChange& a, const ClassChange& b) {
    return std::tuple(b.broke - b.fixed, b.broke, a.label) < std::tuple(a.broke - a.fixed, a.broke, b.label);
  });
  return changes;
}

std::vector<Confusion> confusion_changes(const std::vector<PairedRow>& rows) {
  std::map<std::pair<int, int>, Confusion> by_classes;
  const auto at = [&](const Outcome& outcome) -> Confusion& {
    Confusion& confusion = by_classes[{outcome.label, outcome.top1}];
    confusion.label = outcome.label;
    confusion.taken_for = outcome.top1;
    return confusion;
  };
  for (const auto& [first, second] : rows) {
    if (is_taken_for_another(first)) ++at(first).first;
    if (is_taken_for_another(second)) ++at(second).second;
  }
  std::vector<Confusion> changes;
  for (const auto& [classes, confusion] : by_classes)
    if (confusion.first != confusion.second) changes.push_back(confusion);
  std::sort(changes.begin(), changes.end(), [](const Confusion& a, const Confusion& b) {
    return std::tuple(b.second - b.first, a.label, a.taken_for) < std::tuple(a.second - a.first, b.label, b.taken_for);
  });
  return changes;
}

}  // namespace qeval
