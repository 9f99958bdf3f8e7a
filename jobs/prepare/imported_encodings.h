#pragma once
/// The encodings file that a job names (to import, or to freeze and calibrate the rest), against the network's
/// quantizers. Whatever does not fit is an error or a remark, never silent. Thread-safety: free function.
/// Errors: InputError for the files and, under policy strict, for everything that does not fit, all of it at once;
/// under partial, for an import of which no weight's encoding fits.
#include <string>
#include <vector>

#include "jobs/language/identity.h"
#include "jobs/language/job_spec.h"
#include "stages/quant/files/aimet_encodings.h"

namespace qeval {

struct ImportedEncodings {
  EncodingMap encodings;  ///< by Quantizer::key(): what is applied
  std::vector<std::string> remarks;
  KeyComponents
      components;  ///< hashes of what was read; whatever the policy, what is applied follows from them and the graph
};

ImportedEncodings read_imported_encodings(const QuantizationSpec& spec, const Graph& graph);

}  // namespace qeval
