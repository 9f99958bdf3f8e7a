#pragma once
/// What a family of architectures hands to the list in arch.cpp, and checked access to its parameters.
/// Errors: ArchParameterError naming architecture, parameter and what is allowed.
#include <map>
#include <string>
#include <vector>

#include "stages/model/graph.h"

namespace qeval {

/// The parameters of one architecture with its defaults filled in; names were checked before.
class ArchSettings {
 public:
  ArchSettings(std::string arch, std::map<std::string, std::string> values)
      : arch_(std::move(arch)), values_(std::move(values)) {}

  const std::string& arch() const { return arch_; }
  int positive(const std::string& key, int max = 1 << 16) const;
  std::vector<int> positive_list(const std::string& key, std::size_t length) const;
  std::string choice(const std::string& key, const std::vector<std::string>& allowed) const;

 private:
  const std::string& text(const std::string& key) const;
  [[noreturn]] void reject(const std::string& key, const std::string& wanted, const std::string& example) const;

  std::string arch_;
  std::map<std::string, std::string> values_;
};

struct ArchEntry {
  std::string name;
  /// Every parameter it takes, with its default; an empty default means that it must be given.
  std::map<std::string, std::string> defaults;
  /// The graph with shaped but empty tensors.
  Graph (*build)(const ArchSettings& settings) = nullptr;
};

std::vector<ArchEntry> resnet_family();             ///< arch/resnet.cpp
std::vector<ArchEntry> cifar_resnet_family();       ///< arch/cifar_resnet.cpp
std::vector<ArchEntry> efficientnet_lite_family();  ///< arch/efficientnet_lite.cpp
std::vector<ArchEntry> efficientnet_family();       ///< arch/efficientnet.cpp
std::vector<ArchEntry> mobilenet_v2_family();       ///< arch/mobilenet_v2.cpp
std::vector<ArchEntry> mobilenet_v3_family();       ///< arch/mobilenet_v3.cpp
std::vector<ArchEntry> regnet_family();             ///< arch/regnet.cpp
std::vector<ArchEntry> densenet_family();           ///< arch/densenet.cpp
std::vector<ArchEntry> squeezenet_family();         ///< arch/squeezenet.cpp
std::vector<ArchEntry> shufflenet_v2_family();      ///< arch/shufflenet_v2.cpp
std::vector<ArchEntry> vgg_family();                ///< arch/vgg.cpp
std::vector<ArchEntry> mnasnet_family();            ///< arch/mnasnet.cpp
std::vector<ArchEntry> convnext_family();           ///< arch/convnext.cpp

}  // namespace qeval
