#pragma once
/// A verb's options, declared once and parsed by Boost.Program_options (no guessing of prefixes).
/// Errors: UsageError with a did-you-mean for unknown options.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

namespace qeval {

class Options {
 public:
  /// `synopsis` is shown by --help behind "usage: qeval ".
  explicit Options(std::string synopsis);

  Options& flag(const char* name, const char* help);
  Options& value(const char* name, const char* placeholder, const char* help);
  /// `text` is its value where none is given; another is given as --NAME=VALUE alone.
  Options& optional_value(const char* name, const char* placeholder, const char* text, const char* help);
  /// May be given several times.
  Options& values(const char* name, const char* placeholder, const char* help);
  /// Up to `most` positional arguments (−1 = any number), collected under `name`.
  Options& positional(const char* name, int most);

  /// Parses; returns false after printing help for --help.
  bool parse(std::vector<std::string> arguments);

  bool given(const char* name) const;
  std::string text(const char* name, const std::string& fallback = "") const;
  /// UsageError unless the value is an integer in [low, high].
  std::optional<std::int64_t> integer(const char* name, std::int64_t low, std::int64_t high) const;
  /// UsageError unless the value is a number from 0 up to but not 1; with what to write for a percentage.
  std::optional<double> share(const char* name) const;
  /// What --alpha says, else usual_alpha. UsageError for 0, too.
  double alpha() const;
  std::vector<std::string> list(const char* name) const;

 private:
  std::string synopsis_;
  std::map<std::string, std::string> bare_;  ///< "--name" of an option without its value, and that value
  boost::program_options::options_description visible_{"options"}, all_;
  boost::program_options::positional_options_description positions_;
  boost::program_options::variables_map map_;
};

}  // namespace qeval
