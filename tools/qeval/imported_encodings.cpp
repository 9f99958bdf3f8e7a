#include "tools/qeval/imported_encodings.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "pipeline/errors.h"
#include "stages/quant/encodings_names.h"

namespace qeval {
namespace {

/// What a file and a network say differently, and whether the job accepts it.
class Report {
 public:
  Report(const QuantizationSpec& spec, const std::filesystem::path& file)
      : partial_(spec.policy == "partial"), freezes_(!spec.freeze_encodings.empty()),
        leaves_float_(spec.missing == "leave_float"), file_(file) {}

  void add_all(const EncodingsMismatch& mismatch, const std::vector<std::string>& unknown_names) {
    add("names of the name map that the file does not have", unknown_names, partial_, "");
    add("quantizers without an encoding", mismatch.without_encoding, partial_ || freezes_ || leaves_float_,
        freezes_ ? "calibrated" : "off");
    add("encodings without a quantizer", mismatch.without_quantizer, partial_, "left out");
    add("different", mismatch.different, partial_, "applied as the file says");
    add("not applicable", mismatch.unusable, partial_, freezes_ ? "left out, calibrated" : "left out, off");
  }

  /// Throws, or gives the remark; empty if everything fits.
  std::string conclude() const {
    if (text_.empty()) return "";
    const std::string text = file_.string() + " does not fit the quantized graph" + text_;
    if (!refused_) return text;
    throw InputError(text +
                     "\n  fix the file or the job; quantization.encodings.missing: leave_float accepts quantizers without "
                     "an encoding, policy: partial applies what fits, freeze calibrates what is missing");
  }

 private:
  void add(const char* title, const std::vector<std::string>& names, bool accepted, const std::string& consequence) {
    if (names.empty()) return;
    refused_ = refused_ || !accepted;
    const std::string then = accepted && !consequence.empty() ? ", " + consequence : "";
    text_ += fmt::format("\n  {} ({}{}): {}", title, names.size(), then, fmt::join(names, ", "));
  }

  const bool partial_, freezes_, leaves_float_;
  const std::filesystem::path& file_;
  std::string text_;
  bool refused_ = false;
};

std::string bias_remark(const std::vector<std::string>& biases, const std::filesystem::path& file) {
  return fmt::format("{}: {} integer encodings of biases are not applied, their scales follow from input and weight: "
                     "{}",
                     file.string(), biases.size(), fmt::join(biases, ", "));
}

}  // namespace

ImportedEncodings read_imported_encodings(const QuantizationSpec& spec, const Graph& graph) {
  const std::filesystem::path& path = spec.freeze_encodings.empty() ? spec.import_encodings : spec.freeze_encodings;
  EncodingsFile file = read_encodings_file(path);
  KeyComponents components{{spec.freeze_encodings.empty() ? "imported_sha256" : "frozen_sha256", file.sha256}};
  std::vector<std::string> unknown_names;
  if (!spec.encodings_names.empty()) {
    const NameMapFile map = read_name_map(spec.encodings_names);
    components["names_sha256"] = map.sha256;
    unknown_names = rename_entries(file, map.names);
  }
  const EncodingsMismatch mismatch = match_encodings(graph, file);
  Report report(spec, path);
  report.add_all(mismatch, unknown_names);
  ImportedEncodings imported{usable_encodings(graph, file), {}, std::move(components)};
  if (!mismatch.biases.empty()) imported.remarks.push_back(bias_remark(mismatch.biases, path));
  if (std::string remark = report.conclude(); !remark.empty()) imported.remarks.push_back(std::move(remark));
  return imported;
}

}  // namespace qeval
