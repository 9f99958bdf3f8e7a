#pragma once
/// Checked, defaulted YAML → the structs of job_spec.h. Nothing can be wrong any more here: a mismatch is an
/// InternalError. Thread-safety: free functions.
#include <filesystem>
#include <string>

#include "jobs/language/job_spec.h"
#include "jobs/language/yaml_node.h"

namespace qeval {

/// Turns every value of a path field into an absolute, normalized path.
void make_paths_absolute(YamlNode& view, const std::filesystem::path& folder);

/// `view`: one variant's merged view after fill_defaults, name_baseline and make_paths_absolute.
VariantSpec build_variant(const YamlNode& view, const std::string& name);
/// The same of a view that lacks sections: they are left as they are when constructed.
VariantSpec build_readable_variant(const YamlNode& view, const std::string& name);
RunSettings build_run_settings(const YamlNode& view);
/// Name, tags, baseline and output; `view` of any variant, or of the top level.
void build_job_part(const YamlNode& view, JobSpec& job);

}  // namespace qeval
