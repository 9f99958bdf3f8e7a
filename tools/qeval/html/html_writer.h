#pragma once
/// Writes HTML. The only place where text of any origin becomes markup: names of files, classes and runs are escaped
/// here, with control characters written out, so no caller can forget it; elements are closed when they go out of
/// scope, so what is opened is closed. Thread-safety: one thread at a time. Ownership: owns its text; an Element
/// borrows the writer and must go first.
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace qeval {

/// Markup, style or script that stands in this program's source: nothing else can be one.
class OwnMarkup {
 public:
  consteval OwnMarkup(const char* text) : text_(text) {}
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

class HtmlWriter {
 public:
  struct Attribute {
    OwnMarkup name;
    std::string value;
  };
  using Attributes = std::initializer_list<Attribute>;

  class Element {
   public:
    ~Element();
    Element(const Element&) = delete;
    Element& operator=(const Element&) = delete;

   private:
    friend class HtmlWriter;
    Element(HtmlWriter& html, std::string_view tag) : html_(html), tag_(tag) {}
    HtmlWriter& html_;
    std::string_view tag_;
  };

  /// Open until it goes out of scope.
  [[nodiscard]] Element element(OwnMarkup tag, Attributes attributes = {});
  /// With one line of text.
  void leaf(OwnMarkup tag, std::string_view text, Attributes attributes = {});
  /// Without content: "<path …/>".
  void single(OwnMarkup tag, Attributes attributes);

  /// One line, whatever it holds.
  void text(std::string_view text);
  /// Its line ends stay.
  void lines(std::string_view text);
  void own(OwnMarkup markup) { html_ += markup.text(); }
  /// A script element of type application/json, from which no content can break out.
  void json(std::string_view id, const nlohmann::ordered_json& value);

  std::string take() { return std::move(html_); }

 private:
  void start(std::string_view tag, Attributes attributes);

  std::string html_;
};

}  // namespace qeval
