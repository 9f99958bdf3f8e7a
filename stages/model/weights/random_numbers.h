#pragma once
/// Random numbers that are the same bits on every machine: integer generators and IEEE basic arithmetic only, no libm.
/// Thread-safety: none.
#include <array>
#include <cstdint>

namespace qeval {

/// xoshiro256** (Blackman and Vigna), seeded by splitmix64.
class RandomNumbers {
 public:
  explicit RandomNumbers(std::uint64_t seed);

  std::uint64_t bits();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  /// Standard normal (Marsaglia's polar method).
  double normal();

 private:
  std::array<std::uint64_t, 4> state_{};
  double spare_ = 0;
  bool has_spare_ = false;
};

/// Natural logarithm of a normal positive number, to about 1e-15 relative.
double portable_log(double x);
/// e^x for |x| ≤ 700, to about 1e-15 relative.
double portable_exp(double x);

}  // namespace qeval
