#include "jobs/prepare/changed_inputs.h"

#include <map>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "jobs/prepare/changed_images.h"
#include "jobs/prepare/environment_parts.h"
#include "jobs/prepare/job_fields.h"
#include "jobs/prepare/sample_records.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

using Names = std::map<std::string, std::string>;

/// The section of a variant that decides a component; empty if none does.
std::string deciding_section(const std::string& component) {
  static const Names sections{
      {"preprocess", "preprocess"}, {"quantization", "quantization"},  {"changes", "quantization"},
      {"executor", "quantization"}, {"state_dict", "model"},           {"weight_quantization", "quantization"},
      {"output", "model"},          {"tuning_method", "quantization"}, {"exact_sums", "quantization"}};
  const auto found = sections.find(component);
  return found == sections.end() ? "" : found->second;
}

/// Where files lie decides nothing; what they hold has components of its own.
bool is_place(const std::string& field) {
  static const std::set<std::string> places{"model.weights", "model.sha256", "dataset.root", "dataset.labels",
                                            "dataset.name"};
  return places.count(field) != 0 ||
         (field.starts_with("quantization.encodings.") &&
          (field.ends_with(".root") || field.ends_with(".labels") || field.ends_with(".import") ||
           field.ends_with(".freeze") || field.ends_with(".names")));
}

std::string value_of(const KeyComponents& components, const std::string& name) {
  const auto found = components.find(name);
  return found == components.end() ? "none" : found->second;
}

std::string environment_detail(const std::string& before, const std::string& after) {
  const KeyComponents have = environment_parts(before), wanted = environment_parts(after);
  std::vector<std::string> parts;
  for (const std::string& name : differing_components(have, wanted))
    parts.push_back(change_text(FieldChange{name, value_of(have, name), value_of(wanted, name)}));
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// Of two hashes so much that they can be told apart.
std::string content_detail(const std::string& before, const std::string& after) {
  if (before == "none" || after == "none") return "";
  return fmt::format("another content, SHA-256 {}… → {}…", before.substr(0, 8), after.substr(0, 8));
}

std::string images_detail(const std::function<std::vector<SampleRecord>()>& before,
                          const std::function<std::vector<SampleRecord>()>& after) {
  if (!before || !after) return "";
  const std::vector<SampleRecord> have = before();
  if (have.empty()) return "";
  const std::string text = changed_images_text(have, after());
  return text.empty() ? "in another order" : text;
}

class Changes {
 public:
  Changes(const Identity& before, const Identity& after) : before_(before), after_(after) {}

  void add_all(const KeyComponents& have, const KeyComponents& wanted) {
    for (const std::string& name : differing_components(have, wanted))
      add(name, value_of(have, name), value_of(wanted, name));
  }

  std::vector<InputChange> take() { return std::move(changes_); }

 private:
  void add(const std::string& name, const std::string& before, const std::string& after) {
    if (name == "encodings" || name == "tuning") return add_computed(name, before, after);
    if (name == "graph") return add_graph(before, after);
    if (const std::string section = deciding_section(name); !section.empty() && add_fields(section)) return;
    if (name == "manifest") add_fields("dataset");
    add_change({input_name(name), before, after, detail(name, before, after)});
  }

  std::string detail(const std::string& name, const std::string& before, const std::string& after) const {
    if (name == "environment") return environment_detail(before, after);
    if (name == "manifest") return images_detail(before_.images, after_.images);
    if (name == "calibration_manifest") return images_detail(before_.calibration, after_.calibration);
    return name.ends_with("_sha256") ? content_detail(before, after) : "";
  }

  /// A change is told once, whichever components it changes.
  void add_change(InputChange change) {
    const bool is_new = told_.insert(change.input).second;
    if (is_new) changes_.push_back(std::move(change));
  }

  /// Whether the section differs.
  bool add_fields(const std::string& section) {
    bool any = false;
    for (const FieldChange& field : differing_fields(before_.variant, after_.variant, section)) {
      if (is_place(field.field)) continue;
      add_change({field.field, field.before, field.after});
      any = true;
    }
    return any;
  }

  /// It follows from the file and the settings.
  void add_graph(const std::string& before, const std::string& after) {
    const bool model = add_fields("model"), quantization = add_fields("quantization");
    const bool file = value_of(before_.evaluation, "weights_sha256") != value_of(after_.evaluation, "weights_sha256");
    if (model || quantization || file) return;
    add_change({input_name("graph"), before, after, "of the same settings, made by another version of qeval"});
  }

  /// What was computed before the evaluation differs for what it was computed from. Older files do not know how a
  /// calibration that was never finished came about.
  void add_computed(const std::string& name, const std::string& before, const std::string& after) {
    const KeyComponents& have = name == "encodings" ? before_.encodings : before_.tuning;
    const KeyComponents& wanted = name == "encodings" ? after_.encodings : after_.tuning;
    const bool settings = add_fields("quantization");
    if (!have.empty() && !wanted.empty()) return add_all(have, wanted);
    if (!settings) add_change({name, before, after});
  }

  const Identity& before_;
  const Identity& after_;
  std::vector<InputChange> changes_;
  std::set<std::string> told_;
};

}  // namespace

