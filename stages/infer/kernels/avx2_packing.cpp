#include "stages/infer/kernels/avx2_packing.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "stages/infer/kernels/pair_limits.h"

namespace qeval {
namespace {

/// A tile's weights, and what is taken out of them.
struct TileWeights {
  std::vector<std::int8_t> values;  ///< [outputs][steps][4]
  std::array<std::vector<Outlier>, avx2_outputs> outliers;
};

std::size_t outlier_count(const TileWeights& tile) {
  std::size_t count = 0;
  for (const auto& list : tile.outliers) count += list.size();
  return count;
}

void take_out(std::int8_t* pair, int step, int half, std::vector<Outlier>& outliers) {
  if (pair[0] == 0 && pair[1] == 0) return;
  outliers.push_back(
      {static_cast<std::uint32_t>(step * avx2_pixels * 4), static_cast<std::uint32_t>(half), {pair[0], pair[1]}});
  pair[0] = pair[1] = 0;
}

TileWeights without_unsafe_pairs(TileWeights tile, int steps) {
  std::int8_t* pair = tile.values.data();
  for (auto& outliers : tile.outliers)
    for (int step = 0; step < steps; ++step)
      for (int half = 0; half < 2; ++half, pair += 2)
        if (!is_safe_pair(pair[0], pair[1])) take_out(pair, step, half, outliers);
  return tile;
}

/// Of two pairs that together are unsafe, the one that leaves a safe one, or both.
void separate(std::int8_t* first, int step, int half, std::vector<Outlier>& outliers) {
  std::int8_t* second = first + 4;
  if (is_safe_four(first[0], first[1], second[0], second[1])) return;
  const bool first_safe = is_safe_pair(first[0], first[1]), second_safe = is_safe_pair(second[0], second[1]);
  if (second_safe || !first_safe) take_out(first, step, half, outliers);
  if (!second_safe) take_out(second, step + 1, half, outliers);
}

TileWeights without_unsafe_fours(TileWeights tile, int steps) {
  for (int o = 0; o < avx2_outputs; ++o) {
    std::int8_t* row = tile.values.data() + static_cast<std::ptrdiff_t>(o) * steps * 4;
    auto& outliers = tile.outliers[static_cast<std::size_t>(o)];
    for (int step = 0; step + 1 < steps; step += 2)
      for (int half = 0; half < 2; ++half) separate(row + step * 4 + half * 2, step, half, outliers);
    if (steps % 2 == 0) continue;
    for (int half = 0; half < 2; ++half) {
      std::int8_t* pair = row + (steps - 1) * 4 + half * 2;
      if (!is_safe_pair(pair[0], pair[1])) take_out(pair, steps - 1, half, outliers);
    }
  }
  return tile;
}

/// What the forms are compared by: measured times of a step of 4 outputs, and of an outlier, the fastest being 20.
std::int64_t cost(Avx2Form form, int steps, const TileWeights& tile) {
  constexpr std::int64_t per_outlier = 8, fours_step = 20, pairs_step = 23, words_step = 37;
  const std::int64_t each = form == Avx2Form::fours ? fours_step : form == Avx2Form::pairs ? pairs_step : words_step;
  return each * steps + per_outlier * static_cast<std::int64_t>(outlier_count(tile));
}

TileWeights tile_weights(std::span<const std::int8_t> weights, int rows, int steps, int first) {
  TileWeights tile;
  const auto row = static_cast<std::size_t>(steps) * 4;
  tile.values.resize(row * avx2_outputs);
  const auto count = static_cast<std::size_t>(std::min(avx2_outputs, rows - first));
  std::ranges::copy(weights.subspan(static_cast<std::size_t>(first) * row, count * row), tile.values.begin());
  return tile;
}

void append_matrix(const TileWeights& tile, int steps, Avx2Form form, std::vector<std::byte>& packed) {
  for (int step = 0; step < steps; ++step)
    for (int o = 0; o < avx2_outputs; ++o) {
      const std::int8_t* quad = tile.values.data() + (static_cast<std::ptrdiff_t>(o) * steps + step) * 4;
      const std::int16_t words[] = {quad[0], quad[2], quad[1], quad[3]};
      const auto bytes = form == Avx2Form::words ? std::as_bytes(std::span(words)) : std::as_bytes(std::span(quad, 4));
      packed.insert(packed.end(), bytes.begin(), bytes.end());
    }
}

void align(std::vector<std::byte>& packed) {
  packed.resize((packed.size() + packed_alignment - 1) / packed_alignment * packed_alignment);
}

void append_tile(const TileWeights& tile, int steps, Avx2Form form, std::vector<std::byte>& packed) {
  const std::size_t begin = packed.size();
  Avx2Tile header;
  header.form = form;
  packed.resize(begin + sizeof header);
  std::int32_t end = 0;
  for (std::size_t o = 0; o < avx2_outputs; ++o) {
    const auto bytes = std::as_bytes(std::span(tile.outliers[o]));
    packed.insert(packed.end(), bytes.begin(), bytes.end());
    header.outliers_end[o] = end += static_cast<std::int32_t>(tile.outliers[o].size());
  }
  align(packed);
  header.matrix = static_cast<std::int32_t>(packed.size() - begin);
  std::memcpy(packed.data() + begin, &header, sizeof header);
  append_matrix(tile, steps, form, packed);
  align(packed);
}

void append_fastest(const TileWeights& tile, int steps, std::vector<std::byte>& packed) {
  const TileWeights fours = without_unsafe_fours(tile, steps), pairs = without_unsafe_pairs(tile, steps);
  const auto fours_cost = cost(Avx2Form::fours, steps, fours), pairs_cost = cost(Avx2Form::pairs, steps, pairs);
  const auto words_cost = cost(Avx2Form::words, steps, tile);
  if (words_cost < std::min(fours_cost, pairs_cost)) return append_tile(tile, steps, Avx2Form::words, packed);
  if (fours_cost <= pairs_cost) return append_tile(fours, steps, Avx2Form::fours, packed);
  append_tile(pairs, steps, Avx2Form::pairs, packed);
}

}  // namespace

std::vector<std::byte> pack_avx2(std::span<const std::int8_t> weights, int rows, int steps) {
  check_weights(weights, rows, steps);
  const int tiles = (rows + avx2_outputs - 1) / avx2_outputs;
  auto packed = packed_bytes(rows, steps, static_cast<std::size_t>(tiles) * sizeof(std::int64_t));
  align(packed);
  for (int tile = 0; tile < tiles; ++tile) {
    const auto offset = static_cast<std::int64_t>(packed.size());
    std::memcpy(packed.data() + packed_alignment + static_cast<std::size_t>(tile) * sizeof offset, &offset,
                sizeof offset);
    append_fastest(tile_weights(weights, rows, steps, tile * avx2_outputs), steps, packed);
  }
  return packed;
}

}  // namespace qeval
