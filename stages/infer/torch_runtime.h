#pragma once
/// Process-wide and per-thread settings of LibTorch, and its exceptions in our words.
/// Thread-safety: any thread.
#include <string>
#include <utility>

#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include "pipeline/errors.h"

namespace qeval {

/// Makes the calling thread compute alone (no OpenMP or MKL team, no inter-op pool): parallelism comes from several
/// batches at once, and the order of additions must not depend on the number of cores. Cheap after the first call.
void use_one_thread_per_call();

/// Keeps freed activations in the process. glibc would return each large block to the kernel at once, and zeroing and
/// mapping it anew costs a third of a layer's time. Affects the whole process; called once when the library starts.
void keep_freed_memory();

/// RunError with LibTorch's first line; names memory when that was the reason.
[[noreturn]] void throw_run_error(const std::string& what, const c10::Error& error);

/// Runs `body` in inference mode on this thread alone. The guard is thread-local, so it is taken inside each call.
template <class Body>
auto run_in_torch(const std::string& what, Body&& body) {
  use_one_thread_per_call();
  const c10::InferenceMode guard;
  try {
    return std::forward<Body>(body)();
  } catch (const c10::Error& error) {
    throw_run_error(what, error);
  } catch (const std::bad_alloc&) {
    throw RunError(what + ": out of memory; use a smaller run.batch_size or fewer replicas");
  }
}

}  // namespace qeval
