#pragma once
/// The rules between fields that the field table cannot say. Each reports at the position of the offending value.
#include <filesystem>
#include <string>
#include <vector>

#include "jobs/language/diagnostics.h"
#include "jobs/language/yaml_node.h"

namespace qeval {

/// Rules of one variant's merged view: order of the preprocessing steps, labels of list data sets.
void check_variant_rules(const YamlNode& view, const std::string& variant, Diagnostics& diagnostics);

/// Rules of the whole job, overrides applied: references name variants, exported files stay below `folder` (null: they
/// may lie anywhere) and do not overwrite each other. `names`: all variants; `quantized`: how many of them are
/// quantized.
void check_job_rules(const YamlNode& root, const std::vector<std::string>& names, std::size_t quantized,
                     const std::filesystem::path* folder, Diagnostics& diagnostics);

/// compare.baseline names a variant, and there is one where metrics have max_drop. `baseline`: what the job comes to.
void check_baseline(const YamlNode& root, const std::vector<std::string>& names, const std::string& baseline,
                    Diagnostics& diagnostics);

}  // namespace qeval
