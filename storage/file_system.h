#pragma once
/// Which kind of file system a path is on. Thread-safety: free functions.
#include <filesystem>

namespace qeval {

/// By the number statfs reports. FUSE counts as a network: what lies behind it is unknown.
bool is_network_file_system(unsigned long statfs_type);

/// Of an existing path; false where the kernel does not say.
bool is_on_network_file_system(const std::filesystem::path& path);

}  // namespace qeval
