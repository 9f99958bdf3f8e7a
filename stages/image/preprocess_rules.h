#pragma once
/// What a list of preprocessing steps means before any image is seen: is it possible, what size comes out, and its
/// canonical text.
///
/// Thread-safety: free functions without state. Errors: UsageError naming the step and what is wrong with it.
#include <string>

#include "stages/image/preprocess.h"

namespace qeval {

struct PictureSize {
  int height = 0, width = 0;
};

/// Checks the steps and returns the size of every picture that leaves the last geometric one.
PictureSize check_steps(const std::vector<PreprocessStep>& steps);

/// One line with every number that changes an output bit; floats in hexadecimal, so that none is rounded.
std::string describe_recipe(const PreprocessRecipe& recipe);

}  // namespace qeval
