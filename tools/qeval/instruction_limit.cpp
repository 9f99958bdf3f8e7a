#include "tools/qeval/instruction_limit.h"

#include <cstdlib>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {

void limit_instruction_sets() {
  const char* name = std::getenv("QEVAL_MAX_ISA");
  if (!name) return;
  const auto limit = parse_isa(name);
  if (!limit)
    throw UsageError("QEVAL_MAX_ISA is '" + visible_name(name) +
                     "'; it can be baseline, avx2, avx-vnni, avx512 or amx");
  limit_isa(*limit);
}

}  // namespace qeval
