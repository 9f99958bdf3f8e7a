#pragma once
/// What a pass over the graph tells the user. Thread-safety: free functions.
#include <string>
#include <vector>

namespace qeval {

/// A layer that a pass could have changed and did not, and why.
struct LeftAlone {
  std::string layer, reason;
};

std::string joined(const std::vector<std::string>& parts, const char* separator);

/// "`pass`: `done` (2): conv1, conv2", then left_alone_remarks.
std::vector<std::string> pass_remarks(const std::string& pass, const std::string& done,
                                      const std::vector<std::string>& layers, const std::vector<LeftAlone>& left);

/// One line per reason: "`pass`: left alone, grouped convolution (2): layer1.conv, layer2.conv".
std::vector<std::string> left_alone_remarks(const std::string& pass, const std::vector<LeftAlone>& left);

}  // namespace qeval
