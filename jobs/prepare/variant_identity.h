#pragma once
/// What decides every stored bit of a variant, in three keys that build on one another. Plain values.
#include <string>

#include "jobs/language/identity.h"

namespace qeval {

struct KeyedPart {
  KeyComponents components;
  std::string key;  ///< make_key(components); empty if the variant has no such part
};

struct VariantIdentity {
  KeyedPart tuning;  ///< of what images change in the network
  KeyedPart encodings;
  KeyedPart evaluation;  ///< of the run
};

}  // namespace qeval
