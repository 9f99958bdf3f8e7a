#pragma once
/// A quantized network that computes with the codes themselves: 8-bit values, sums in 32 bits. Its logits are those of
/// the executor "simulated-exact", bit for bit, on every instruction set. No LibTorch.
///
/// Thread-safety: infer may be called concurrently; each call computes on its caller's thread alone. Memory: one
/// set of workspaces per call at the same time, kept for the next one. Ownership: refers to nothing.
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "stages/infer/integer/buffer_assignment.h"
#include "stages/infer/integer/integer_step.h"
#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"

namespace qeval {

/// Steps that a few images go through at a time.
struct NetworkPart {
  std::vector<std::unique_ptr<IntegerStep>> steps;
  BufferAssignment buffers;
  int images = 0;  ///< at a time; 0: all
  Slot handover;   ///< what the next part needs of this one; number −1: nothing, it is the last
};

class IntegerNetwork {
 public:
  explicit IntegerNetwork(std::vector<NetworkPart> parts) : parts_(std::move(parts)) {}

  /// images: f32 NCHW [n, C, H, W]; logits: f32 [n, classes].
  void infer(std::span<const float> images, int n, std::span<float> logits) const;

 private:
  using Workspaces = std::vector<Workspace>;  ///< one per part

  std::unique_ptr<Workspaces> take() const;
  void give(std::unique_ptr<Workspaces> workspaces) const;
  void run_part(std::size_t number, Workspaces& workspaces, std::span<const float> images, int n,
                std::span<float> logits) const;

  std::vector<NetworkPart> parts_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Workspaces>> idle_;
};

/// Why a node cannot be computed on codes.
struct FloatNode {
  std::string node, reason;
};

struct IntegerPlan {
  std::unique_ptr<IntegerNetwork> network;  ///< null where some node needs floats
  std::vector<FloatNode> float_nodes;
  std::int64_t products = 0, integer_products = 0;  ///< of all layers, per image; of those on codes
  std::int64_t saturating_pairs = 0;                ///< of weights of layers on codes (dot_kernel.h)
};

/// What of the second-level cache a value may take; a processor that integers are worth it for has 1 MiB at least.
inline constexpr std::size_t value_cache_bytes = 1024 * 1024;

/// With the fastest kernels of this processor, up to what limit_isa says. `cache_bytes`: network_split.h; bits do not
/// depend on it. Errors: as exact_sums.
IntegerPlan plan_integers(const Graph& graph, const EncodingTable& encodings, NumericsMode mode,
                          std::size_t cache_bytes = value_cache_bytes);
/// The same without a network: what is said about it.
IntegerPlan judge_integers(const Graph& graph, const EncodingTable& encodings, NumericsMode mode);

/// Nodes that need floats, in one line: the first few with their reasons, how many others. Empty if there are none.
std::string float_nodes_text(const IntegerPlan& plan);

}  // namespace qeval
