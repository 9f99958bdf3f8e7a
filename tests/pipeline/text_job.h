#pragma once
/// A small job over generated lines of text, to drive the engine without anything the product is made for.
///
/// Item i is a line of words. "split" cuts it into words, "weigh" gives it a checksum of primes, the batch stage folds
/// the checksums of its lines, the sink writes one row per batch. Every row follows from the plan alone.
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/graph_runner.h"

namespace qeval::test {

/// Stages made of a function.
struct CallItem : ItemStage {
  std::function<void(Item&)> call;
  void process(Item& item) const override { call(item); }
};
struct CallBatch : BatchStage {
  std::function<void(Batch&)> call;
  void process(Batch& batch) override { call(batch); }
};
struct CallSink : BatchSink {
  std::function<void(Batch&)> call;
  void commit(Batch& batch) override { call(batch); }
};

/// Counts objects alive, and the most there ever were.
class LiveCount {
 public:
  void enter();
  void leave() { --now_; }
  int now() const { return now_; }
  int most() const { return most_; }

 private:
  std::atomic<int> now_{0};
  std::atomic<int> most_{0};
};

struct TextJob {
  TextJob();
  TextJob(const TextJob&) = delete;

  /// All batches of `items` lines, four worker threads, two replicas. References this job.
  GraphSpec spec(std::int64_t items, int batch_size);

  CallItem split, weigh;
  CallBatch fold;
  CallSink write;
  /// Called at the start of the stage of that name, e.g. to delay it or to throw.
  std::function<void(const Item&)> before_split = [](const Item&) {};
  std::function<void(const Item&)> before_weigh = [](const Item&) {};
  std::function<void(const Batch&)> before_fold = [](const Batch&) {};
  std::function<void(const Batch&)> before_write = [](const Batch&) {};
  std::function<void(const Batch&)> before_payload = [](const Batch&) {};

  std::vector<std::string> rows;  ///< what was committed, in order
  LiveCount lines_alive, sheets_alive;
  std::atomic<int> sheets_made{0};
};

/// The row that a batch must produce, computed without the engine.
std::string expected_row(std::int64_t number, std::int64_t items, int batch_size);

/// Sleeps for a time that depends on `seed` and `key`, to shuffle which thread does what.
void jitter(std::uint64_t seed, std::int64_t key);

}  // namespace qeval::test
