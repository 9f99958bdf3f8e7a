#pragma once
/// The same work for many numbers at once, where nothing flows from one to the next. Thread-safety: blocks its caller.
#include <cstddef>
#include <functional>

namespace qeval {

/// Calls body(0) … body(count − 1), each once, on at most `threads` threads (≥ 1), the caller's among them. Errors: the
/// exception of the lowest number whose `body` throws, whatever the threads; then higher numbers may be left out.
void run_in_parallel(std::size_t count, int threads, const std::function<void(std::size_t)>& body);

}  // namespace qeval
