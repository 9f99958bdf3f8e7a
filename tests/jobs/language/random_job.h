#pragma once
/// Job files of every form the language has, by chance: most are legal, all are well-formed.
/// Thread-safety: one thread.
#include <random>
#include <string>
#include <vector>

#include "jobs/language/job_parser.h"

namespace qeval::test {

struct RandomJob {
  std::string text;
  JobOverrides overrides;
};

class RandomJobs {
 public:
  explicit RandomJobs(unsigned seed) : random_(seed) {}
  RandomJob next();

 private:
  bool chance(int percent) { return random_() % 100 < static_cast<unsigned>(percent); }
  std::string one_of(const std::vector<std::string>& choices) { return choices[random_() % choices.size()]; }
  /// "key: value, " now and then.
  std::string maybe(int percent, const std::string& key, const std::vector<std::string>& values);
  /// A path or text of unusual characters, in quotes.
  std::string text();

  std::string model();
  std::string dataset();
  std::string samples();
  std::string preprocess();
  std::string encodings();
  std::string quantization();
  std::string sections(int percent);
  std::string metrics(const std::vector<std::string>& variants);
  std::string run_and_output();
  JobOverrides overrides(const std::vector<std::string>& variants);

  std::mt19937 random_;
};

}  // namespace qeval::test
