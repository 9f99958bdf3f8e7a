#pragma once
/// The images that two runs answer differently, and what that did to the classes. Thread-safety: free functions.
#include <cstdint>
#include <vector>

#include "storage/paired_rows.h"

namespace qeval {

enum class FlipKind {
  broke,  ///< only the first is right
  fixed,  ///< only the second is right
  moved   ///< both are wrong, each with a class of its own
};

/// "broke", "fixed" or "moved". In files that programs read: never rename.
const char* flip_name(FlipKind kind);

struct Flip {
  FlipKind kind;
  PairedRow row;
};

/// In the order of the images.
std::vector<Flip> flips_of(const std::vector<PairedRow>& rows);

/// Broke, fixed, moved; of each, those that the first run was surest of come first, those of unknown margin last.
void sort_surest_first(std::vector<Flip>& flips);

struct ClassChange {
  int label = -1;
  std::int64_t images = 0, right_first = 0, right_second = 0, broke = 0, fixed = 0;
};

/// Every class that has an image; those that lost most come first.
std::vector<ClassChange> class_changes(const std::vector<PairedRow>& rows);

/// Images of one class that a run takes for another.
struct Confusion {
  int label = -1, taken_for = -1;
  std::int64_t first = 0, second = 0;  ///< images
};

/// Those that the second run has more or less often; those that it has most oftener come first.
std::vector<Confusion> confusion_changes(const std::vector<PairedRow>& rows);

}  // namespace qeval
