#pragma once
/// What a report says of stored runs. Plain values, with all figures in full; whoever writes them rounds.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jobs/compare/comparison.h"
#include "jobs/compare/flips.h"
#include "jobs/report/gate_verdicts.h"
#include "jobs/report/stored_sensitivity.h"
#include "stages/metrics/reliability.h"
#include "storage/queries.h"

namespace qeval {

struct ReportedRun {
  RunRecord run;
  JobRecord job;
  std::string content_hash;
  GateVerdicts gates;
  NotFiniteRows not_finite;
  Ties ties;
  Table attempts;
  Table failed_images;
  std::vector<ReliabilityBin> reliability;
  std::optional<EncodingSetRecord> encodings;
  std::vector<MeasuredSensitivity> sensitivity;

  /// Its figures are those of the images so far.
  bool is_half() const { return run.n_done < run.n_total; }
};

struct ReportedFlip {
  Flip flip;
  std::string image;                      ///< its name
  std::vector<std::uint8_t> thumbnail{};  ///< JPEG; empty: none is wanted, or the file is not what was evaluated
};

/// A run against the report's first one.
struct ReportedComparison {
  std::size_t run = 0;  ///< index in Report::runs
  Comparison comparison;
  std::vector<ReportedFlip> flips;    ///< the surest of each kind
  std::vector<ClassChange> classes;   ///< all, most hurt first
  std::vector<Confusion> confusions;  ///< those that changed most
  std::size_t confusions_in_all = 0;
};

struct Report {
  std::vector<ReportedRun> runs;  ///< what is compared is compared with the first
  std::vector<ReportedComparison> comparisons;
  std::vector<std::string> classes;  ///< names, by index; may be empty
  double alpha = usual_alpha;
  std::size_t rows_in_lists = 0;  ///< a long list, of classes say, shows no more
};

}  // namespace qeval
