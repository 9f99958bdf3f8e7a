#pragma once
/// SHA-256 over a stream of bytes, or of typed values, each written in one fixed form, so that the digest does not
/// depend on the machine. Thread-safety: one thread at a time. Errors: InternalError if OpenSSL refuses.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace qeval {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// 64 lower-case hexadecimal digits.
std::string hex_text(const Sha256Digest& digest);

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  Sha256& add_bytes(std::string_view bytes);  ///< as they are
  Sha256& add(std::int64_t value);            ///< 8 bytes, little-endian
  Sha256& add(double value);                  ///< its bit pattern, as above
  Sha256& add(std::string_view value);        ///< length as above, then the bytes

  /// Ends the stream; what is added later begins another.
  Sha256Digest digest();
  /// hex_text of it. Ends the stream as well.
  std::string hex();

 private:
  void begin();
  void flush();

  evp_md_ctx_st* context_;
  std::array<char, 256> pending_;  ///< OpenSSL's way through its layers costs more than to hash a few bytes
  std::size_t pending_bytes_ = 0;
};

}  // namespace qeval
