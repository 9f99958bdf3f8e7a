#pragma once
/// Wall and processor time of the same number of batches, done in different ways.
#include <functional>
#include <string>
#include <vector>

namespace qeval::bench {

struct Elapsed {
  double wall = 0;  ///< seconds
  double cpu = 0;   ///< seconds of all threads of the process: steadier than wall time on a machine with other work
};

/// Calls `work(batch)` for batch 0 … batches − 1 from `threads` threads, started in batch order. Rethrows a failure.
Elapsed run_batches(int batches, int threads, const std::function<void(int)>& work);

struct Contender {
  std::string name;
  std::function<Elapsed()> run;
  std::vector<double> wall, cpu;  ///< one entry per round
};

/// A B C A B C …: a slow moment of the machine hits all of them. One unmeasured round first.
void interleave(std::vector<Contender>& contenders, int rounds);

double median(std::vector<double> values);

}  // namespace qeval::bench
