#include "stages/infer/torch_runtime.h"

#include <malloc.h>

#include <array>
#include <mutex>
#include <new>
#include <string_view>

#include <ATen/Parallel.h>

#include "pipeline/base/current_error.h"

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

/// How oneDNN and CUDA's libraries, which have no exception class for it, say that memory could not be had. oneDNN's
/// constructors say no more than this; what it cannot do at all, ATen does not ask of it.
constexpr std::array memory_words{"out of memory",
                                  "can't allocate memory",
                                  "could not create a primitive",
                                  "could not create a memory",
                                  "could not execute a primitive",
                                  "ALLOC_FAILED"};

bool speaks_of_memory(std::string_view text) {
  for (const char* words : memory_words)
    if (text.find(words) != std::string_view::npos) return true;
  return false;
}

[[noreturn]] void throw_out_of_memory(const std::string& reason) {
  throw RunError(reason + "; out of memory: lower run.batch_size or run.replicas");
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

void rethrow_translated(const std::string& what) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const OtherWorkFailed&) {
    throw;
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace(), reason = what + ": " + text.substr(0, text.find('\n'));
    if (dynamic_cast<const c10::OutOfMemoryError*>(&error) || speaks_of_memory(text)) throw_out_of_memory(reason);
    throw RunError(reason);
  } catch (const std::bad_alloc&) {
    throw_out_of_memory(what);
  } catch (const std::exception& error) {
    if (speaks_of_memory(error.what())) throw_out_of_memory(what + ": " + error.what());
    throw current_error(what + ": ");
  } catch (...) {
    throw current_error(what + ": ");
  }
}

}  // namespace qeval
