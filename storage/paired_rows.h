#pragma once
/// The stored rows of two runs, image by image. Thread-safety and errors: as Database.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/database.h"
#include "storage/records.h"

namespace qeval {

/// What a run says of an image.
struct Outcome {
  enum class Status : std::uint8_t { ok, failed, not_finite };
  std::int64_t sample_id = 0;
  int label = -1, top1 = -1;  ///< −1: none
  bool right1 = false, right5 = false;
  Status status = Status::ok;
  // NaN where it is not known, 0 where the image was not usable.
  double probability = 0, margin = 0;
};

/// Of a run's images, in the order of the samples, which is that of the data set.
struct RunOutcomes {
  std::int64_t dataset_id = 0;
  std::vector<Outcome> rows;
};

/// Images whose largest logit several classes share: a rule, not the network, chose between them.
struct Ties {
  std::int64_t images = 0;
  std::int64_t right = 0;  ///< of them, top-1
};

Ties ties_of(const RunOutcomes& outcomes);

/// As they were committed: DatabaseError if they are not. `visit` is given the rows on the way; as require_sound_run.
RunOutcomes read_outcomes(Database& database, std::int64_t run_id,
                          const std::function<void(const PredictionRecord&)>& visit = {});

struct PairedRow {
  Outcome first, second;
};

struct PairedRows {
  std::vector<PairedRow> rows;                   ///< images that both evaluated, in the first run's order
  std::int64_t only_first = 0, only_second = 0;  ///< evaluated by one of them
  std::int64_t other_content = 0;                ///< among only_second: the name is the same, the file is not
  std::int64_t other_label = 0;                  ///< evaluated by both, with different labels, and not among the rows
};

/// Images of one data set are the same; of two, those of one name, content and label.
PairedRows pair_outcomes(Database& database, const RunOutcomes& first, const RunOutcomes& second);
PairedRows read_paired_rows(Database& database, std::int64_t first_run, std::int64_t second_run);

std::string read_sample_name(Database& database, std::int64_t sample_id);

/// Names of the classes of a run's data set, by index; none where it has none.
std::vector<std::string> read_class_names(Database& database, std::int64_t run_id);

}  // namespace qeval
