#include "tests/infer/oracle_run.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>

#include "stages/image/jpeg_decode.h"
#include "stages/infer/executor_library.h"
#include "stages/metrics/top_k.h"
#include "stages/quant/calibration.h"
#include "stages/quant/files/aimet_encodings.h"
#include "tests/support/shared_data.h"

namespace qeval::test {
namespace {

std::vector<std::uint8_t> read_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Calls `work(batch)` from two threads, batches started in order.
template <class Work>
void in_two_threads(std::size_t batches, const Work& work) {
  std::atomic<std::size_t> next{0};
  const auto worker = [&] {
    for (std::size_t batch; (batch = next++) < batches;) work(batch);
  };
  std::jthread first(worker), second(worker);
}

int count_hits(const std::vector<float>& logits, const std::vector<LabelledImage>& images, int k) {
  const std::size_t classes = logits.size() / images.size();
  int hits = 0;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const TopK top = top_k(std::span(logits).subspan(i * classes, classes));
    hits += std::find(top.classes.begin(), top.classes.begin() + k, images[i].label) != top.classes.begin() + k;
  }
  return hits;
}

bool near(std::pair<double, double> a, std::pair<double, double> b) {
  const double tolerance = 1e-4 * (b.second - b.first);
  return std::abs(a.first - b.first) <= tolerance && std::abs(a.second - b.second) <= tolerance;
}

std::string describe(const std::string& key, std::size_t channel, const Encoding& ours,
                     std::pair<double, double> theirs) {
  std::ostringstream text;
  text << key << " channel " << channel << ": [" << ours.min << ", " << ours.max << "], oracle [" << theirs.first
       << ", " << theirs.second << "]";
  return text.str();
}

/// Empty if all channels agree.
std::string first_difference(const std::string& key, const EncodingList& ours,
                             const std::vector<std::pair<double, double>>& theirs) {
  if (ours.size() != theirs.size()) return key + ": " + std::to_string(ours.size()) + " encodings";
  for (std::size_t i = 0; i < ours.size(); ++i)
    if (!near({ours[i].min, ours[i].max}, theirs[i])) return describe(key, i, ours[i], theirs[i]);
  return {};
}

bool same_floats(const EncodingList& ours, const std::vector<std::pair<double, double>>& theirs) {
  return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(), [](const Encoding& a, const auto& b) {
    return static_cast<float>(a.min) == static_cast<float>(b.first) &&
           static_cast<float>(a.max) == static_cast<float>(b.second);
  });
}

}  // namespace

std::vector<LabelledImage> sample_images(std::size_t count) {
  const auto root = shared_root() / "data/imagenet-sample";
  std::ifstream csv(root / "labels.csv");
  std::string line, path, synset, index;
  std::getline(csv, line);
  std::vector<LabelledImage> images;
  while (images.size() < count && std::getline(csv, line)) {
    std::istringstream row(line);
    std::getline(row, path, ',');
    std::getline(row, synset, ',');
    std::getline(row, index, ',');
    images.push_back({root / path, std::stoi(index)});
  }
  return images;
}

std::vector<float> load_images(const std::vector<LabelledImage>& images, std::size_t first, std::size_t count,
                               const Preprocessor& preprocessor) {
  const auto pixels = static_cast<std::size_t>(3 * preprocessor.out_height() * preprocessor.out_width());
  std::vector<float> slab(count * pixels);
  for (std::size_t i = 0; i < count; ++i) {
    const Image image = preprocessor.geometry(decode_jpeg(read_bytes(images[first + i].file)).image);
    preprocessor.normalize(image, std::span(slab).subspan(i * pixels, pixels));
  }
  return slab;
}

std::vector<float> classify(const Executor& executor, const Graph& graph, const std::vector<LabelledImage>& images,
                            const Preprocessor& preprocessor) {
  constexpr std::size_t batch_size = 8;
  const auto classes = static_cast<std::size_t>(graph.num_classes);
  std::vector<float> logits(images.size() * classes);
  in_two_threads(images.size() / batch_size, [&](std::size_t batch) {
    const auto slab = load_images(images, batch * batch_size, batch_size, preprocessor);
    executor.infer(slab, batch_size, std::span(logits).subspan(batch * batch_size * classes, batch_size * classes));
  });
  return logits;
}

