#pragma once
/// Process-wide and per-thread settings of LibTorch, and its exceptions in our words.
/// Thread-safety: any thread.
#include <string>
#include <utility>

#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include "pipeline/base/errors.h"

namespace qeval {

/// Makes the calling thread compute alone (no OpenMP or MKL team, no inter-op pool): parallelism comes from several
/// batches at once, and the order of additions must not depend on the number of cores. Cheap after the first call.
void use_one_thread_per_call();

/// Keeps freed activations in the process. glibc would return each large block to the kernel at once, and zeroing and
/// mapping it anew costs a third of a layer's time. Affects the whole process; called once when the library starts.
void keep_freed_memory();

/// The exception being handled as an Error: RunError with LibTorch's first line, and with advice where memory was the
/// reason; what is neither LibTorch's nor oneDNN's as current_error says. Our own errors go on as they are.
[[noreturn]] void rethrow_translated(const std::string& what);

/// Everything that calls LibTorch runs in this: none of its exceptions leaves the library.
template <class Body>
auto translating_errors(const std::string& what, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    rethrow_translated(what);
  }
}

/// Runs `body` in inference mode on this thread alone. The guard is thread-local, so it is taken inside each call.
template <class Body>
auto run_in_torch(const std::string& what, Body&& body) {
  return translating_errors(what, [&] {
    use_one_thread_per_call();
    const c10::InferenceMode guard;
    return std::forward<Body>(body)();
  });
}

}  // namespace qeval
