#pragma once
/// Laying one part of a job file over another. Thread-safety: free functions.
#include "jobs/language/field_tree.h"
#include "jobs/language/yaml_node.h"

namespace qeval {

/// `over` on top of `base`: maps merge key by key, everything else replaces. A map that names another alternative of a
/// "one of" (calibrate over import, per_class over first) replaces too, because both together mean nothing.
YamlNode merge(const YamlNode& base, const YamlNode& over, const FieldNode& row);

/// The top level with variants.`variant` merged over it; without `variants`, `needs` and x-* keys.
/// An empty name: the top level alone.
YamlNode merged_view(const YamlNode& root, const std::string& variant);

/// Inserts the defaults of all absent keys. The calibration set starts from the job's own data set.
void fill_defaults(YamlNode& view);

/// Writes the baseline into compare.baseline where nothing stands; an empty one is none.
void name_baseline(YamlNode& view, const std::string& baseline);

}  // namespace qeval
