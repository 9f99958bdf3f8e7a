#pragma once
/// Access to shared/oracle/aimet-vectors.json and the digests in it.
#include <fstream>
#include <span>
#include <string>

#include <openssl/sha.h>
#include <nlohmann/json.hpp>

#include "stages/quant/analyzers/observer.h"
#include "tests/support/shared_data.h"

namespace qeval::test {

inline constexpr const char* vectors_path = "oracle/aimet-vectors.json";

inline const nlohmann::json& aimet_vectors() {
  static const nlohmann::json vectors = nlohmann::json::parse(std::ifstream(shared_root() / vectors_path));
  return vectors;
}

/// Hexadecimal SHA-256 of the values as little-endian f32.
inline std::string sha256_hex(std::span<const float> values) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(values.data()), values.size_bytes(), digest);
  std::string hex;
  for (const unsigned char byte : digest) {
    constexpr char digits[] = "0123456789abcdef";
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

inline QuantizerSettings settings_of(const nlohmann::json& row) {
  const auto mode = row.at("mode").get<std::string>();
  QuantizerSettings settings;
  settings.bits = row.at("bitwidth").get<int>();
  settings.symmetric = mode != "asymmetric";
  settings.strict_symmetric = mode == "symmetric_strict";
  settings.unsigned_symmetric = mode == "symmetric_unsigned";
  settings.percentile = row.value("percentile", 100.0);
  return settings;
}

}  // namespace qeval::test
