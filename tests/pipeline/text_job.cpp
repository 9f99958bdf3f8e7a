#include "tests/pipeline/text_job.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <sstream>
#include <thread>

namespace qeval::test {
namespace {

constexpr std::uint64_t modulus = 1'000'000'007;
constexpr std::uint64_t primes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41};

std::uint64_t mix(std::uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

std::string line_of(std::int64_t index) {
  std::string line;
  const std::uint64_t words = 1 + mix(static_cast<std::uint64_t>(index)) % 9;
  for (std::uint64_t w = 0; w < words; ++w)
    line += std::string(1 + mix(static_cast<std::uint64_t>(index) * 31 + w) % 12, 'x') + ' ';
  return line;
}

struct Words : Payload {
  explicit Words(LiveCount& count) : alive(count) { alive.enter(); }
  ~Words() override { alive.leave(); }
  LiveCount& alive;
  std::vector<std::string> words;
};

struct Sheet : Payload {
  Sheet(LiveCount& count, int size) : alive(count), checksums(static_cast<std::size_t>(size)) { alive.enter(); }
  ~Sheet() override { alive.leave(); }
  LiveCount& alive;
  std::vector<std::uint64_t> checksums;
  std::uint64_t total = 0;
};

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::uint64_t checksum_of(const std::vector<std::string>& words) {
  std::uint64_t checksum = 1;
  for (const std::string& word : words) checksum = (checksum * 43 + primes[word.size()]) % modulus;
  return checksum;
}

/// Depends on the order, unlike a sum.
std::uint64_t fold_of(const std::vector<std::uint64_t>& checksums) {
  return std::accumulate(checksums.begin(), checksums.end(), std::uint64_t{7},
                         [](std::uint64_t total, std::uint64_t c) { return (total * 47 + c) % modulus; });
}

std::string row_of(std::int64_t number, std::int64_t first, std::size_t size, std::uint64_t total) {
  return std::to_string(number) + ": lines " + std::to_string(first) + "+" + std::to_string(size) + " = " +
         std::to_string(total);
}

}  // namespace

void LiveCount::enter() {
  const int now = ++now_;
  int most = most_.load();
  while (now > most && !most_.compare_exchange_weak(most, now)) {
  }
}

TextJob::TextJob() {
  split.call = [this](Item& item) {
    before_split(item);
    auto words = std::make_unique<Words>(lines_alive);
    words->words = words_of(line_of(item.index));
    item.payload = std::move(words);
  };
  weigh.call = [this](Item& item) {
    before_weigh(item);
    auto& sheet = static_cast<Sheet&>(*item.batch->payload);
    sheet.checksums[static_cast<std::size_t>(item.slot)] = checksum_of(static_cast<Words&>(*item.payload).words);
  };
  fold.call = [this](Batch& batch) {
    before_fold(batch);
    auto& sheet = static_cast<Sheet&>(*batch.payload);
    sheet.total = fold_of(sheet.checksums);
  };
  write.call = [this](Batch& batch) {
    before_write(batch);
    std::string row = row_of(batch.number, batch.first_index, static_cast<std::size_t>(batch.size),
                             static_cast<Sheet&>(*batch.payload).total);
    for (std::size_t slot = 0; slot < batch.failures.size(); ++slot)
      if (const auto& failure = batch.failures[slot])
        row += " [" + std::to_string(slot) + " " + failure->stage + "/" + failure->kind + "/" + failure->message + "]";
    rows.push_back(row);
  };
}

GraphSpec TextJob::spec(std::int64_t items, int batch_size) {
  GraphSpec spec;
  spec.item_count = items;
  spec.batch_size = batch_size;
  spec.batch_numbers.resize(static_cast<std::size_t>((items + batch_size - 1) / batch_size));
  std::iota(spec.batch_numbers.begin(), spec.batch_numbers.end(), 0);
  spec.item_nodes = {{"split", &split, 0}, {"weigh", &weigh, 0}};
  spec.batch_node = {"fold", &fold, 2};
  spec.sink_node = {"write", &write};
  spec.threads = 4;
  spec.make_payload = [this](const Batch& batch) {
    before_payload(batch);
    ++sheets_made;
    return std::make_unique<Sheet>(sheets_alive, batch.size);
  };
  return spec;
}

std::string expected_row(std::int64_t number, std::int64_t items, int batch_size) {
  const std::int64_t first = number * batch_size;
  std::vector<std::uint64_t> checksums;
  for (std::int64_t i = first; i < std::min(first + batch_size, items); ++i)
    checksums.push_back(checksum_of(words_of(line_of(i))));
  return row_of(number, first, checksums.size(), fold_of(checksums));
}

void jitter(std::uint64_t seed, std::int64_t key) {
  const std::uint64_t draw = mix(seed * 1000003 + static_cast<std::uint64_t>(key));
  if (draw % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(draw / 4 % 300));
}

}  // namespace qeval::test
