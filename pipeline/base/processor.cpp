#include "pipeline/base/processor.h"

#if QEVAL_X86
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#else
#include <sys/auxv.h>
#include <sys/utsname.h>

#include <fstream>
#include <sstream>
#endif

namespace qeval {

#if QEVAL_X86

namespace {

struct CpuId {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  explicit CpuId(unsigned leaf, unsigned sub_leaf = 0) { __get_cpuid_count(leaf, sub_leaf, &eax, &ebx, &ecx, &edx); }
};

bool bit(std::uint32_t value, int number) { return (value >> number) & 1u; }

/// What of the registers' state the system saves. Only where CPUID says OSXSAVE.
std::uint32_t saved_states() {
  std::uint32_t low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

/// Linux gives tiles only to processes that have asked: the signal frames of all others stay small.
bool tiles_granted() {
  constexpr long request_permission = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  const CpuId version(1), seven(7);
  if (!bit(version.ecx, 27) || !bit(seven.edx, 24) || !bit(seven.edx, 25)) return false;
  const std::uint32_t saved = saved_states();
  return bit(saved, 17) && bit(saved, 18) && syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

}  // namespace

bool has_avx2() { return __builtin_cpu_supports("avx2"); }

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool has_avx_vnni() { return has_avx2() && bit(CpuId(7, 1).eax, 4); }

bool has_avx512_vnni() { return has_avx512() && bit(CpuId(7).ecx, 11); }

bool has_amx_int8() {
  static const bool granted = tiles_granted();
  return granted;
}

/// Vendor, family and model: oneDNN and MKL choose kernels and block sizes by them, and with those the order of sums.
std::string processor_model() {
  const CpuId vendor(0), version(1);
  std::array<char, 13> name{};
  std::memcpy(name.data(), &vendor.ebx, 4);
  std::memcpy(name.data() + 4, &vendor.edx, 4);
  std::memcpy(name.data() + 8, &vendor.ecx, 4);
  const std::uint32_t base = version.eax >> 8 & 15, family = base == 15 ? base + (version.eax >> 20 & 255) : base;
  const std::uint32_t model = (version.eax >> 4 & 15) | (version.eax >> 16 & 15) << 4;
  return std::string(name.data()) + " family " + std::to_string(family) + " model " + std::to_string(model);
}

std::string instruction_sets() {
  const CpuId seven(7), seven_one(7, 1);
  std::string text;
  const auto add = [&](bool present, const char* name) {
    if (!present) return;
    if (!text.empty()) text += ",";
    text += name;
  };
  add(bit(seven.ebx, 5), "avx2");
  add(bit(seven_one.eax, 4), "avx_vnni");
  add(bit(seven.ebx, 16), "avx512f");
  add(bit(seven.ecx, 11), "avx512_vnni");
  add(bit(seven_one.eax, 5), "avx512_bf16");
  add(bit(seven.edx, 23), "avx512_fp16");
  add(bit(seven.edx, 24), "amx_tile");
  add(bit(seven.edx, 25), "amx_int8");
  add(bit(seven.edx, 22), "amx_bf16");
  add(bit(seven_one.edx, 19), "avx10");
  return text.empty() ? "none" : text;
}

#else

bool has_avx2() { return false; }

bool has_avx512() { return false; }

bool has_avx_vnni() { return false; }

bool has_avx512_vnni() { return false; }

bool has_amx_int8() { return false; }

std::string processor_model() {
  utsname system{};
  std::string text = ::uname(&system) == 0 ? system.machine : "unknown";
  // The core's designer, kind and revision, where the kernel knows them.
  std::string identification;
  if (std::ifstream("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1") >> identification)
    text += " " + identification;
  return text;
}

std::string instruction_sets() {
  std::ostringstream text;
  text << std::hex << "hwcap " << ::getauxval(AT_HWCAP) << " " << ::getauxval(AT_HWCAP2);
  return text.str();
}

#endif

}  // namespace qeval
