#include "jobs/language/job_parser.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

#include "jobs/language/completeness_check.h"
#include "jobs/language/field_check.h"
#include "jobs/language/field_tree.h"
#include "jobs/language/job_locator.h"
#include "jobs/language/job_rules.h"
#include "jobs/language/merge.h"
#include "jobs/language/resolved_job.h"
#include "jobs/language/scalar.h"
#include "jobs/language/set_overrides.h"
#include "jobs/language/spec_builder.h"
#include "jobs/language/variable_expansion.h"
#include "jobs/language/variant_needs.h"
#include "jobs/language/yaml_document.h"
#include "pipeline/base/did_you_mean.h"

namespace qeval {
namespace {

constexpr int format_version = 1;
constexpr std::size_t max_variants = 256;

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

/// Reads at most one byte more than is allowed, so that a file that never ends does not matter.
std::string read_job_file(const std::filesystem::path& file) {
  if (std::filesystem::is_directory(file)) throw JobError(file.string() + ": is a folder, not a job file");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text(yaml_max_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream && !stream.eof()) throw JobError(file.string() + ": cannot be read: " + std::strerror(errno));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

/// What differs between a file that somebody wrote and the text of a run.
struct TextOrigin {
  YamlOrigin yaml = YamlOrigin::written_by_people;
  std::filesystem::path shown_as;
  bool output_anywhere = false;
};

/// One parse: each step adds what it finds to `diagnostics_`.
class JobParser {
 public:
  JobParser(const std::string& text, const std::filesystem::path& file, const JobOverrides& overrides,
            const TextOrigin& origin)
      : text_(text),
        file_(file),
        overrides_(overrides),
        origin_(origin),
        diagnostics_(origin.shown_as, text),
        folder_(std::filesystem::absolute(file).lexically_normal().parent_path()) {}

  JobSpec parse() {
    read();
    check_folder();
    apply_overrides(root_, overrides_.set, diagnostics_);
    expand_tree(root_, "", environment_variable);
    insert_job_name();
    check_fields(root_, diagnostics_);
    list_variants();
    leave_out_variants();
    check();
    if (!diagnostics_.empty()) throw JobError(diagnostics_.render(), readable());
    return build();
  }

 private:
  void stop_on_errors() const {
    if (!diagnostics_.empty()) throw JobError(diagnostics_.render());
  }

  void read() {
    std::optional<YamlNode> root = parse_yaml(text_, diagnostics_, -1, origin_.yaml);
    if (!root) stop_on_errors();
    root_ = std::move(root.value());
    if (!root_.is_mapping()) {
      diagnostics_.add(root_.span, "a job file is a map; start with 'qeval: 1'");
      stop_on_errors();
    }
    // A file of another version has other keys: nothing else can be said about it.
    const YamlNode* version = root_.find("qeval");
    const auto number = version && version->is_scalar() ? parse_integer(version->text) : std::nullopt;
    if (!number || *number == format_version) return;
    diagnostics_.add(version->span, "job-file format " + version->text +
                                        " is not known to this program; it reads format " +
                                        std::to_string(format_version));
    stop_on_errors();
  }

  /// Paths below it are stored as text with the run and must be readable again.
  void check_folder() {
    if (const auto fault = find_text_fault(folder_.string()))
      diagnostics_.add({0, 1, -1}, "the name of the job file's folder holds what no text may: " + fault->message +
                                       "; rename the folder");
  }

  /// ${name} in the export path; ${variant} stays, because it differs from run to run.
  void insert_job_name() {
    const YamlNode* name = root_.find("name");
    YamlNode* target = root_.find_path("output.export_encodings");
    if (!name || !target || name->text.empty() || origin_.yaml == YamlOrigin::stored_by_run) return;
    const std::string placeholder = "${name}";
    for (std::size_t at = 0; (at = target->text.find(placeholder, at)) != std::string::npos; at += name->text.size()) {
      target->text.replace(at, placeholder.size(), name->text);
    }
  }

  void list_variants() {
    if (const YamlNode* variants = root_.find("variants")) {
      for (const YamlEntry& entry : variants->entries) names_.push_back(entry.key);
      if (names_.size() > max_variants) {
        diagnostics_.add(root_.entry("variants")->key_span,
                         "more than " + std::to_string(max_variants) + " variants; split the job");
        stop_on_errors();
      }
    }
    if (names_.empty()) names_.push_back("default");
    for (const std::string& wanted : overrides_.only_variants) {
      if (std::find(names_.begin(), names_.end(), wanted) != names_.end()) continue;
      const int argument = diagnostics_.add_argument("--variant " + wanted);
      diagnostics_.add({0, 0, argument}, "no variant '" + wanted + "' in the job" + did_you_mean(wanted, names_));
    }
  }

  /// Whoever names a variant means it.
  void leave_out_variants() {
    if (!overrides_.only_variants.empty()) return;
    for (const std::string& name : names_)
      if (std::string missing = missing_needs(root_, name, folder_); !missing.empty())
        left_out_.push_back({name, std::move(missing)});
  }

  bool is_selected(const std::string& name) const {
    const std::vector<std::string>& only = overrides_.only_variants;
    const auto is_left_out = [&](const LeftOutVariant& variant) { return variant.name == name; };
    if (std::any_of(left_out_.begin(), left_out_.end(), is_left_out)) return false;
    return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
  }

  void check() {
    diagnostics_.set_variant_count(
        static_cast<std::size_t>(std::count_if(names_.begin(), names_.end(), [&](auto& n) { return is_selected(n); })));
    std::size_t quantized = 0;
    for (const std::string& name : names_) {
      const YamlNode view = merged_view(root_, name);
      const YamlNode* quantization = view.find("quantization");
      if (quantization && quantization->is_mapping()) ++quantized;
      if (!is_selected(name)) continue;
      check_completeness(view, name, diagnostics_);
      check_variant_rules(view, name, diagnostics_);
    }
    check_job_rules(root_, names_, quantized, origin_.output_anywhere ? nullptr : &folder_, diagnostics_);
    // A stored job has the variants that were selected, and the baseline may be another.
    if (origin_.yaml == YamlOrigin::written_by_people) check_baseline(root_, names_, baseline(), diagnostics_);
  }

  /// Of all variants, selected or not; empty if there is none.
  std::string baseline() const {
    if (const YamlNode* named = root_.find_path("compare.baseline")) return named->text;
    for (const std::string& name : names_) {
      const YamlNode view = merged_view(root_, name);
      const YamlNode* quantization = view.find("quantization");
      if (!quantization || !quantization->is_mapping()) return name;
    }
    return "";
  }

  std::shared_ptr<const JobSpec> readable() const {
    auto job = std::make_shared<JobSpec>();
    job->file = file_;
    job->locator = std::make_shared<const JobLocator>(diagnostics_, root_);
    const YamlNode common = readable_view("");
    if (common.find("run")) job->run = build_run_settings(common);
    for (const std::string& name : names_) {
      if (is_selected(name)) job->variants.push_back(build_readable_variant(readable_view(name), name));
    }
    return job;
  }

  /// The variant's sections without errors.
  YamlNode readable_view(const std::string& variant) const {
    YamlNode view = merged_view(root_, variant);
    std::erase_if(view.entries, [&](const YamlEntry& section) {
      return !field_tree().exact(section.key) || diagnostics_.complains_within(section);
    });
    fill_defaults(view);
    make_paths_absolute(view, folder_);
    return view;
  }

  JobSpec build() const {
    JobSpec job;
    job.file = std::filesystem::absolute(file_).lexically_normal();
    job.source_text = text_;
    job.left_out = left_out_;
    std::vector<std::pair<std::string, YamlNode>> views;
    const std::string compared_with = baseline();
    for (const std::string& name : names_) {
      if (!is_selected(name)) continue;
      YamlNode view = merged_view(root_, name);
      fill_defaults(view);
      name_baseline(view, compared_with);
      make_paths_absolute(view, folder_);
      job.run = build_run_settings(view);
      job.variants.push_back(build_variant(view, name));
      build_job_part(view, job);
      views.emplace_back(name, std::move(view));
    }
    job.resolved_json = resolved_job_json(views);
    job.locator = std::make_shared<const JobLocator>(diagnostics_, root_);
    return job;
  }

  const std::string text_;
  const std::filesystem::path file_;
  const JobOverrides& overrides_;
  const TextOrigin& origin_;
  Diagnostics diagnostics_;
  const std::filesystem::path folder_;
  YamlNode root_;
  std::vector<std::string> names_;
  std::vector<LeftOutVariant> left_out_;
};

}  // namespace

JobSpec parse_job_file(const std::filesystem::path& file, const JobOverrides& overrides) {
  return parse_job_text(read_job_file(file), file, overrides);
}

JobSpec parse_job_text(const std::string& text, const std::filesystem::path& file, const JobOverrides& overrides) {
  return JobParser(text, file, overrides, {.shown_as = file}).parse();
}

JobSpec parse_stored_job(const StoredJob& stored) {
  const TextOrigin origin{YamlOrigin::stored_by_run, stored.shown_as, stored.output_anywhere};
  return JobParser(mended_resolved_job(stored.resolved_json), stored.file, {}, origin).parse();
}

}  // namespace qeval
