#include "stages/quant/files/encodings_file.h"

#include <algorithm>

#include "stages/quant/files/aimet_encodings_versions.h"

namespace qeval {
namespace {

bool is_bare(const EncodingsDocument::Json& root) {
  return !root.empty() && !root.contains("version") && !root.contains("activation_encodings") &&
         !root.contains("param_encodings");
}

EncodingEntries read_entries(const EncodingsDocument& document, const std::string& version) {
  if (version == "adaround") return read_bare_params(document);
  if (version.front() == '2') return read_encodings_2_0(document);
  return version.front() == '1' ? read_encodings_1_0(document) : read_encodings_0_6(document);
}

}  // namespace

std::string module_of_side(const std::string& name) {
  const ModuleSide side = side_of(name);
  return side.index == "0" ? side.module : "";
}

ModuleSide side_of(const std::string& name) {
  const std::size_t colon = name.rfind(':');
  if (colon == std::string::npos) return {};
  ModuleSide found{name.substr(0, colon), name.substr(colon + 1)};
  const std::size_t bracket = found.side.find('[');
  if (bracket != std::string::npos && found.side.ends_with(']')) {
    found.index = found.side.substr(bracket + 1, found.side.size() - bracket - 2);
    found.side.resize(bracket);
  }
  return found.side == "input" || found.side == "output" ? found : ModuleSide{};
}

std::string name_of_side(const std::string& module, const std::string& side, const std::string& index) {
  return module + ":" + side + (index == "0" ? "" : "[" + index + "]");
}

const std::vector<std::string>& encodings_versions() {
  static const std::vector<std::string> versions{"0.4.0", "0.5.0", "0.5.1", "0.6.1",
                                                 "1.0.0", "2.0.0", "2.1.0", "adaround"};
  return versions;
}

EncodingsFile read_encodings_file(const std::filesystem::path& path) {
  const EncodingsDocument document(path);
  EncodingsFile file;
  file.sha256 = document.sha256();
  file.version = is_bare(document.root()) ? "adaround" : document.version();
  file.entries = read_entries(document, file.version);
  const auto section = [&](const char* name, std::string& text) {
    const auto found = document.root().find(name);
    if (file.version != "adaround" && found != document.root().end()) text = found->dump();
  };
  section("excluded_layers", file.excluded_layers);
  section("quantizer_args", file.quantizer_args);
  return file;
}

EncodingMap encodings_by_name(const EncodingsFile& file) {
  EncodingMap map;
  for (const EncodingEntry& entry : file.entries) map[entry.name] = entry.list;
  return map;
}

}  // namespace qeval
