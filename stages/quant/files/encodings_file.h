#pragma once
/// An AIMET encodings file by itself, whatever network it is for. Read and written: 0.4.0, 0.5.0, 0.5.1, 0.6.1 (by
/// module names or ONNX tensor names), 1.0.0, 2.0.0, 2.1.0, and AdaRound's bare parameter files; integer encodings per
/// tensor, channel and block (grouped blocks, "LPBQ", are read as blocks), half precision. Plain values, free
/// functions. Errors: InputError "FILE:line:column: JSON path: reason".
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"

namespace qeval {

/// Encodings by Quantizer::key(), or by the tensor's name.
using EncodingMap = std::map<std::string, EncodingList>;

/// The encodings of one name.
struct EncodingEntry {
  /// A module's side as Quantizer::key() names it, "layer1.0.relu:output", or one of its further inputs and outputs,
  /// at which no quantizer stands here, "layer1.0.add:input[1]"; else the tensor's name.
  std::string name{};
  /// A tensor's name does not say which side of a quantizer it is: output. In 2.x, which has no sections, a name that
  /// ends in ".weight" or ".bias", and whatever has an axis or more than 16 bits, counts as a parameter.
  QuantizerRole role = QuantizerRole::output;
  bool per_channel = false;  ///< or per block
  /// Of the channels; negative: counted from the last axis. Most versions do not say it.
  int axis = 0;
  bool axis_known = false;
  int block_size = 0;                ///< steps of the other axis that share an encoding; 0 = no blocks, or 0.x
  std::vector<std::int64_t> grid{};  ///< of blocks: as TensorSlices::grid(); empty = the file does not say it
  EncodingList list{};
};

struct EncodingsFile {
  std::string version = "0.6.1";                              ///< one of encodings_versions()
  std::string excluded_layers = "[]", quantizer_args = "{}";  ///< JSON, as it stands in the file
  std::vector<EncodingEntry> entries{};                       ///< names occur once
  std::string sha256{};  ///< of the text it was read from; empty if it was made here
};

/// "layer1.0.relu:output" → the module before the colon; empty if `name` is no module's side.
std::string module_of_side(const std::string& name);

/// One of a module's inputs or outputs as 0.x files say it.
struct ModuleSide {
  std::string module, side;  ///< empty: the name is no module's side
  std::string index = "0";
};
ModuleSide side_of(const std::string& name);
std::string name_of_side(const std::string& module, const std::string& side, const std::string& index);

/// "0.4.0" … "2.1.0", and "adaround" for a bare parameter file.
const std::vector<std::string>& encodings_versions();

EncodingsFile read_encodings_file(const std::filesystem::path& file);
EncodingMap encodings_by_name(const EncodingsFile& file);

/// Removes what the file's version has no words for and returns the names: in 2.x half precision, where AIMET too
/// leaves it out, and blocks without a grid.
std::vector<std::string> take_out_unheld(EncodingsFile& file);

/// Text in the file's version. Errors: InputError if the version cannot hold an entry (see take_out_unheld; versions
/// from 1.0.0 on imply the range by scale and offset, AdaRound's files have parameters only); UsageError for an unknown
/// version.
std::string format_encodings_file(const EncodingsFile& file);

/// That text in a file, replaced as AtomicFile does. Errors: as above; RunError if it cannot be written, else as
/// AtomicFile.
void write_encodings_file(const EncodingsFile& file, const std::filesystem::path& path);

}  // namespace qeval
