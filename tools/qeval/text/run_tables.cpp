#include "tools/qeval/text/run_tables.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/core.h>

#include "jobs/prepare/environment_parts.h"
#include "pipeline/base/sha256.h"
#include "tools/qeval/text/class_cell.h"
#include "tools/qeval/text/score_text.h"

namespace qeval {
namespace {

Cell image_cell(const RunRows& rows, const PredictionRecord& p) {
  const auto at = static_cast<std::size_t>(p.ordinal);
  return at < rows.images.size() ? Cell(rows.images[at].name) : Cell();
}

Cell rounded(double value) { return Cell::real(value, fmt::format("{:.3f}", value)); }

std::vector<Cell> prediction_row(const RunRows& rows, const PredictionRecord& p) {
  const bool failed = !p.is_answered();
  std::vector<Cell> row{p.ordinal, image_cell(rows, p), p.label, class_cell(rows.classes, p.label)};
  for (const int top : p.top) row.push_back(top < 0 ? Cell() : Cell(top));
  for (const int top : p.top) row.push_back(class_cell(rows.classes, top));
  row.push_back(failed ? Cell() : Cell(p.probability));
  row.push_back(failed ? Cell() : Cell(p.margin));
  row.push_back(p.status);
  return row;
}

std::vector<Cell> prediction_row_for_people(const RunRows& rows, const PredictionRecord& p) {
  const bool failed = !p.is_answered();
  return {image_cell(rows, p), class_cell(rows.classes, p.label),
          failed ? Cell(p.status) : class_cell(rows.classes, p.top[0]), failed ? Cell() : rounded(p.probability),
          failed ? Cell() : rounded(p.margin)};
}

struct ClassScore {
  std::int64_t images = 0, failed = 0, right1 = 0, right5 = 0;
};

std::map<int, ClassScore> class_scores(const std::vector<PredictionRecord>& predictions) {
  std::map<int, ClassScore> scores;
  for (const PredictionRecord& p : predictions) {
    ClassScore& score = scores[p.label];
    ++score.images;
    if (!p.is_answered()) {
      ++score.failed;
      continue;
    }
    score.right1 += p.top[0] == p.label;
    score.right5 += std::find(p.top.begin(), p.top.end(), p.label) != p.top.end();
  }
  return scores;
}

/// All encodings of a quantizer.
struct LayerEncodings {
  EncodingRecord first;
  std::int64_t count = 0;
  double min = 0, max = 0, least_scale = 0, largest_scale = 0;
};

void add_encoding(const EncodingRecord& e, LayerEncodings& all) {
  if (all.count++ == 0) {
    all.first = e;
    all.min = e.min;
    all.max = e.max;
    all.least_scale = all.largest_scale = e.scale;
    return;
  }
  all.min = std::min(all.min, e.min);
  all.max = std::max(all.max, e.max);
  all.least_scale = std::min(all.least_scale, e.scale);
  all.largest_scale = std::max(all.largest_scale, e.scale);
}

/// Quantizers of one layer stand together, layers in the order of their first one.
std::vector<LayerEncodings> by_layer(const std::vector<EncodingRecord>& encodings) {
  std::map<std::pair<std::string, std::string>, LayerEncodings> quantizers;  // by role and tensor
  std::vector<std::pair<std::string, std::string>> order;
  std::map<std::string, std::size_t> layers;
  for (const EncodingRecord& e : encodings) {
    const std::pair key(e.role, e.tensor);
    if (quantizers.count(key) == 0) order.push_back(key);
    layers.emplace(e.layer, layers.size());
    add_encoding(e, quantizers[key]);
  }
  std::vector<LayerEncodings> all;
  for (const auto& key : order) all.push_back(std::move(quantizers[key]));
  std::stable_sort(all.begin(), all.end(), [&](const LayerEncodings& a, const LayerEncodings& b) {
    return layers[a.first.layer] < layers[b.first.layer];
  });
  return all;
}

std::string between(double low, double high, const char* sign) {
  return low == high ? fmt::format("{:.4g}", low) : fmt::format("{:.4g}{}{:.4g}", low, sign, high);
}

std::vector<Cell> layer_row_for_people(const LayerEncodings& q) {
  const bool half = std::isnan(q.min);
  return {q.first.tensor, q.first.bits, half ? Cell("half precision") : Cell(between(q.min, q.max, " … ")),
          half ? Cell() : Cell(between(q.least_scale, q.largest_scale, " … ")), q.count};
}

Cell digest_cell(const SampleRecord& image) {
  Sha256Digest digest;
  if (image.sha256.size() != digest.size()) return {};
  std::copy(image.sha256.begin(), image.sha256.end(), digest.begin());
  return hex_text(digest);
}

}  // namespace

Table predictions_table(const RunRows& rows, TableFormat format) {
  Table table;
  const bool people = is_for_people(format);
  if (people)
    table.columns = {"image", "class", "answer", "probability", "margin"};
  else
    table.columns = {"ordinal",    "image",      "label",       "class",      "top1",       "top2",
                     "top3",       "top4",       "top5",        "class_top1", "class_top2", "class_top3",
                     "class_top4", "class_top5", "probability", "margin",     "status"};
  for (const PredictionRecord& p : rows.predictions)
    table.rows.push_back(people ? prediction_row_for_people(rows, p) : prediction_row(rows, p));
  return table;
}

Table class_scores_table(const RunRows& rows, TableFormat format) {
  Table table;
  const bool people = is_for_people(format);
  if (people)
    table.columns = {"class", "images", "failed", "top-1 (95 %)", "top-5 (95 %)"};
  else
    table.columns = {"label", "class", "images", "failed", "right_top1", "right_top5"};
  for (const auto& [label, s] : class_scores(rows.predictions)) {
    const Cell name = class_cell(rows.classes, label);
    if (people)
      table.rows.push_back({name, s.images, s.failed, score_text(s.right1, s.images), score_text(s.right5, s.images)});
    else
      table.rows.push_back({label, name, s.images, s.failed, s.right1, s.right5});
  }
  return table;
}

Table layers_table(const std::vector<EncodingRecord>& encodings, TableFormat format) {
  Table table;
  const bool people = is_for_people(format);
  if (people)
    table.columns = {"tensor", "bits", "range", "scale", "encodings"};
  else
    table.columns = {"layer",     "tensor", "role", "bits",      "symmetric",
                     "encodings", "min",    "max",  "scale_min", "scale_max"};
  for (const LayerEncodings& q : by_layer(encodings)) {
    if (people)
      table.rows.push_back(layer_row_for_people(q));
    else
      table.rows.push_back({q.first.layer, q.first.tensor, q.first.role, q.first.bits, q.first.symmetric ? "yes" : "no",
                            q.count, q.min, q.max, q.least_scale, q.largest_scale});
  }
  return table;
}

Table images_table(const std::vector<SampleRecord>& images) {
  Table table{{"ordinal", "image", "label", "bytes", "sha256"}, {}};
  std::int64_t ordinal = 0;
  for (const SampleRecord& image : images)
    table.rows.push_back({ordinal++, image.name, image.label, image.bytes, digest_cell(image)});
  return table;
}

Table environment_table(const RunRecord& run, const Table& attempts) {
  Table table{{"name", "value"}, {{"qeval", run.tool_version}, {"executor", run.executor}, {"device", run.device}}};
  if (const auto found = run.key_components.find("environment"); found != run.key_components.end())
    for (const auto& [name, value] : environment_parts(found->second)) table.rows.push_back({name, value});
  const auto host = std::find(attempts.columns.begin(), attempts.columns.end(), "host") - attempts.columns.begin();
  std::set<std::string> seen;
  for (const auto& attempt : attempts.rows)
    if (seen.insert(attempt[static_cast<std::size_t>(host)].text()).second)
      table.rows.push_back({"host", attempt[static_cast<std::size_t>(host)]});
  return table;
}

}  // namespace qeval
