#pragma once
/// Small job files for tests, and the message a broken one gives.
#include <fstream>
#include <iterator>
#include <string>

#include "jobs/language/job_parser.h"

namespace qeval::test {

/// A whole valid job; `more` is added at the end.
inline std::string job_text(const std::string& more = "") {
  return "qeval: 1\n"
         "name: small\n"
         "model: {arch: resnet18, weights: w.pth}\n"
         "dataset: {root: images}\n"
         "preprocess:\n"
         "  - resize: {short_side: 256}\n"
         "  - center_crop: 224\n"
         "  - normalize: {mean: 0.5, std: 0.25}\n" +
         more;
}

inline JobSpec parse(const std::string& text, const JobOverrides& overrides = {}) {
  return parse_job_text(text, "/jobs/small.yaml", overrides);
}

/// The whole message, or "" if the text is accepted.
inline std::string error_of(const std::string& text, const JobOverrides& overrides = {},
                            const std::string& file = "job.yaml") {
  try {
    parse_job_text(text, file, overrides);
    return "";
  } catch (const JobError& error) {
    return error.what();
  }
}

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace qeval::test
