#pragma once
/// What surrounds every call of a stage: nothing more is begun after a failure, busy time is told, and an exception is
/// recorded with stage and work named before it cancels the graph.
#include <chrono>
#include <string>
#include <utility>

#include "pipeline/base/errors.h"
#include "pipeline/first_failure.h"
#include "pipeline/run_observer.h"

namespace qeval {

/// What the bodies of one run share; outlives them all.
struct RunContext {
  FirstFailure failure;
  RunObserver* observer = nullptr;
};

/// Leaves a body of a run that has failed. oneTBB sees it and drops what is in flight; the user never does.
struct RunCancelled {};

/// Thread-safety: run() may be called from any worker.
class StageBody {
 public:
  /// `node` is the number told to the observer; negative for the engine's own nodes, which are not told.
  StageBody(RunContext& run, std::string name, int node) : run_(run), name_(std::move(name)), node_(node) {}

  /// Calls `work`, which handles `message`; an error will name both. Throws RunCancelled only.
  template <class Message, class Work>
  void run(const Message& message, Work&& work) const {
    if (run_.failure.occurred()) throw RunCancelled{};
    try {
      timed(std::forward<Work>(work));
    } catch (const OtherWorkFailed&) {  // whoever failed tells it
      throw RunCancelled{};
    } catch (...) {
      run_.failure.record_current(name_, name_of(message));
      throw RunCancelled{};
    }
  }

 private:
  template <class Work>
  void timed(Work&& work) const {
    if (run_.observer == nullptr || node_ < 0) return work();
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::nanoseconds busy = std::chrono::steady_clock::now() - begin;
    run_.observer->stage_busy(node_, busy.count());
  }

  RunContext& run_;
  std::string name_;
  int node_;
};

}  // namespace qeval
