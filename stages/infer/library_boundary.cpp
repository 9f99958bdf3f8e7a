#include "stages/infer/library_boundary.h"

#include "stages/infer/build_identity.h"
#include "stages/infer/torch_executors.h"

const char* qeval_build_identity() noexcept { return qeval::build_identity(); }

const qeval::ExecutorFactory& qeval_executors(std::atomic<qeval::Isa>& isa_limit) noexcept {
  qeval::share_isa_limit(isa_limit);
  return qeval::torch_executors();
}

qeval::Isa qeval_active_isa() noexcept { return qeval::active_isa(); }
