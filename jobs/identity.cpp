#include "jobs/identity.h"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "pipeline/errors.h"

namespace qeval {
namespace {

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) fail();
  }
  void update(const void* data, std::size_t size) {
    if (EVP_DigestUpdate(context_.get(), data, size) != 1) fail();
  }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_DigestFinal_ex(context_.get(), digest.data(), &size) != 1) fail();
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
      text += digits[digest[i] >> 4];
      text += digits[digest[i] & 15];
    }
    return text;
  }

 private:
  [[noreturn]] static void fail() { throw InternalError("OpenSSL refused to compute a SHA-256"); }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes.data(), bytes.size());
  return hash.hex();
}

std::string sha256_file(const std::filesystem::path& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(file.c_str(), "rb"), std::fclose);
  if (!stream) throw InputError(file.string() + ": cannot be opened: " + std::strerror(errno));
  Sha256 hash;
  std::vector<char> buffer(1 << 20);
  errno = 0;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), stream.get())) {
    hash.update(buffer.data(), size);
  }
  if (std::ferror(stream.get())) throw InputError(file.string() + ": cannot be read: " + std::strerror(errno));
  return hash.hex();
}

std::string canonical_json(const KeyComponents& components) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, text] : components) json[name] = text;
  try {
    return json.dump();
  } catch (const nlohmann::json::type_error&) {
    throw UsageError("a component of the run's key is not UTF-8 text");
  }
}

std::string make_key(const KeyComponents& components) { return sha256_hex(canonical_json(components)); }

std::string differing_components(const KeyComponents& have, const KeyComponents& wanted) {
  std::string names;
  for (const auto& [name, value] : wanted) {
    const auto found = have.find(name);
    if (found == have.end() || found->second != value) names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

}  // namespace qeval
