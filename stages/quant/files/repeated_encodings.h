#pragma once
/// Entries of AIMET's own files at which no quantizer stands, and which say nothing of their own. On export AIMET
/// writes a quantizer's encoding also at what is only moved behind it, at what a ReLU or a clip before it reads, and at
/// single numbers that an operator reads (2.42, common/onnx/_utils.py); aimet-torch also at the whole numbers that
/// prepare_model computes sizes of. Thread-safety: immutable after construction; a free function.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/files/encodings_file.h"

namespace qeval {

/// One grid, and a quantizer with it leaves the number what it is.
bool holds(const EncodingList& encodings, double number);

class RepeatedEncodings {
 public:
  /// `has_grid(quantizer, entry)`: the file gives that quantizer of the graph the grid of the entry. `graph` must
  /// outlive this.
  RepeatedEncodings(const Graph& graph, std::function<bool(int, const EncodingEntry&)> has_grid);

  /// The entry, which no quantizer wants, repeats the grid of a neighbouring quantizer, is of a number that is no
  /// tensor, or of a number that the entry's grid holds.
  bool contain(const EncodingEntry& entry) const;

 private:
  /// A constant that node `node` reads.
  struct Number {
    int node;
    double value;
  };

  bool repeated_before(int value, const EncodingEntry& entry) const;
  bool repeated_behind(int value, const EncodingEntry& entry) const;
  bool at_output(int node, const EncodingEntry& entry) const;

  const Graph& graph_;
  std::function<bool(int, const EncodingEntry&)> has_grid_;
  std::vector<std::vector<int>> users_;
  std::map<std::string, int> outputs_;  ///< nodes by the names of their outputs
  std::map<std::string, Number> numbers_;
};

}  // namespace qeval
