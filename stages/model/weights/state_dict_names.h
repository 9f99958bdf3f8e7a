#pragma once
/// What wrappers of training scripts do to the names of a state dict, undone as far as an architecture's own names
/// tell.
/// Thread-safety: free function. Errors: InputError if two tensors would get one name, or if there are several
/// networks.
#include <map>
#include <set>
#include <string>

#include "stages/model/tensor.h"

namespace qeval {

struct FittedNames {
  std::map<std::string, Tensor> tensors;
  std::string remark;  ///< what was renamed or left out, in one line; empty: nothing
};

/// `expected`: the architecture's names. Undone are prefixes that all names have (DataParallel's "module.",
/// torch.compile's "_orig_mod.", Lightning's "model."), any prefix of a network that is one attribute among others,
/// "module." inside a name, where a part of the network alone was parallel, and dots in the module names of
/// torchvision's first DenseNets. Left out are counters of batch norms and of profilers, and what lies beside such an
/// attribute.
FittedNames fit_names(const std::map<std::string, Tensor>& given, const std::set<std::string>& expected);

}  // namespace qeval
