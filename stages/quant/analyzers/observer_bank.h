#pragma once
/// The observers of all activation quantizers of a network, fed by several calibration batches at once but folding
/// each quantizer's data strictly in batch order, so that results do not depend on the number of replicas.
///
/// How: batch n's data for quantizer q waits until batch n−1 has finished with q. Batches start in order, so the oldest
/// never waits and no cycle is possible; in steady state replicas run one layer apart and nobody waits.
/// Thread-safety: observe, finish_batch, fail_batch and abort may be called from any thread; the rest when idle.
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "stages/quant/analyzers/observer.h"

namespace qeval {

class ObserverBank {
 public:
  /// `call_sites[q]`: how many observe calls quantizer q gets per batch. Quantizers with 0 never see data.
  /// `schemes[q]`: how its range is found.
  ObserverBank(std::vector<int> call_sites, const std::vector<QuantScheme>& schemes, NumericsMode mode);
  /// One scheme for all.
  ObserverBank(const std::vector<int>& call_sites, QuantScheme scheme, NumericsMode mode)
      : ObserverBank(call_sites, std::vector<QuantScheme>(call_sites.size(), scheme), mode) {}
  ~ObserverBank();

  /// Folds one tensor of batch `ordinal` (0, 1, 2 … since construction or restore). Blocks until it is this batch's
  /// turn. Errors: as require_usable, of values in their turn; OtherWorkFailed once an older batch has failed.
  void observe(int quantizer, std::int64_t ordinal, std::span<const float> values, const std::string& name = "");

  /// RunError for a NaN or an infinity that the observer cannot make sense of; `name` says in it what was observed. May
  /// be called from any thread.
  void require_usable(int quantizer, std::span<const float> values, const std::string& name) const;

  /// Marks batch `ordinal` as done with every quantizer it did not feed in full (a batch without usable images), and
  /// returns nothing; idempotent after a complete pass.
  void finish_batch(std::int64_t ordinal);

  /// State of every quantizer as it was right after batch `ordinal`; each may be taken once, after finish_batch, in any
  /// order of batches. A state is kept until it is taken.
  std::vector<std::vector<std::uint8_t>> take_snapshot(std::int64_t ordinal);

  /// Batch `ordinal` failed. Blocks until every older batch has finished, so that of several batches that fail the
  /// oldest is told, and wakes the younger ones. Throws OtherWorkFailed if an older one failed.
  void fail_batch(std::int64_t ordinal);

  /// Wakes all waiters with OtherWorkFailed.
  void abort();

  void restore(const std::vector<std::vector<std::uint8_t>>& states);
  const Observer& observer(int quantizer) const;
  /// It has call sites. May be called from any thread.
  bool observes(int quantizer) const;
  int size() const;

 private:
  struct Gate;
  std::vector<std::unique_ptr<Gate>> gates_;
};

}  // namespace qeval
