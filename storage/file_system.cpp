#include "storage/file_system.h"

#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace qeval {

bool is_network_file_system(unsigned long statfs_type) {
  // Some kernels sign-extend the 32-bit number.
  const auto type = static_cast<std::uint32_t>(statfs_type);
  constexpr std::array<std::uint32_t, 17> network_types{
      0x6969,      // NFS
      0x517b,      // SMB
      0xfe534d42,  // SMB2
      0xff534d42,  // CIFS
      0x0bd00bd0,  // Lustre
      0x65735546,  // FUSE
      0x01021997,  // 9p
      0x00c36400,  // Ceph
      0x47504653,  // GPFS
      0x19830326,  // BeeGFS
      0xaad7aaea,  // PanFS
      0x20030528,  // OrangeFS
      0x01161970,  // GFS2
      0x7461636f,  // OCFS2
      0x5346414f,  // AFS (OpenAFS)
      0x6b414653,  // AFS (kernel)
      0x73757245,  // Coda
  };
  return std::find(network_types.begin(), network_types.end(), type) != network_types.end();
}

bool is_on_network_file_system(const std::filesystem::path& path) {
  struct statfs info{};
  return statfs(path.c_str(), &info) == 0 && is_network_file_system(static_cast<unsigned long>(info.f_type));
}

}  // namespace qeval
