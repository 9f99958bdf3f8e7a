#pragma once
/// All that the program finds in libqeval_infer.so by name. The rest of the library is hidden: of whatever both sides
/// hold, each calls its own copy, on objects that both must see alike. That is so if both are of one build.
/// Thread-safety: any thread. Errors: none; ExecutorFactory says which its functions throw.
#include <atomic>

#include "stages/infer/executor_factory.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

#pragma GCC visibility push(default)
extern "C" {

/// To be compared with build_identity() before anything else is called. Never rename, never change: libraries of other
/// builds are told by it.
const char* qeval_build_identity() noexcept;

/// The executors that need LibTorch, for as long as the process lives. Their loops obey the program's limit of
/// instruction sets, which is passed here.
// NOLINTNEXTLINE(clang-diagnostic-return-type-c-linkage): both sides are of one build
const qeval::ExecutorFactory& qeval_executors(std::atomic<qeval::Isa>& isa_limit) noexcept;

/// As active_isa() says inside the library.
qeval::Isa qeval_active_isa() noexcept;
}
#pragma GCC visibility pop
