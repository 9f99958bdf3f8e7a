#pragma once
/// The 1,000 classes of ImageNet's challenges of 2012 to 2017 as WordNet ids, which name the class folders. In sorted
/// order, which is the order of the outputs of published networks. Thread-safety: free functions without state.
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

std::span<const std::string_view> imagenet_synsets();

/// What tells these class folders from ImageNet's: "n00000001 is none of ImageNet's 1,000 classes; n01440764 is
/// missing". Empty if nothing does, or if fewer than half of them are ImageNet's: they are other classes then.
std::string difference_to_imagenet(const std::vector<std::string>& folders);

}  // namespace qeval
