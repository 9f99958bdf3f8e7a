#include "pipeline/base/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <bit>

#include "pipeline/base/errors.h"

namespace qeval {

namespace {

void require(int succeeded) {
  if (succeeded != 1) throw InternalError("SHA-256 is not available from OpenSSL");
}

/// Looked for among OpenSSL's providers once, which takes longer than to hash a row; there until the program ends.
const EVP_MD* sha256_of_openssl() {
  static const EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return found;
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ && sha256_of_openssl());
  begin();
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

Sha256& Sha256::add_bytes(std::string_view bytes) {
  if (bytes.size() > pending_.size() - pending_bytes_) flush();
  if (bytes.size() > pending_.size()) {
    require(EVP_DigestUpdate(context_, bytes.data(), bytes.size()));
  } else {
    std::copy(bytes.begin(), bytes.end(), pending_.begin() + static_cast<std::ptrdiff_t>(pending_bytes_));
    pending_bytes_ += bytes.size();
  }
  return *this;
}

void Sha256::begin() { require(EVP_DigestInit_ex(context_, sha256_of_openssl(), nullptr)); }

void Sha256::flush() {
  require(EVP_DigestUpdate(context_, pending_.data(), pending_bytes_));
  pending_bytes_ = 0;
}

Sha256& Sha256::add(std::int64_t value) {
  std::array<char, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
  return add_bytes({bytes.data(), bytes.size()});
}

Sha256& Sha256::add(double value) { return add(std::bit_cast<std::int64_t>(value)); }

Sha256& Sha256::add(std::string_view value) {
  add(static_cast<std::int64_t>(value.size()));
  return add_bytes(value);
}

Sha256Digest Sha256::digest() {
  flush();
  Sha256Digest digest;
  unsigned int length = 0;
  require(EVP_DigestFinal_ex(context_, digest.data(), &length));
  begin();
  return digest;
}

std::string Sha256::hex() { return hex_text(digest()); }

std::string hex_text(const Sha256Digest& digest) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) text += {digits[byte >> 4], digits[byte & 15]};
  return text;
}

}  // namespace qeval
