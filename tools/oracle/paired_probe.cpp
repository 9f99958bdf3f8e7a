// Statistics of paired tables, for compare_paired_statistics.py. One table per line of standard input: both right,
// broke, fixed, both wrong. One line per table on standard output: exact p, mid-p, chi-squared and its p, difference,
// low and high end of its score interval, and the number of images that would tell at 0.05 (0: none).
#include <fmt/core.h>

#include "stages/metrics/mcnemar.h"
#include "stages/metrics/paired_difference.h"
#include "tools/oracle/probe_loop.h"

namespace qeval {
namespace {

bool answer_table() {
  PairedCounts table;
  if (!(std::cin >> table.both_right >> table.broke >> table.fixed >> table.both_wrong)) return false;
  const ChiSquared chi = mcnemar_chi_squared(table.broke, table.fixed);
  const PairedInterval interval = paired_score_interval(table);
  std::cout << fmt::format("{} {} {} {} {} {} {} {}\n", mcnemar_exact(table.broke, table.fixed),
                           mcnemar_mid_p(table.broke, table.fixed), chi.statistic, chi.p, interval.difference,
                           interval.low, interval.high, images_that_would_tell(table, 0.05).value_or(0));
  return true;
}

}  // namespace
}  // namespace qeval

int main() { return qeval::answer_cases(qeval::answer_table); }
