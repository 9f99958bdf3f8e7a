#pragma once
/// The stored rows of two runs, image by image. Thread-safety and errors: as Database.
#include <cstdint>
#include <string>
#include <vector>

#include "storage/database.h"

namespace qeval {

/// What a run says of an image.
struct Outcome {
  enum class Status : std::uint8_t { ok, failed, not_finite };
  std::int64_t sample_id = 0;
  int label = -1, top1 = -1;  ///< −1: none
  bool right1 = false, right5 = false;
  Status status = Status::ok;
  double margin = 0;  ///< NaN where it is not known, 0 where the image was not usable
};

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
PairedRows read_paired_rows(Database& database, std::int64_t first_run, std::int64_t second_run);

std::string read_sample_name(Database& database, std::int64_t sample_id);

/// Names of the classes of a run's data set, by index; none where it has none.
std::vector<std::string> read_class_names(Database& database, std::int64_t run_id);

}  // namespace qeval
