#include "pipeline/base/json_positions.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <vector>

namespace qeval {
namespace {

using Json = nlohmann::json;

constexpr std::size_t deepest = 64;
constexpr std::size_t longest_reason = 200;  ///< the library may quote a whole token

JsonPosition position_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 = 0
  return {static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1, before.size() - line_start + 1};
}

/// Tells, in a place that its copies share, how far the parser has read.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

/// Follows the parser through the text. At each event it knows the path and where the token begins: at the first byte
/// behind the last token that neither is a space nor separates.
class Walk : public nlohmann::json_sax<Json> {
 public:
  explicit Walk(std::string_view text) : text_(text), reached_(text.data()) {}

  void run() {
    Json::sax_parse(CountingIterator(text_.data(), &reached_), CountingIterator(text_.data() + text_.size(), &reached_),
                    this);
  }

  bool null() final { return whole_value(); }
  bool boolean(bool) final { return whole_value(); }
  bool string(std::string&) final { return whole_value(); }
  bool binary(binary_t&) final { return whole_value(); }
  bool number_integer(std::int64_t) final { return number(); }
  bool number_unsigned(std::uint64_t) final { return number(); }
  bool number_float(double, const std::string&) final { return number(); }
  bool start_object(std::size_t) final { return open(false); }
  bool start_array(std::size_t) final { return open(true); }
  bool end_object() final { return close(); }
  bool end_array() final { return close(); }

  bool key(std::string& name) final {
    levels_.back().key_start = token_start();
    levels_.back().key = name;
    last_end_ = reached();
    return on_key(levels_.back().key_start);
  }

 protected:
  /// An object or list that is open.
  struct Level {
    bool is_list = false;
    std::size_t index = static_cast<std::size_t>(-1);  ///< of the list's current item
    std::string key{};                                 ///< of the object's current member
    std::size_t key_start = 0;
    std::unordered_set<std::string> keys{};

    std::string step() const { return is_list ? std::to_string(index) : key; }
  };

  /// False ends the walk.
  virtual bool on_value(std::size_t start) = 0;
  virtual bool on_key(std::size_t start) = 0;

  std::string_view text() const { return text_; }
  std::vector<Level>& levels() { return levels_; }

 private:
  std::size_t reached() const { return static_cast<std::size_t>(reached_ - text_.data()); }
  std::size_t token_start() const { return std::min(text_.find_first_not_of(" \t\r\n,:", last_end_), text_.size()); }

  bool begin_value(std::size_t start) {
    if (!levels_.empty() && levels_.back().is_list) ++levels_.back().index;
    return on_value(start);
  }

  bool whole_value() {
    const std::size_t start = token_start();
    last_end_ = reached();
    return begin_value(start);
  }

  /// The parser sees a number's end only from the byte behind it, which it has read by now.
  bool number() {
    const std::size_t start = token_start();
    last_end_ = std::min(text_.find_first_of(" \t\r\n,]}", start), text_.size());
    return begin_value(start);
  }

  bool open(bool is_list) {
    if (!whole_value()) return false;
    levels_.push_back({.is_list = is_list});
    return true;
  }

  bool close() {
    last_end_ = reached();
    levels_.pop_back();
    return true;
  }

  std::string_view text_;
  const char* reached_;
  std::size_t last_end_ = 0;
  std::vector<Level> levels_;
};

/// The library's words without its error number, its own count of lines and a quotation of what it has read.
std::string reason_of(const Json::exception& error) {
  std::string reason = error.what();
  reason.erase(0, reason.find("] ") + 2);
  if (reason.starts_with("parse error at")) reason.erase(0, reason.find(": ") + 2);
  reason.resize(std::min({reason.find("; last read"), reason.size(), longest_reason}));
  if (reason.ends_with("invalid literal"))
    reason += "; texts, and AIMET's \"True\" and \"False\", stand in double quotes";
  return "not JSON: " + reason;
}

class FaultFinder : public Walk {
 public:
  using Walk::Walk;
  std::optional<JsonFault> found() const { return fault_; }

  bool parse_error(std::size_t bytes_read, const std::string&, const Json::exception& error) override {
    return stop(bytes_read - 1, reason_of(error));
  }

 private:
  bool on_value(std::size_t start) override {
    return levels().size() <= deepest || stop(start, "nested deeper than " + std::to_string(deepest) + " levels");
  }

  bool on_key(std::size_t start) override {
    if (levels().back().keys.insert(levels().back().key).second) return true;
    Json::json_pointer path;
    for (const Level& level : levels()) path /= level.step();
    return stop(start, path.to_string() + ": this key occurs twice in one object");
  }

  bool stop(std::size_t offset, const std::string& reason) {
    fault_ = JsonFault{position_of(text(), offset), reason};
    return false;
  }

  std::optional<JsonFault> fault_;
};

class PlaceFinder : public Walk {
 public:
  PlaceFinder(std::string_view text, Json::json_pointer where, JsonPart part) : Walk(text), part_(part) {
    for (; !where.empty(); where.pop_back()) steps_.insert(steps_.begin(), where.back());
  }
  JsonPosition found() const { return position_of(text(), found_); }

  bool parse_error(std::size_t, const std::string&, const Json::exception&) override { return false; }

 private:
  bool on_key(std::size_t) override { return true; }

  /// Ancestors come first, so the last value on the way is the innermost.
  bool on_value(std::size_t start) override {
    const bool on_the_way =
        levels().size() <= steps_.size() &&
        std::equal(levels().begin(), levels().end(), steps_.begin(),
                   [](const Level& level, const std::string& step) { return level.step() == step; });
    if (!on_the_way) return true;
    const bool is_there = levels().size() == steps_.size();
    const bool has_key = !levels().empty() && !levels().back().is_list;
    found_ = is_there && has_key && part_ == JsonPart::key ? levels().back().key_start : start;
    return !is_there;
  }

  const JsonPart part_;
  std::vector<std::string> steps_;
  std::size_t found_ = 0;
};

}  // namespace

std::optional<JsonFault> find_json_fault(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf"))
    return JsonFault{{}, "starts with a byte order mark; save the file without one"};
  // The parser takes it for the end.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
    return JsonFault{position_of(text, nul), "not JSON: a NUL byte"};
  FaultFinder finder(text);
  finder.run();
  return finder.found();
}

JsonPosition find_json_position(std::string_view text, const Json::json_pointer& where, JsonPart part) {
  PlaceFinder finder(text, where, part);
  finder.run();
  return finder.found();
}

}  // namespace qeval
