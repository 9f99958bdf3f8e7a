#pragma once
/// Who quantizes where, while quantizers come to be shared: every place keeps the name it was placed under and may get
/// another place's quantizer. Thread-safety: none.
#include <vector>

#include "stages/model/graph.h"

namespace qeval {

/// Quantizers are numbered as in Graph::quantizers before anything is shared.
class QuantizerHolders {
 public:
  explicit QuantizerHolders(Graph& graph);

  /// The quantizer that stands at the place of `quantizer` now.
  int at(int quantizer) const { return holder_[static_cast<std::size_t>(quantizer)]; }
  void give(int place, int quantizer) { holder_[static_cast<std::size_t>(place)] = quantizer; }
  /// Its settings, which the places that it is given to take over.
  Quantizer& settings(int quantizer) { return graph_.quantizers[static_cast<std::size_t>(quantizer)]; }
  /// A new place, where `quantizer` stands.
  int add_place(Quantizer named, int quantizer);

  /// Rewrites Graph::quantizers, in the order of their first call, which also names them, and the nodes' indices;
  /// fills aliases and call_sites. Quantizers nobody feeds disappear.
  void apply();

 private:
  int add(const Quantizer& named, const Quantizer& settings);
  void feed(Quantizer& quantizer, const Quantizer& own) const;

  Graph& graph_;
  std::vector<int> holder_;
};

}  // namespace qeval
