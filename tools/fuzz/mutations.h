#pragma once
/// Damage to files: what bit rot, a cut-off download and a hostile writer make of one. Thread-safety: free function;
/// the generator is the caller's. Errors: none.
#include <cstdint>
#include <random>
#include <vector>

namespace qeval {

using Bytes = std::vector<std::uint8_t>;

/// `seed` with one to eight changes; `other`: a file that pieces are taken from, too. The result depends on the
/// arguments alone, on every machine.
Bytes mutated(const Bytes& seed, const Bytes& other, std::mt19937_64& random);

}  // namespace qeval
