#pragma once
/// --set path=value, applied to what is written, before variables are expanded and variants are merged.
///
/// "variants.w8a8.quantization.scheme" changes that variant. A path of the top level wins over the variants: it holds
/// in every variant that has the section, whoever wrote it. It does not switch on a section that a variant switches off
/// (`quantization: none`), and it leaves alone a variant that uses another alternative (import instead of calibrate),
/// unless the path itself chooses the alternative. A preprocessing step is addressed by name: preprocess.resize.filter.
#include <string>
#include <utility>
#include <vector>

#include "jobs/language/diagnostics.h"
#include "jobs/language/yaml_node.h"

namespace qeval {

using SetOverrides = std::vector<std::pair<std::string, std::string>>;

/// Unknown paths and values that are not YAML are added to `diagnostics`. Later ones win.
void apply_overrides(YamlNode& root, const SetOverrides& overrides, Diagnostics& diagnostics);

}  // namespace qeval
