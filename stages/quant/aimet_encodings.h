#pragma once
/// AIMET encodings files. Read: 0.4.0 to 0.6.1 by module names or ONNX tensor names, AdaRound's bare parameter files,
/// 1.0.0, 2.0.0, 2.1.0 (integer encodings per tensor and per channel). Written: 0.6.1 with module names, 1.0.0 and 2.0.0
/// with quantizer keys as tensor names.
/// A tensor that a file names itself, rather than by module and side, is its own key: parameters match, an activation
/// only if the file calls it by the quantizer's key; match_encodings reports the others.
/// Errors: InputError naming file, JSON path and reason.
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/encoding.h"
#include "stages/quant/quantsim_config.h"

namespace qeval {

/// Encodings by Quantizer::key().
using EncodingMap = std::map<std::string, EncodingList>;

struct EncodingsMismatch {
  std::vector<std::string> without_encoding;   ///< quantizers the file says nothing about
  std::vector<std::string> without_quantizer;  ///< entries no quantizer wants
  std::vector<std::string> different;          ///< bit width, symmetry or channel count differ: "key: 8 bit, file 4 bit"
  bool empty() const { return without_encoding.empty() && without_quantizer.empty() && different.empty(); }
};

/// The entry of a quantizer under any of its keys; null if there is none, or an empty one.
const EncodingList* find_encodings(const EncodingMap& encodings, const Quantizer& quantizer);

EncodingMap read_aimet_encodings(const std::filesystem::path& file);

/// The versions that can be written. 1.0.0 and 2.0.0 hold scale and offset, from which a reader takes the range; 2.0.0
/// does not say whether an unsigned grid counts as symmetric.
enum class EncodingsVersion { v0_6_1, v1_0_0, v2_0_0 };
EncodingsVersion parse_encodings_version(std::string_view name);  ///< "0.6.1", "1.0.0", "2.0.0"; else InternalError
/// Errors: InputError if `version` cannot hold a range, InternalError for encodings without a quantizer.
std::string format_aimet_encodings(const Graph& graph, const EncodingMap& encodings, const QuantRecipe& recipe,
                                   EncodingsVersion version = EncodingsVersion::v0_6_1);
EncodingsMismatch match_encodings(const Graph& graph, const EncodingMap& encodings);

}  // namespace qeval
