/// Deterministic mutants of valid files: each loads or ends in an InputError, nothing else.
#include <random>

#include "tests/model/weights_test_bytes.h"

namespace qeval::test {
namespace {

constexpr int mutants_per_format = 3000;

std::string mutate(std::string bytes, std::mt19937_64& random) {
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
    const std::size_t place = below(bytes.size());
    switch (below(6)) {
      case 0: bytes[place] = static_cast<char>(random()); break;
      case 1: bytes[place] = static_cast<char>(bytes[place] ^ (1 << below(8))); break;
      case 2: bytes[place] = static_cast<char>(below(2) ? 0xff : 0); break;
      case 3: bytes.erase(place, 1 + below(8)); break;
      case 4: bytes.insert(place, bytes.substr(below(bytes.size()), 1 + below(16))); break;
      default: bytes.resize(bytes.size() - below(std::min<std::size_t>(bytes.size(), 32))); break;
    }
    if (bytes.empty()) bytes = "x";
  }
  return bytes;
}

/// How many mutants loaded; any exception but InputError fails the test.
int load_mutants(const std::string& valid) {
  EXPECT_NO_THROW(load(valid));
  TempDir folder;
  int loaded = 0;
  for (int seed = 0; seed < mutants_per_format; ++seed) {
    std::mt19937_64 random(static_cast<std::uint64_t>(seed));
    const auto file = write_bytes(folder, mutate(valid, random));
    try {
      for (const auto& [name, tensor] : read_state_dict(file).tensors) EXPECT_GE(tensor.numel(), 0) << name;
      ++loaded;
    } catch (const InputError&) {
    } catch (const std::exception& error) {
      ADD_FAILURE() << "seed " << seed << ": " << error.what();
    }
  }
  return loaded;
}

Expression state(bool is_legacy) {
  return py_ordered_dict({{"conv.weight", py_tensor(py_storage("FloatStorage", "10", 6, is_legacy), 0, {2, 3}, {3, 1})},
                          {"conv.view", py_tensor(py_storage("FloatStorage", "10", 6, is_legacy), 1, {2, 2}, {1, 2})},
                          {"half", py_tensor(py_storage("HalfStorage", "11", 2, is_legacy), 0, {2}, {1})},
                          {"count", py_tensor(py_storage("LongStorage", "12", 1, is_legacy), 0, {}, {})}});
}
const std::string f32 = raw<float>({1, 2, 3, 4, 5, 6}), f16 = raw<std::uint16_t>({0x3c00, 0}),
                  i64 = raw<std::int64_t>({9});

// Some mutants must load (a changed weight is still a weight) and most must not, or the mutations miss their target.
TEST(MutatedWeights, ZipNeverCrashes) {
  const int loaded = load_mutants(pth_zip(state(false), {{"10", f32}, {"11", f16}, {"12", i64}}));
  EXPECT_GT(loaded, 0);
  EXPECT_LT(loaded, mutants_per_format / 2);
}

TEST(MutatedWeights, LegacyNeverCrashes) {
  const int loaded = load_mutants(pth_legacy(state(true), {{"10", 6, f32}, {"11", 2, f16}, {"12", 1, i64}}));
  EXPECT_GT(loaded, 0);
  EXPECT_LT(loaded, mutants_per_format / 2);
}

TEST(MutatedWeights, SafetensorsNeverCrashes) {
  const int loaded = load_mutants(safetensors(
      R"({"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F16","shape":[2],"data_offsets":[24,28]},)"
      R"("n":{"dtype":"I64","shape":[],"data_offsets":[28,36]}})",
      f32 + f16 + i64));
  EXPECT_GT(loaded, 0);
  EXPECT_LT(loaded, mutants_per_format / 2);
}

}  // namespace
}  // namespace qeval::test
