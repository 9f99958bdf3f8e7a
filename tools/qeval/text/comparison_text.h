#pragma once
/// A comparison of two runs in words. Lines end with a line end, are at most 80 columns wide where words allow it, and
/// fit the locale. Thread-safety: free functions.
#include <string>

#include "jobs/compare/comparison.h"
#include "jobs/compare/stored_baseline.h"

namespace qeval {

/// "a real drop", "a real gain", "cannot be told from noise; about 14,000 images would tell", "no image differs".
std::string verdict_text(const AccuracyChange& change, double alpha);

/// "w8a8 vs fp32: −0.47 points (−0.65 … −0.29), 1,155 broke, 920 fixed, p = 3e-7: a real drop"
std::string drop_text(const std::string& variant, const std::string& baseline, const Comparison& comparison,
                      double alpha);
/// The same, or why they are not compared.
std::string drop_text(const std::string& variant, const Drop& drop, double alpha);

/// One line without a line end, signs beyond ASCII whatever the locale.
std::string drop_sentence(const std::string& variant, const std::string& baseline, const Comparison& comparison,
                          double alpha);

/// "p = 0.01 (McNemar, exact)", "p = 3e-7 (McNemar, mid-p; chi² with continuity 26.40, p = 3e-7)".
std::string test_text(const AccuracyChange& change);

/// "−0.47 points (−0.65 … −0.29)".
std::string interval_text(const PairedInterval& interval);

/// "images without an answer count as wrong: 2 of A failed"; empty if all have one. `first` and `second` name the runs.
std::string unusable_text(const Comparison& comparison, const std::string& first, const std::string& second);

/// The 2×2 table, both metrics with intervals, tests and verdicts. The first run is A, the second B.
std::string comparison_text(const Comparison& comparison, double alpha);

}  // namespace qeval
