#include "tools/qeval/commands/options.h"

#include <charconv>
#include <sstream>

#include "jobs/compare/comparison.h"
#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/percent_hint.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/wrapped_text.h"

namespace po = boost::program_options;

namespace qeval {
namespace {

/// "db,d" declares --db and -d; values are found under "db".
std::string long_name(const char* declared) {
  const std::string name = declared;
  return name.substr(0, name.find(','));
}

}  // namespace

Options::Options(std::string synopsis) : synopsis_(std::move(synopsis)) { flag("help,h", "this text"); }

Options& Options::flag(const char* name, const char* help) {
  visible_.add_options()(name, help);
  return *this;
}

Options& Options::value(const char* name, const char* placeholder, const char* help) {
  visible_.add_options()(name, po::value<std::string>()->value_name(placeholder), help);
  return *this;
}

Options& Options::optional_value(const char* name, const char* placeholder, const char* text, const char* help) {
  bare_["--" + long_name(name)] = text;
  return value(name, placeholder, help);
}

Options& Options::values(const char* name, const char* placeholder, const char* help) {
  visible_.add_options()(name, po::value<std::vector<std::string>>()->value_name(placeholder), help);
  return *this;
}

Options& Options::positional(const char* name, int most) {
  all_.add_options()(name, po::value<std::vector<std::string>>(), "");
  positions_.add(name, most);
  return *this;
}

bool Options::parse(std::vector<std::string> arguments) {
  for (std::string& argument : arguments)
    if (const auto bare = bare_.find(argument); bare != bare_.end()) argument += "=" + bare->second;
  using Style = po::command_line_style::style_t;
  const int strict = Style::unix_style & ~Style::allow_guessing;
  all_.add(visible_);
  try {
    po::store(po::command_line_parser(arguments).options(all_).positional(positions_).style(strict).run(), map_);
  } catch (const po::unknown_option& error) {
    std::vector<std::string> names;
    for (const auto& option : visible_.options()) names.push_back("--" + option->long_name());
    throw UsageError("unknown option '" + error.get_option_name() + "'" + did_you_mean(error.get_option_name(), names) +
                     " (usage: qeval " + synopsis_ + ")");
  } catch (const po::error& error) {
    throw UsageError(std::string(error.what()) + " (usage: qeval " + synopsis_ + ")");
  }
  if (!given("help")) return true;
  std::ostringstream text;
  text << visible_;
  write_out(wrapped("usage: qeval " + synopsis_, 2) + "\n" + text.str());
  return false;
}

bool Options::given(const char* name) const { return map_.count(long_name(name)) > 0; }

std::string Options::text(const char* name, const std::string& fallback) const {
  return given(name) ? map_[name].as<std::string>() : fallback;
}

std::optional<std::int64_t> Options::integer(const char* name, std::int64_t low, std::int64_t high) const {
  if (!given(name)) return std::nullopt;
  const std::string value = text(name);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < low || number > high)
    throw UsageError(std::string("--") + name + ": '" + value + "' is not a whole number from " + std::to_string(low) +
                     " to " + std::to_string(high));
  return number;
}

std::optional<double> Options::share(const char* name) const {
  if (!given(name)) return std::nullopt;
  const std::string value = text(name);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || !(number >= 0 && number < 1))
    throw UsageError(std::string("--") + name + ": '" + value + "' is not a share from 0 up to but not 1" +
                     percent_hint(value));
  return number;
}

double Options::alpha() const {
  const double value = share("alpha").value_or(usual_alpha);
  if (value <= 0) throw UsageError("--alpha: 0 calls no difference real; give a share such as 0.05");
  return value;
}

std::vector<std::string> Options::list(const char* name) const {
  return given(name) ? map_[name].as<std::vector<std::string>>() : std::vector<std::string>{};
}

}  // namespace qeval
