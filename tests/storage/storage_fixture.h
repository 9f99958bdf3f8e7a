#pragma once
/// A small run request and prediction rows that are a function of the ordinal, so that any two stores can be compared.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "storage/run_store.h"

namespace qeval::test {

inline constexpr int class_count = 10;

inline int label_of(std::int64_t ordinal) { return static_cast<int>(ordinal % class_count); }

/// Right first choice for 7 of 10 images, right within five for 9 of 10.
inline PredictionRecord prediction(std::int64_t ordinal) {
  PredictionRecord row;
  row.ordinal = ordinal;
  row.label = label_of(ordinal);
  const int rank_of_label = ordinal % 10 < 7 ? 0 : ordinal % 10 < 9 ? 3 : 5;
  for (int rank = 0; rank < 5; ++rank) {
    row.top[static_cast<std::size_t>(rank)] = (row.label + rank - rank_of_label + class_count) % class_count;
  }
  row.probability = 1.0 / (3.0 + static_cast<double>(ordinal));
  row.margin = row.probability / 7;
  row.width = 500;
  row.height = 375;
  row.warnings = static_cast<int>(ordinal % 3);
  row.xxh64 = 0xfedcba9876543210u - static_cast<std::uint64_t>(ordinal);
  return row;
}

inline PredictionRecord failed_prediction(std::int64_t ordinal) {
  PredictionRecord row;
  row.ordinal = ordinal;
  row.label = label_of(ordinal);
  row.status = "truncated";
  row.message = "ends after 17 of 4096 bytes";
  return row;
}

/// Images batch · batch_size … of a list of `total`.
inline std::vector<PredictionRecord> batch_rows(std::int64_t batch, std::int64_t batch_size, std::int64_t total) {
  std::vector<PredictionRecord> rows;
  const std::int64_t end = std::min((batch + 1) * batch_size, total);
  for (std::int64_t ordinal = batch * batch_size; ordinal < end; ++ordinal) rows.push_back(prediction(ordinal));
  return rows;
}

inline DatasetRecord dataset(std::int64_t images) {
  DatasetRecord record;
  record.name = "tiny";
  record.kind = "imagefolder";
  record.root = "/data/tiny";
  record.fingerprint = "fingerprint-" + std::to_string(images);
  record.class_count = class_count;
  for (int index = 0; index < class_count; ++index) record.class_names.push_back("class-" + std::to_string(index));
  for (std::int64_t ordinal = 0; ordinal < images; ++ordinal) {
    record.samples.push_back({"val/" + std::to_string(ordinal) + ".JPEG", label_of(ordinal), 100'000 + ordinal});
  }
  return record;
}

inline RunRequest request(std::int64_t images, const std::string& eval_key = "key-a") {
  RunRequest wanted;
  wanted.job = {"tiny-job", "/jobs/tiny.yaml", "name: tiny-job\n", "{\"name\":\"tiny-job\"}"};
  wanted.overrides_json = "{\"limit\":100}";
  wanted.variant = "w8a8";
  wanted.precision = "W8A8";
  wanted.executor = "simulated";
  wanted.mode = "aimet-1.24";
  wanted.device = "cpu";
  wanted.tags = "zoo,smoke";
  wanted.model = {"tiny.pth", "resnet18", "pth-zip", "/weights/tiny.pth", "abc123", 4096, 1000, class_count};
  wanted.dataset = dataset(images);
  wanted.recipe = RecipeRecord{"w8a8", "tf_enhanced", "aimet-1.24", "{}", 8, 8, false, true, true};
  wanted.eval_key = eval_key;
  wanted.key_components = {{"weights_sha256", "abc123"}, {"batch_size", "4"}};
  wanted.batch_size = 4;
  wanted.tool_version = "0.1.0";
  return wanted;
}

/// A whole run, start to end, in the given order of batches; computed with `encoding_set` if there is one.
inline RunRecord complete_run(RunStore& store, const RunRequest& wanted, const std::vector<std::int64_t>& batches,
                              std::optional<std::int64_t> encoding_set = std::nullopt) {
  const RunRecord run = store.create_run(wanted);
  if (encoding_set) store.set_encoding_set(run.id, *encoding_set);
  const std::int64_t attempt = store.begin_attempt(run.id, "cpu");
  for (const std::int64_t batch : batches) {
    store.commit_batch(run.id, batch, batch_rows(batch, wanted.batch_size, run.n_total));
  }
  store.finish_attempt(run.id, attempt, RunState::done, 2.5, "", 0);
  return *store.find_run(wanted.eval_key);
}

/// What `action` throws, as text; "" if it throws nothing.
template <class Expected, class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Expected& error) {
    return error.what();
  }
  return "";
}

}  // namespace qeval::test
