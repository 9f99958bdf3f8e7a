#include "tools/qeval/html/html_writer.h"

#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

/// Of visible text: everything that could end a text or a quoted attribute.
std::string escaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += c;
    }
  return result;
}

/// The same value in JSON, without a character that means something to HTML.
std::string harmless_json(const nlohmann::ordered_json& value) {
  std::string result;
  for (const char c : value.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace)) switch (c) {
      case '<': result += "\\u003c"; break;
      case '>': result += "\\u003e"; break;
      case '&': result += "\\u0026"; break;
      default: result += c;
    }
  return result;
}

}  // namespace

HtmlWriter::Element::~Element() { html_.html_.append("</").append(tag_).append(">"); }

void HtmlWriter::start(std::string_view tag, Attributes attributes) {
  html_.append("<").append(tag);
  for (const auto& [name, value] : attributes) {
    html_.append(" ").append(name.text());
    if (!value.empty()) html_.append("=\"").append(escaped(visible_name(value))).append("\"");
  }
}

HtmlWriter::Element HtmlWriter::element(OwnMarkup tag, Attributes attributes) {
  start(tag.text(), attributes);
  html_ += ">";
  return {*this, tag.text()};
}

void HtmlWriter::leaf(OwnMarkup tag, std::string_view content, Attributes attributes) {
  const auto open = element(tag, attributes);
  text(content);
}

void HtmlWriter::single(OwnMarkup tag, Attributes attributes) {
  start(tag.text(), attributes);
  html_ += "/>";
}

void HtmlWriter::text(std::string_view text) { html_ += escaped(visible_name(text)); }

void HtmlWriter::lines(std::string_view text) { html_ += escaped(visible_text(text)); }

void HtmlWriter::json(std::string_view id, const nlohmann::ordered_json& value) {
  const auto script = element("script", {{"type", "application/json"}, {"id", std::string(id)}});
  html_ += harmless_json(value);
}

}  // namespace qeval
