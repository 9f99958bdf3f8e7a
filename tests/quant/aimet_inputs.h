#pragma once
/// The synthetic inputs of shared/oracle/aimet-vectors.json, made from their recipes: a 32-bit linear congruential
/// generator and sums of twelve uniform numbers.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace qeval::test {

using Batches = std::vector<std::vector<float>>;

class Lcg {
 public:
  explicit Lcg(std::uint32_t seed) : state_(seed) {}
  double uniform() {
    state_ = 1664525u * state_ + 1013904223u;
    return state_ / 4294967296.0;
  }
  double normal_like() {
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum - 6;
  }

 private:
  std::uint32_t state_;
};

inline std::vector<float> normal_input(std::uint32_t seed, double a, double b) {
  Lcg random(seed);
  std::vector<float> values(4096);
  for (float& x : values) x = static_cast<float>(random.normal_like() * a + b);
  return values;
}

inline std::vector<float> uniform_input(std::uint32_t seed, double a) {
  Lcg random(seed);
  std::vector<float> values(4096);
  for (float& x : values) x = static_cast<float>(random.uniform() * a);
  return values;
}

inline std::vector<float> relu(std::vector<float> values) {
  for (float& x : values) x = std::max(x, 0.0f);
  return values;
}

inline std::vector<float> scaled(std::vector<float> values, float factor) {
  for (float& x : values) x *= factor;
  return values;
}

/// The batches of one named input.
inline Batches aimet_input(const std::string& name) {
  const auto a = normal_input(1, 1, 0);
  const auto d = normal_input(3, 4, 0);
  const auto w = normal_input(5, 0.0625, 0);
  if (name == "A") return {a};
  if (name == "B=relu(A)") return {relu(a)};
  if (name == "C") return {normal_input(2, 2, 2)};
  if (name == "D") return {d};
  if (name == "U") return {uniform_input(4, 6)};
  if (name == "W") return {w};
  if (name == "A then D") return {a, d};
  if (name == "B then relu(D)") return {relu(a), relu(d)};
  if (name == "const4") return {std::vector<float>(600, 4.0f)};
  if (name == "const-5") return {std::vector<float>(600, -5.0f)};
  if (name == "zeros") return {std::vector<float>(600, 0.0f)};
  if (name == "zeros then A") return {std::vector<float>(600, 0.0f), a};
  if (name == "negrelu(-A)") return {scaled(relu(a), -1.0f)};
  if (name == "tiny") return {scaled(a, 0x1p-20f)};
  if (name == "Wout") {
    auto changed = w;
    changed[0] = 1.5f;
    changed[1] = -1.25f;
    return {changed};
  }
  if (name == "S=relu(A)+outlier40") {
    auto longer = relu(a);
    longer.push_back(40.0f);
    return {longer};
  }
  throw std::runtime_error("no recipe for input " + name);
}

}  // namespace qeval::test
