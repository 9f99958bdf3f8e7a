#include "stages/infer/build_identity.h"

#include "stages/infer/build_identity_text.h"

namespace qeval {

const char* build_identity() { return build_identity_text; }

}  // namespace qeval
