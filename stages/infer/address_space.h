#pragma once
/// Asks the kernel for room before somebody who aborts without it does.
/// Thread-safety: any thread; what others map meanwhile is not foreseen.
#include <cstddef>
#include <string>

namespace qeval {

/// RunError that names the limit in the way unless this process may map `total` more bytes, `writable` of them its own
/// to write to. `what` needs them. Nothing stays mapped.
void require_address_space(const std::string& what, std::size_t total, std::size_t writable);

}  // namespace qeval
