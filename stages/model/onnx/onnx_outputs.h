#pragma once
/// The outputs that an ONNX graph declares, and which of them holds the scores of classes.
/// Thread-safety: free functions. Errors: InputError naming file, outputs and the fix; ArchParameterError for a name
/// that the graph does not have.
#include <string>

#include "stages/model/onnx/onnx_file.h"

namespace qeval {

/// `name`: as the job chooses it; empty: the only one there is.
const onnx::ValueInfoProto& choose_onnx_output(const OnnxFile& file, const std::string& name);

/// That this output holds no scores of classes, and which others could.
[[noreturn]] void refuse_onnx_output(const OnnxFile& file, const onnx::ValueInfoProto& output, const std::string& why);

}  // namespace qeval
