#pragma once
/// Comparisons of runs as tables: for people with rounded figures, for programs with all of them, differences as
/// shares. Names of columns are read by scripts: never rename. Thread-safety: free functions.
#include <functional>
#include <string>
#include <vector>

#include "jobs/compare/comparison.h"
#include "jobs/compare/flips.h"
#include "storage/records.h"
#include "tools/qeval/text/text_table.h"

namespace qeval {

/// A run beside the one that all are compared with.
struct ComparedRun {
  RunRecord baseline, run;
  PairedRows paired;
  Comparison comparison;
  std::vector<std::string> classes;  ///< names, by index; those without one are numbers
};

/// One row per run, for programs.
Table comparison_table(const std::vector<ComparedRun>& runs, double alpha);

/// `image_name`: of a sample.
Table flips_table(const ComparedRun& run, const std::vector<Flip>& flips,
                  const std::function<std::string(std::int64_t)>& image_name, TableFormat format);
/// A flips_table for people, in two columns: where the terminal is too narrow for it.
Table narrow_flips_table(const Table& flips);
Table class_table(const ComparedRun& run, TableFormat format);
Table class_table(const ComparedRun& run, const std::vector<ClassChange>& changes, TableFormat format);
Table confusion_table(const ComparedRun& run, TableFormat format);
Table confusion_table(const ComparedRun& run, const std::vector<Confusion>& changes, TableFormat format);

/// "n04152593: 31 → 24, n03710637: 28 → 22": the classes that lost most; empty if none did.
std::string most_hurt_text(const ComparedRun& run, std::size_t most);

}  // namespace qeval
