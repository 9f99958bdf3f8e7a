#pragma once
/// Keys: SHA-256 of canonical JSON (sorted keys, no white space) of everything that can change a stored bit.
/// Components are kept, so that two keys can be compared field by field. Thread-safety: free functions.
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

/// Component name → text. E.g. weights_sha256, graph, recipe, encodings, manifest, preprocess, batch_size, ranking,
/// executor, environment.
using KeyComponents = std::map<std::string, std::string>;

std::string sha256_hex(std::string_view bytes);
std::string canonical_json(const KeyComponents& components);
std::string make_key(const KeyComponents& components);
/// Names of the components that only one of the two holds, or both with different values.
std::vector<std::string> differing_components(const KeyComponents& have, const KeyComponents& wanted);

}  // namespace qeval
