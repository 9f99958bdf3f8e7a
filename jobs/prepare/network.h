#pragma once
/// A network as a variant has it: read from its file, passes applied, quantizers placed.
/// Ownership: a plain value; copies share weights, which alias the bytes of their file until a pass changed them.
#include <filesystem>
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/files/aimet_encodings.h"
#include "stages/quant/placement/quantsim_config.h"
#include "storage/records.h"

namespace qeval {

struct Network {
  ModelRecord model;
  std::vector<std::filesystem::path> external_files;  ///< data files beside an ONNX model
  std::string external_data_sha256;                   ///< of their contents; empty if there are none
  std::string chosen_dictionary;                      ///< of a checkpoint, where the job names it; else empty
  std::string chosen_output;                          ///< of an ONNX model with several; else empty
  std::string quantized_in_file;                      ///< what an ONNX file's own Q/DQ pairs are; empty if it has none
  std::string precision_in_file;                      ///< "w8a8" of these; else empty
  bool random_weights = false;                        ///< the weights file says that nothing was learned
  std::string unquantized_graph_sha256;  ///< identity of structure and passes before quantizers were placed
  Graph graph;
  std::vector<TensorRule> tensor_rules;  ///< every tensor, quantized or not; empty without quantization
  /// Encodings that nothing computes: those read from a file – all of them, or those that calibration leaves alone –
  /// and those of weights whose rounding was learned.
  EncodingMap fixed_encodings;
  std::vector<std::string> remarks;  ///< what the user must know about placement, one line each

  bool has_weights() const;
};

/// Leaves shapes instead of weights, whose memory goes back to the system if nothing else has them.
void drop_weights(Network& network);

}  // namespace qeval
