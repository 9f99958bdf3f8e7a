#include "stages/quant/pass_report.h"

#include <map>

namespace qeval {

std::string joined(const std::vector<std::string>& parts, const char* separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

std::vector<std::string> left_alone_remarks(const std::string& pass, const std::vector<LeftAlone>& left) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const LeftAlone& layer : left) by_reason[layer.reason].push_back(layer.layer);
  std::vector<std::string> lines;
  for (const auto& [reason, layers] : by_reason)
    lines.push_back(pass + ": left alone, " + reason + " (" + std::to_string(layers.size()) +
                    "): " + joined(layers, ", "));
  return lines;
}

std::vector<std::string> pass_remarks(const std::string& pass, const std::string& done,
                                      const std::vector<std::string>& layers, const std::vector<LeftAlone>& left) {
  std::string line = pass + ": " + done + " (" + std::to_string(layers.size()) + ")";
  if (!layers.empty()) line += ": " + joined(layers, ", ");
  std::vector<std::string> lines{std::move(line)};
  for (std::string& other : left_alone_remarks(pass, left)) lines.push_back(std::move(other));
  return lines;
}

}  // namespace qeval
