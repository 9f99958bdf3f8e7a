#include "jobs/prepare/imported_encodings.h"

#include <algorithm>

#include <fmt/core.h>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/quant/files/encodings_names.h"

namespace qeval {
namespace {

/// What a file and a network say differently, and whether the job accepts it.
class Report {
 public:
  Report(const QuantizationSpec& spec, const std::filesystem::path& file)
      : partial_(spec.policy == EncodingsPolicy::partial),
        freezes_(!spec.freeze_encodings.empty()),
        leaves_float_(spec.missing == MissingEncodings::leave_float),
        file_(file) {}

  void add_all(const EncodingsMismatch& mismatch, const std::vector<std::string>& unknown_names) {
    add("names of the name map that the file does not have", unknown_names, partial_, "");
    add("quantizers without an encoding", mismatch.without_encoding, partial_ || freezes_ || leaves_float_,
        freezes_ ? "calibrated" : "off");
    add("encodings without a quantizer", mismatch.without_quantizer, partial_, "left out");
    add("different", mismatch.different, partial_, "applied as the file says");
    add("not applicable", mismatch.unusable, partial_, freezes_ ? "left out, calibrated" : "left out, off");
  }

  /// Throws, or gives the remarks; none if everything fits.
  std::vector<std::string> conclude() const {
    const std::string unfit = visible_name(file_.string()) + " does not fit the quantized graph";
    if (refused_) throw InputError(unfit + all_lines());
    std::vector<std::string> remarks;
    for (const std::string& line : lines_) remarks.push_back(unfit + ": " + line);
    return remarks;
  }

 private:
  void add(const char* title, const std::vector<std::string>& names, bool accepted, const std::string& consequence) {
    if (names.empty()) return;
    refused_ = refused_ || !accepted;
    const std::string then = accepted && !consequence.empty() ? ", " + consequence : "";
    lines_.push_back(fmt::format("{} ({}{}): {}", title, names.size(), then, visible_names(names)));
  }

  std::string all_lines() const {
    std::string text;
    for (const std::string& line : lines_) text += "\n  " + line;
    return text +
           "\n  fix the file or the job; quantization.encodings.missing: leave_float accepts quantizers without an "
           "encoding, policy: partial applies what fits, freeze calibrates what is missing";
  }

  const bool partial_, freezes_, leaves_float_;
  const std::filesystem::path& file_;
  std::vector<std::string> lines_;
  bool refused_ = false;
};

std::size_t count_of_weights(const EncodingsFile& file, const std::vector<std::string>& biases) {
  return static_cast<std::size_t>(std::count_if(file.entries.begin(), file.entries.end(), [&](const auto& entry) {
    return entry.role == QuantizerRole::param && std::find(biases.begin(), biases.end(), entry.name) == biases.end();
  }));
}

/// A part of a file is not none of it: with every weight left float, the figures of another network's file, or of one
/// of another granularity, would look better than they are.
void check_some_weight_fits(const Graph& graph, const EncodingsFile& file, const EncodingMap& usable,
                            const EncodingsMismatch& mismatch, const std::filesystem::path& path) {
  const std::size_t in_file = count_of_weights(file, mismatch.biases);
  std::size_t in_graph = 0, fitting = 0;
  for (const Quantizer& quantizer : graph.quantizers) {
    if (file_role(quantizer) != QuantizerRole::param) continue;
    ++in_graph;
    fitting += usable.count(quantizer.key());
  }
  if (in_file == 0 || in_graph == 0 || fitting > 0) return;
  throw InputError(
      fmt::format("{}: none of its {} encodings of weights fits the network, whose weights would all stay float{}; "
                  "give the file of "
                  "this network, or the granularity of the file (quantization.param.per_channel)",
                  visible_name(path.string()), in_file,
                  mismatch.unusable.empty() ? "" : ", e.g. " + visible_name(mismatch.unusable.front())));
}

std::string bias_remark(const std::vector<std::string>& biases, const std::filesystem::path& file) {
  return fmt::format(
      "{}: {} integer encodings of biases are not applied, their scales follow from input and weight: "
      "{}",
      visible_name(file.string()), biases.size(), visible_names(biases));
}

std::string repeated_remark(const std::vector<std::string>& names, const std::filesystem::path& file) {
  return fmt::format(
      "{}: {} encodings at which no quantizer stands repeat a neighbour's, or are of numbers that are no tensors: {}",
      visible_name(file.string()), names.size(), visible_names(names));
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
  if (spec.policy == EncodingsPolicy::partial && spec.freeze_encodings.empty())
    check_some_weight_fits(graph, file, imported.encodings, mismatch, path);
  if (!mismatch.biases.empty()) imported.remarks.push_back(bias_remark(mismatch.biases, path));
  if (!mismatch.repeated.empty()) imported.remarks.push_back(repeated_remark(mismatch.repeated, path));
  for (std::string& remark : report.conclude()) imported.remarks.push_back(std::move(remark));
  return imported;
}

}  // namespace qeval
