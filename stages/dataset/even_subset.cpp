#include "stages/dataset/even_subset.h"

#include <algorithm>
#include <map>
#include <set>

namespace qeval {
namespace {

using Positions = std::vector<std::size_t>;

/// The i-th of `count` places spread over `size`: the middle of its share. Exact for sizes that a manifest can have.
std::size_t spread_place(std::size_t i, std::size_t count, std::size_t size) {
  return (2 * i + 1) * size / (2 * count);
}

/// Of every class, in the manifest's order of the classes' first entries.
std::vector<Positions> positions_by_class(const Manifest& manifest) {
  std::vector<Positions> classes;
  std::map<int, std::size_t> index;
  for (std::size_t position = 0; position < manifest.entries.size(); ++position) {
    const auto [found, is_new] = index.try_emplace(manifest.entries[position].label, classes.size());
    if (is_new) classes.emplace_back();
    classes[found->second].push_back(position);
  }
  return classes;
}

void take_spread(const Positions& from, std::size_t count, Positions& taken) {
  for (std::size_t i = 0; i < count; ++i) taken.push_back(from[spread_place(i, count, from.size())]);
}

Positions spread_positions(const Manifest& manifest, std::size_t count) {
  const std::vector<Positions> classes = positions_by_class(manifest);
  Positions taken;
  if (count < classes.size()) {
    for (std::size_t i = 0; i < count; ++i) take_spread(classes[spread_place(i, count, classes.size())], 1, taken);
    return taken;
  }
  // One each; what is left is cut where the running total of what the classes have beyond that passes a whole number.
  const std::size_t left = count - classes.size();
  const std::size_t beyond = std::max<std::size_t>(manifest.entries.size() - classes.size(), 1);
  std::size_t before = 0;
  for (const Positions& of_class : classes) {
    const std::size_t after = before + of_class.size() - 1;
    take_spread(of_class, 1 + after * left / beyond - before * left / beyond, taken);
    before = after;
  }
  return taken;
}

}  // namespace

Manifest keep_every(const Manifest& manifest, std::int64_t step) {
  Manifest kept{manifest.root, {}, manifest.classes};
  const auto stride = static_cast<std::size_t>(step);
  for (std::size_t position = 0; position < manifest.entries.size(); position += stride)
    kept.entries.push_back(manifest.entries[position]);
  return kept;
}

Manifest keep_spread(const Manifest& manifest, std::int64_t count) {
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(count, 0));
  if (wanted >= manifest.entries.size()) return manifest;
  Manifest kept{manifest.root, {}, manifest.classes};
  Positions positions = spread_positions(manifest, wanted);
  std::sort(positions.begin(), positions.end());
  for (const std::size_t position : positions) kept.entries.push_back(manifest.entries[position]);
  return kept;
}

DatasetExtent extent_of(const Manifest& manifest) {
  std::set<int> labels;
  for (const ManifestEntry& entry : manifest.entries) labels.insert(entry.label);
  return {static_cast<std::int64_t>(manifest.entries.size()), static_cast<std::int64_t>(labels.size())};
}

}  // namespace qeval
