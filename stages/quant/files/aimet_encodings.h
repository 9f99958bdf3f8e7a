#pragma once
/// The encodings of a file against the quantizers of a network. A network from an ONNX file has its tensors' names as
/// well as its modules'; for others a name map (encodings_names.h) turns tensor names into quantizer keys.
/// Plain values, free functions.
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/files/encodings_file.h"
#include "stages/quant/placement/quantsim_config.h"

namespace qeval {

struct EncodingsMismatch {
  std::vector<std::string> without_encoding;   ///< quantizers with a grid that the file says nothing about
  std::vector<std::string> without_quantizer;  ///< entries no quantizer wants
  std::vector<std::string> different;          ///< bit width or symmetry differ: "key: 8 bit, file 4 bit"
  /// Entries that cannot be applied: blocks, number of channels, axis, two ranges for one quantizer.
  std::vector<std::string> unusable;
  /// Integers of more than 16 bits, as files have them for biases: their scales follow from input and weight, no
  /// quantizer takes them, and that is no mismatch.
  std::vector<std::string> biases;
  /// Entries no quantizer wants that say nothing of their own (repeated_encodings.h), and that is no mismatch either.
  std::vector<std::string> repeated;

  bool empty() const {
    return without_encoding.empty() && without_quantizer.empty() && different.empty() && unusable.empty();
  }
};

/// The names under which a file gives a quantizer's encodings: the tensors' where the network has them, else the
/// modules'. A shared activation quantizer has several, a parameter's has one.
std::vector<std::string> file_names(const Quantizer& quantizer);

/// Where a file says that the output channels of a parameter lie: as in the ONNX file, but for blocks, which it has as
/// they lie here.
int file_axis(const Quantizer& quantizer);

/// Among which of a file's entries a quantizer's are: those of constant operands are activations'.
QuantizerRole file_role(const Quantizer& quantizer);

/// The entry of a quantizer under any of its names; null if there is none, or an empty one.
const EncodingList* find_encodings(const EncodingMap& encodings, const Quantizer& quantizer);

EncodingsMismatch match_encodings(const Graph& graph, const EncodingsFile& file);

/// By Quantizer::key(): the entries that can be applied, with the bit width and symmetry the file gives.
EncodingMap usable_encodings(const Graph& graph, const EncodingsFile& file);

/// A network's encodings as a file of `version`: by tensor names if the network has them, else by module names.
/// Errors: InternalError for encodings without a quantizer.
EncodingsFile encodings_file_of(const Graph& graph, const EncodingMap& encodings, const QuantRecipe& recipe,
                                const std::string& version);

}  // namespace qeval
