#include "jobs/prepare/architecture_check.h"

#include <algorithm>
#include <set>

#include "stages/model/arch/arch.h"
#include "stages/model/onnx/import_onnx.h"
#include "stages/model/onnx/onnx_parameters.h"

namespace qeval {
namespace {

void complain(const ArchParameterError& error, VariantComplaints& complaints) {
  const std::string path = "model.parameters." + error.parameter();
  if (error.example().empty())
    complaints.add_for_key(path, error);
  else
    complaints.add_for_value(path, error);
}

/// After each complaint the rest is looked at with a legal value in its place.
bool check_parameters(const ModelSpec& model, VariantComplaints& complaints) {
  ArchParameters left = model.parameters;
  std::set<std::string> told;
  for (;;) {
    try {
      arch_parameters(model.arch, left);
      return told.empty();
    } catch (const ArchParameterError& error) {
      const std::string& name = error.parameter();
      if (!told.insert(name).second) return false;
      complain(error, complaints);
      if (!error.example().empty())
        left[name] = error.example();
      else if (left.erase(name) == 0)
        return false;
    }
  }
}

bool check_onnx_parameters(const ModelSpec& model, VariantComplaints& complaints) {
  try {
    read_onnx_parameters(model.parameters);
    return true;
  } catch (const ArchParameterError& error) {
    complain(error, complaints);
    return false;
  }
}

}  // namespace

bool check_architecture(const ModelSpec& model, VariantComplaints& complaints) {
  if (model.arch == onnx_arch_name) return check_onnx_parameters(model, complaints);
  const auto names = arch_names();
  const bool is_known = std::find(names.begin(), names.end(), model.arch) != names.end();
  if (!is_known) return complaints.attempt("model.arch", [&] { arch_parameters(model.arch, {}); });
  bool fits = false;
  return complaints.attempt("model.parameters", [&] { fits = check_parameters(model, complaints); }) && fits;
}

}  // namespace qeval