EncodingTable calibrate(const Graph& graph, const QuantRecipe& recipe, const std::vector<LabelledImage>& images,
                        const std::vector<std::size_t>& first_rows, std::size_t batch_size,
                        const Preprocessor& preprocessor) {
  EncodingTable table = encodings_without_images(graph, recipe);
  ObserverBank bank(activation_call_sites(graph), activation_schemes(graph, recipe), recipe.mode);
  const auto executor = make_executor(graph, table, {"simulated", "cpu", recipe.mode});
  in_two_threads(first_rows.size(), [&](std::size_t batch) {
    executor->observe(load_images(images, first_rows[batch], batch_size, preprocessor), static_cast<int>(batch_size),
                      static_cast<std::int64_t>(batch), bank);
  });
  add_activation_encodings(graph, recipe, bank, table);
  return table;
}

int count_top1(const std::vector<float>& logits, const std::vector<LabelledImage>& images) {
  return count_hits(logits, images, 1);
}

int count_top5(const std::vector<float>& logits, const std::vector<LabelledImage>& images) {
  return count_hits(logits, images, 5);
}

float largest_difference(const std::vector<float>& a, const Tensor& b) {
  float largest = 0;
  for (std::size_t i = 0; i < b.values().size(); ++i) largest = std::max(largest, std::abs(a[i] - b.values()[i]));
  return largest;
}

OracleEncodings read_oracle_encodings(const std::filesystem::path& file) {
  std::ifstream in(file);
  const auto json = nlohmann::json::parse(in);
  OracleEncodings result;
  const auto add = [&](const std::string& key, const nlohmann::json& e) {
    result[key].emplace_back(e.at("min").get<double>(), e.at("max").get<double>());
  };
  for (const auto& [module, directions] : json.at("activation_encodings").items())
    for (const auto& [direction, entries] : directions.items()) add(module + ":" + direction, entries.at("0"));
  for (const auto& [parameter, channels] : json.at("param_encodings").items())
    for (const auto& channel : channels) add(parameter, channel);
  return result;
}

EncodingTable read_oracle_table(const Graph& graph, const std::filesystem::path& file) {
  const EncodingMap encodings = encodings_by_name(read_encodings_file(file));
  EncodingTable table;
  for (const Quantizer& quantizer : graph.quantizers) table.push_back(encodings.at(quantizer.key()));
  return table;
}

double share_within_a_step(const std::vector<float>& a, const Tensor& b, const Graph& graph,
                           const EncodingTable& table) {
  const double step = table.at(static_cast<std::size_t>(graph.nodes.back().output_quantizer)).at(0).scale;
  std::size_t within = 0;
  for (std::size_t i = 0; i < b.values().size(); ++i) within += std::abs(a[i] - b.values()[i]) <= 1.5 * step;
  return static_cast<double>(within) / static_cast<double>(b.values().size());
}

double share_equal(const std::vector<float>& a, const Tensor& b) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < b.values().size(); ++i) equal += a[i] == b.values()[i];
  return static_cast<double>(equal) / static_cast<double>(b.values().size());
}

int count_same_class(const std::vector<float>& a, const Tensor& b) {
  const auto classes = static_cast<std::size_t>(b.size(1));
  int same = 0;
  for (std::size_t row = 0; row < static_cast<std::size_t>(b.size(0)); ++row)
    same += top_k(std::span(a).subspan(row * classes, classes)).classes[0] ==
            top_k(b.values().subspan(row * classes, classes)).classes[0];
  return same;
}

int count_same_top5(const std::vector<float>& a, const std::vector<std::array<int, 5>>& top5) {
  const std::size_t classes = a.size() / top5.size();
  int same = 0;
  for (std::size_t row = 0; row < top5.size(); ++row)
    same += top_k(std::span(a).subspan(row * classes, classes)).classes == top5[row];
  return same;
}

EncodingComparison compare_encodings(const Graph& graph, const EncodingTable& table, const OracleEncodings& oracle) {
  EncodingComparison result;
  OracleEncodings left = oracle;
  for (std::size_t i = 0; i < table.size(); ++i) {
    for (const std::string& key : graph.quantizers[i].keys()) {
      const auto entry = left.find(key);
      if (entry == left.end()) {
        result.only_here.push_back(key);
        continue;
      }
      ++result.quantizers;
      result.bit_equal += same_floats(table[i], entry->second);
      const std::string difference = first_difference(key, table[i], entry->second);
      if (difference.empty())
        ++result.equal;
      else
        result.different.push_back(difference);
      left.erase(entry);
    }
  }
  for (const auto& [key, values] : left) result.only_in_oracle.push_back(key);
  return result;
}

std::string EncodingComparison::text() const {
  std::string text = std::to_string(equal) + " of " + std::to_string(quantizers) + " quantizers equal";
  for (const auto& line : different) text += "\n  " + line;
  for (const auto& key : only_in_oracle) text += "\n  only in the oracle: " + key;
  for (const auto& key : only_here) text += "\n  only here: " + key;
  return text;
}

}  // namespace qeval::test
