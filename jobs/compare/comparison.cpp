#include "jobs/compare/comparison.h"

namespace qeval {
namespace {

void count(bool first, bool second, PairedCounts& counts) {
  if (first)
    ++(second ? counts.both_right : counts.broke);
  else
    ++(second ? counts.fixed : counts.both_wrong);
}

void count(const Outcome& outcome, UnusableImages& unusable) {
  if (outcome.status == Outcome::Status::failed) ++unusable.failed;
  if (outcome.status == Outcome::Status::not_finite) ++unusable.not_finite;
}

AccuracyChange change_of(const PairedCounts& counts) {
  return {counts, paired_score_interval(counts), mcnemar(counts.broke, counts.fixed)};
}

}  // namespace

Comparison compare(const PairedRows& paired) {
  Comparison result;
  PairedCounts top1, top5;
  for (const auto& [first, second] : paired.rows) {
    count(first.right1, second.right1, top1);
    count(first.right5, second.right5, top5);
    count(first, result.unusable_first);
    count(second, result.unusable_second);
    if (!first.right1 && !second.right1 && first.top1 != second.top1) ++result.moved;
  }
  result.top1 = change_of(top1);
  result.top5 = change_of(top5);
  result.only_first = paired.only_first;
  result.only_second = paired.only_second;
  result.other_content = paired.other_content;
  result.other_label = paired.other_label;
  return result;
}

}  // namespace qeval
