#pragma once
/// Wall time of the same number of batches, done in different ways.
#include <functional>
#include <string>
#include <vector>

namespace qeval::bench {

/// Calls `work(batch)` for batch 0 … batches − 1 from `threads` threads, started in batch order. Returns seconds.
double run_batches(int batches, int threads, const std::function<void(int)>& work);

struct Contender {
  std::string name;
  std::function<double()> run;   ///< one measurement, in seconds
  std::vector<double> seconds;   ///< one per round
};

/// A B C A B C …: a slow moment of the machine hits all of them. One unmeasured round first.
void interleave(std::vector<Contender>& contenders, int rounds);

double median(std::vector<double> values);

}  // namespace qeval::bench
