#include "stages/infer/torch_runtime.h"

#include <malloc.h>

#include <mutex>

#include <ATen/Parallel.h>

namespace qeval {
namespace {

void limit_inter_op_pool() {
  static std::once_flag once;
  std::call_once(once, [] {
    try {
      at::set_num_interop_threads(1);
    } catch (const c10::Error&) {
      // Somebody in this process started the pool already. Nothing here submits work to it.
    }
  });
}

}  // namespace

void use_one_thread_per_call() {
  limit_inter_op_pool();
  // OpenMP's and MKL's team sizes are per thread: a new worker starts with a team of all cores.
  thread_local const bool limited = (at::set_num_threads(1), true);
  static_cast<void>(limited);
}

void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_ARENA_MAX, 1);
#endif
}

void throw_run_error(const std::string& what, const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  std::string message = what + ": " + text.substr(0, text.find('\n'));
  if (text.find("out of memory") != std::string::npos || text.find("can't allocate memory") != std::string::npos)
    message += "; use a smaller run.batch_size or fewer replicas";
  throw RunError(message);
}

}  // namespace qeval
