#pragma once
/// Sections of the field table that have files of their own; only field_table.cpp puts them together.
#include <string>
#include <vector>

#include "jobs/language/field_table.h"

namespace qeval {

inline constexpr double max_field_count = 1e9;

/// The rows of a choice of images below `path`: dataset.subset and calibrate.samples are the same language.
std::vector<Field> sample_choice_rows(const std::string& path, const std::string& help, const std::string& fallback);
std::vector<Field> preprocess_rows();
std::vector<Field> quantization_rows();

}  // namespace qeval
