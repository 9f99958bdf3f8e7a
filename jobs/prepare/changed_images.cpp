#include "jobs/prepare/changed_images.h"

#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "jobs/prepare/sample_records.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

constexpr std::size_t shown_names = 3;

struct Kind {
  std::string what;  ///< behind a number
  std::vector<std::string> names{};
};

std::string text_of(const Kind& kind) {
  const std::size_t shown = std::min(shown_names, kind.names.size());
  const std::vector<std::string> first(kind.names.begin(), kind.names.begin() + static_cast<std::ptrdiff_t>(shown));
  return fmt::format("{} {} ({}{})", kind.names.size(), kind.what, visible_names(first),
                     shown < kind.names.size() ? ", …" : "");
}

}  // namespace

std::string changed_images_text(const std::vector<SampleRecord>& before, const std::vector<SampleRecord>& now) {
  if (before.empty()) return "";
  std::map<std::string_view, const SampleRecord*> left;
  for (const SampleRecord& sample : before) left[sample.name] = &sample;
  Kind changed{"changed"}, relabelled{"with another label"}, added{"new"}, vanished{"vanished"};
  for (const SampleRecord& entry : now) {
    const auto found = left.find(entry.name);
    if (found == left.end()) {
      added.names.push_back(entry.name);
      continue;
    }
    if (found->second->sha256 != entry.sha256) changed.names.push_back(entry.name);
    if (found->second->label != entry.label) relabelled.names.push_back(entry.name);
    found->second = nullptr;
  }
  for (const auto& [name, sample] : left)
    if (sample) vanished.names.emplace_back(name);
  std::vector<std::string> parts;
  for (const Kind* kind : {&changed, &vanished, &added, &relabelled})
    if (!kind->names.empty()) parts.push_back(text_of(*kind));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string changed_images_text(const std::vector<SampleRecord>& before, const Manifest& now) {
  return changed_images_text(before, sample_records(now));
}

}  // namespace qeval
