#include "tools/fuzz/mutations.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace qeval {
namespace {

constexpr std::size_t largest_file = 4 << 20;
/// Headers and directories lie at a file's ends.
constexpr std::size_t dense_end = 2048;
constexpr std::array<std::int64_t, 14> extreme_numbers{
    0, 1, -1, 127, 128, 255, -128, INT16_MAX, 65536, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 1ll << 40};
constexpr std::array<std::string_view, 20> extreme_words{"null",        "true",     "\"\"",     "{}",
                                                         "[]",          "-1",       "0",        "1e999",
                                                         "NaN",         "-0.0",     "1e-400",   "99999999999999999999",
                                                         "\"\\ud800\"", "[[[[[[[[", "{\"a\":",  ",",
                                                         ":",           "\n",       "\xff\xfe", "${HOME}"};

// Not std::uniform_int_distribution, whose numbers differ between libraries.
std::size_t below(std::size_t bound, std::mt19937_64& random) { return bound == 0 ? 0 : random() % bound; }

std::size_t place_in(const Bytes& bytes, std::mt19937_64& random) {
  const std::size_t size = bytes.size();
  const std::size_t end = std::min(dense_end, size);
  switch (random() % 4) {
    case 0: return below(end, random);
    case 1: return size - end + below(end, random);
    default: return below(size, random);
  }
}

std::size_t length_at(const Bytes& bytes, std::size_t at, std::mt19937_64& random) {
  const std::size_t longest = std::size_t{1} << below(12, random);
  return std::min(bytes.size() - at, 1 + below(longest, random));
}

auto iterator_at(Bytes& bytes, std::size_t at) { return bytes.begin() + static_cast<std::ptrdiff_t>(at); }

void overwrite_number(Bytes& bytes, std::size_t at, std::mt19937_64& random) {
  const auto number = static_cast<std::uint64_t>(extreme_numbers.at(below(extreme_numbers.size(), random)));
  const std::size_t width = std::size_t{1} << below(4, random);
  const bool big_endian = random() % 2 == 0;
  for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i)
    bytes[at + i] = static_cast<std::uint8_t>(number >> (8 * (big_endian ? width - 1 - i : i)));
}

void insert_word(Bytes& bytes, std::size_t at, std::mt19937_64& random) {
  const std::string_view word = extreme_words.at(below(extreme_words.size(), random));
  bytes.insert(iterator_at(bytes, at), word.begin(), word.end());
}

void insert_piece(Bytes& bytes, std::size_t at, const Bytes& source, std::mt19937_64& random) {
  if (source.empty()) return;
  const std::size_t from = place_in(source, random), length = length_at(source, from, random);
  const Bytes piece(source.begin() + static_cast<std::ptrdiff_t>(from),
                    source.begin() + static_cast<std::ptrdiff_t>(from + length));
  bytes.insert(iterator_at(bytes, at), piece.begin(), piece.end());
}

void erase_piece(Bytes& bytes, std::size_t at, std::mt19937_64& random) {
  bytes.erase(iterator_at(bytes, at), iterator_at(bytes, at + length_at(bytes, at, random)));
}

void change(Bytes& bytes, const Bytes& other, std::mt19937_64& random) {
  const std::size_t at = place_in(bytes, random);
  if (bytes.empty()) return insert_word(bytes, at, random);
  switch (random() % 10) {
    case 0: bytes[at] = static_cast<std::uint8_t>(random()); break;
    case 1: bytes[at] ^= static_cast<std::uint8_t>(1u << random() % 8); break;
    case 2: bytes[at] = static_cast<std::uint8_t>(bytes[at] + (random() % 2 == 0 ? 1 : -1)); break;
    case 3: overwrite_number(bytes, at, random); break;
    case 4: insert_word(bytes, at, random); break;
    case 5: insert_piece(bytes, at, Bytes(bytes), random); break;
    case 6: insert_piece(bytes, at, other, random); break;
    case 7: erase_piece(bytes, at, random); break;
    case 8:
      std::fill_n(iterator_at(bytes, at), length_at(bytes, at, random), static_cast<std::uint8_t>(random()));
      break;
    default:
      if (random() % 4 == 0) bytes.resize(at);
      break;
  }
}

}  // namespace

Bytes mutated(const Bytes& seed, const Bytes& other, std::mt19937_64& random) {
  Bytes bytes = seed;
  const std::size_t changes = 1 + below(std::size_t{1} << below(4, random), random);
  for (std::size_t i = 0; i < changes; ++i) change(bytes, other, random);
  if (bytes.size() > largest_file) bytes.resize(largest_file);
  return bytes;
}

}  // namespace qeval
