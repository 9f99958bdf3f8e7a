#pragma once
/// One cell of a result table, with the type it has in SQL: NULL, integer, real or text. A plain value; a number is
/// held as the digits that every format writes.
#include <concepts>
#include <cstdint>
#include <string>

namespace qeval {

class Cell {
 public:
  enum class Type { null, integer, real, text };

  Cell() = default;  ///< NULL
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
  Cell(Integer value) : type_(Type::integer), text_(std::to_string(value)) {}
  /// As few digits as read back to the same number. NaN is NULL, as in SQL.
  Cell(double value);
  Cell(std::string text) : type_(Type::text), text_(std::move(text)) {}
  Cell(const char* text) : Cell(std::string(text)) {}

  /// With the digits it is to be shown with, "87.90". NaN is NULL.
  static Cell real(double value, std::string digits);

  Type type() const { return type_; }
  bool is_null() const { return type_ == Type::null; }
  bool is_number() const { return type_ == Type::integer || type_ == Type::real; }
  /// Digits of a number, "" for NULL.
  const std::string& text() const { return text_; }

  bool operator==(const Cell&) const = default;

 private:
  Type type_ = Type::null;
  std::string text_;
};

}  // namespace qeval