std::string key_of_computed(const std::string& component, const std::string& word) {
  const std::size_t blank = component.find(' ');
  if (blank == std::string::npos || (!word.empty() && component.substr(0, blank) != word)) return "";
  return component.substr(blank + 1);
}

std::string input_name(const std::string& component) {
  static const Names names{{"batch_size", "run.batch_size"},
                           {"device", "run.device"},
                           {"weights_sha256", "model.weights"},
                           {"external_data_sha256", "external data"},
                           {"imported_sha256", "imported encodings"},
                           {"frozen_sha256", "frozen encodings"},
                           {"names_sha256", "names of encodings"},
                           {"manifest", "images"},
                           {"graph", "network"},
                           {"calibration_manifest", "calibration images"},
                           {"repetition", "repetition of a run"},
                           {"calibration_batch_size", "calibration batch size"}};
  const auto found = names.find(component);
  return found == names.end() ? component : found->second;
}

Identity stored_identity(const StoredInputs& stored, const RunRecord& run) {
  Identity identity;
  identity.evaluation = run.key_components;
  identity.variant = variant_of_job(run.resolved_json, run.variant);
  const auto below = [&](const KeyComponents& components, const char* name) {
    const auto found = components.find(name);
    return found == components.end() ? KeyComponents() : stored.components(key_of_computed(found->second, ""));
  };
  identity.encodings = below(identity.evaluation, "encodings");
  identity.tuning = below(identity.encodings, "tuning");
  const auto samples = [&](const KeyComponents& components, const char* name) {
    const auto found = components.find(name);
    std::function<std::vector<SampleRecord>()> ask;
    if (found != components.end()) ask = [&stored, fingerprint = found->second] { return stored.samples(fingerprint); };
    return ask;
  };
  identity.images = samples(identity.evaluation, "manifest");
  identity.calibration = samples(identity.encodings, "calibration_manifest");
  return identity;
}

Identity present_identity(const JobSpec& job, const PreparedVariant& now) {
  return {now.identity.evaluation.components,
          now.identity.encodings.components,
          now.identity.tuning.components,
          [&now] { return sample_records(now.images.evaluation); },
          [&now] { return sample_records(now.images.calibration); },
          variant_of_job(job.resolved_json, now.spec.name)};
}

std::vector<InputChange> changed_inputs(const Identity& before, const Identity& after) {
  Changes changes(before, after);
  changes.add_all(before.evaluation, after.evaluation);
  std::vector<InputChange> found = changes.take();
  if (!found.empty()) return found;
  for (const std::string& name : differing_components(before.evaluation, after.evaluation))
    found.push_back({name, value_of(before.evaluation, name), value_of(after.evaluation, name)});
  return found;
}

std::string change_text(const InputChange& change) {
  if (!change.detail.empty()) return fmt::format("{} ({})", change.input, change.detail);
  return change_text(FieldChange{change.input, change.before, change.after});
}

std::string changed_inputs_text(const Identity& before, const Identity& after) {
  std::vector<std::string> texts;
  for (const InputChange& change : changed_inputs(before, after)) texts.push_back(change_text(change));
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace qeval
