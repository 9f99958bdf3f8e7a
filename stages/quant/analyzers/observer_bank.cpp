#include "stages/quant/analyzers/observer_bank.h"

#include <map>
#include <string>

#include "pipeline/base/errors.h"
#include "stages/quant/arithmetic/histogram.h"

namespace qeval {

/// One quantizer: whose turn it is, and its states at the ends of finished batches.
struct ObserverBank::Gate {
  std::mutex mutex;
  std::condition_variable turn;
  std::unique_ptr<Observer> observer;
  int calls_per_batch = 0;
  int calls = 0;          // of batch `next` so far
  std::int64_t next = 0;  // the batch that may fold now
  bool aborted = false;
  std::map<std::int64_t, std::vector<std::uint8_t>> snapshots;

  bool never_fed() const { return calls_per_batch == 0; }

  void wait_for(std::unique_lock<std::mutex>& lock, std::int64_t ordinal) {
    turn.wait(lock, [&] { return aborted || next >= ordinal; });
    if (aborted) throw OtherWorkFailed();
  }

  void close_batch() {
    snapshots.emplace(next, observer->serialize());
    calls = 0;
    ++next;
    turn.notify_all();
  }
};

ObserverBank::ObserverBank(std::vector<int> call_sites, const std::vector<QuantScheme>& schemes, NumericsMode mode) {
  for (std::size_t q = 0; q < call_sites.size(); ++q) {
    auto gate = std::make_unique<Gate>();
    gate->observer = make_observer(schemes.at(q), mode);
    gate->calls_per_batch = call_sites[q];
    gates_.push_back(std::move(gate));
  }
}

ObserverBank::~ObserverBank() = default;

void ObserverBank::observe(int quantizer, std::int64_t ordinal, std::span<const float> values,
                           const std::string& name) {
  Gate& gate = *gates_.at(static_cast<std::size_t>(quantizer));
  std::unique_lock lock(gate.mutex);
  if (!gate.never_fed()) gate.wait_for(lock, ordinal);
  if (gate.next != ordinal || gate.never_fed())
    throw InternalError("quantizer " + std::to_string(quantizer) + " got more calls in batch " +
                        std::to_string(ordinal) + " than it has call sites");
  require_usable(quantizer, values, name);
  gate.observer->observe(values);
  if (++gate.calls == gate.calls_per_batch) gate.close_batch();
}

void ObserverBank::require_usable(int quantizer, std::span<const float> values, const std::string& name) const {
  if (!observer(quantizer).defines_not_finite() && !all_finite(values))
    throw RunError(name + ": the values to observe contain infinities or NaN; check the weights and the preprocessing");
}

void ObserverBank::finish_batch(std::int64_t ordinal) {
  for (const auto& gate : gates_) {
    // Without data there is no order to keep, and waiting would demand a finish_batch for every batch.
    if (gate->never_fed()) continue;
    std::unique_lock lock(gate->mutex);
    gate->wait_for(lock, ordinal);
    if (gate->next == ordinal) gate->close_batch();
  }
}

std::vector<std::vector<std::uint8_t>> ObserverBank::take_snapshot(std::int64_t ordinal) {
  std::vector<std::vector<std::uint8_t>> states;
  states.reserve(gates_.size());
  for (const auto& gate : gates_) {
    std::lock_guard lock(gate->mutex);
    if (gate->never_fed()) {
      states.push_back(gate->observer->serialize());
      continue;
    }
    const auto found = gate->snapshots.find(ordinal);
    if (found == gate->snapshots.end())
      throw InternalError("no observer state of batch " + std::to_string(ordinal) + " to take: not finished, or taken");
    states.push_back(std::move(found->second));
    // Only this one: a younger batch may be taken first.
    gate->snapshots.erase(found);
  }
  return states;
}

void ObserverBank::fail_batch(std::int64_t ordinal) {
  for (const auto& gate : gates_) {
    if (gate->never_fed()) continue;
    std::unique_lock lock(gate->mutex);
    gate->wait_for(lock, ordinal);
  }
  abort();
}

void ObserverBank::abort() {
  for (const auto& gate : gates_) {
    std::lock_guard lock(gate->mutex);
    gate->aborted = true;
    gate->turn.notify_all();
  }
}

void ObserverBank::restore(const std::vector<std::vector<std::uint8_t>>& states) {
  if (states.size() != gates_.size())
    throw RunError("a stored calibration has " + std::to_string(states.size()) + " quantizers, this network " +
                   std::to_string(gates_.size()) + "; start the calibration again");
  for (std::size_t q = 0; q < states.size(); ++q) {
    Gate& gate = *gates_[q];
    std::lock_guard lock(gate.mutex);
    gate.observer->restore(states[q]);
    gate.calls = 0;
    gate.next = 0;
    gate.aborted = false;
    gate.snapshots.clear();
  }
}

const Observer& ObserverBank::observer(int quantizer) const {
  return *gates_.at(static_cast<std::size_t>(quantizer))->observer;
}

bool ObserverBank::observes(int quantizer) const {
  return !gates_.at(static_cast<std::size_t>(quantizer))->never_fed();
}

int ObserverBank::size() const { return static_cast<int>(gates_.size()); }

}  // namespace qeval
