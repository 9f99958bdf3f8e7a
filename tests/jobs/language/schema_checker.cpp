#include "tests/jobs/language/schema_checker.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>

#include "jobs/language/pattern.h"

namespace qeval::test {
namespace {

using nlohmann::json;

/// Value, schema, the keyword's value, path → violation.
using Keyword = std::function<std::string(const json&, const json&, const json&, const std::string&)>;

bool has_type(const json& value, const std::string& type) {
  if (type == "integer")
    return value.is_number_integer() ||
           (value.is_number() && value.get<double>() == static_cast<std::int64_t>(value.get<double>()));
  if (type == "number") return value.is_number();
  return value.type_name() == type;
}

std::string check_type(const json& value, const json&, const json& wanted, const std::string& path) {
  const json types = wanted.is_array() ? wanted : json::array({wanted});
  for (const json& type : types) {
    if (has_type(value, type)) return "";
  }
  return path + ": type is " + value.type_name();
}

std::string check_object(const json& value, const json& schema, const json&, const std::string& path) {
  if (!value.is_object()) return "";
  const json patterns = schema.value("patternProperties", json::object());
  for (const auto& [key, member] : value.items()) {
    bool known = false;
    const auto check = [&](const json& member_schema) {
      known = true;
      return schema_violation(member, member_schema, path + "." + key);
    };
    if (schema.contains("properties") && schema["properties"].contains(key)) {
      if (const std::string fault = check(schema["properties"][key]); !fault.empty()) return fault;
    }
    for (const auto& [pattern, member_schema] : patterns.items()) {
      if (!pattern_found(pattern, key)) continue;
      if (const std::string fault = check(member_schema); !fault.empty()) return fault;
    }
    if (!known && schema.contains("additionalProperties")) return path + ": unknown key " + key;
  }
  return "";
}

int count_valid(const json& value, const json& schemas, const std::string& path) {
  int valid = 0;
  for (const json& schema : schemas) valid += schema_violation(value, schema, path).empty() ? 1 : 0;
  return valid;
}

std::string require(const json& value, const json& keys, const std::string& path) {
  if (!value.is_object()) return "";
  for (const std::string key : keys) {
    if (!value.contains(key)) return path + ": lacks " + key;
  }
  return "";
}

Keyword compare(const std::function<bool(double, double)>& holds) {
  return [holds](const json& value, const json&, const json& bound, const std::string& path) {
    return !value.is_number() || holds(value.get<double>(), bound.get<double>()) ? "" : path + ": out of range";
  };
}

Keyword count(const std::string& type, bool is_minimum) {
  return [=](const json& value, const json&, const json& bound, const std::string& path) {
    if (value.type_name() != type) return std::string();
    const std::size_t size = type == "string" ? value.get<std::string>().size() : value.size();
    return (is_minimum ? size >= bound : size <= bound) ? std::string() : path + ": wrong length";
  };
}

const std::map<std::string, Keyword>& keywords() {
  const Keyword ignored = [](const json&, const json&, const json&, const std::string&) { return std::string(); };
  static const std::map<std::string, Keyword> table{
      {"$schema", ignored},
      {"title", ignored},
      {"description", ignored},
      {"type", check_type},
      {"properties", check_object},
      {"patternProperties", check_object},
      {"additionalProperties", check_object},
      {"required",
       [](const json& v, const json&, const json& keys, const std::string& p) { return require(v, keys, p); }},
      {"dependencies",
       [](const json& v, const json&, const json& rules, const std::string& p) {
         for (const auto& [key, needed] : rules.items()) {
           if (v.is_object() && v.contains(key) && !require(v, needed, p).empty()) return require(v, needed, p);
         }
         return std::string();
       }},
      {"enum",
       [](const json& v, const json&, const json& words, const std::string& p) {
         return std::find(words.begin(), words.end(), v) != words.end() ? "" : p + ": not in enum";
       }},
      {"anyOf", [](const json& v, const json&, const json& all,
                   const std::string& p) { return count_valid(v, all, p) > 0 ? "" : p + ": no form fits"; }},
      {"oneOf",
       [](const json& v, const json&, const json& all, const std::string& p) {
         return count_valid(v, all, p) == 1 ? "" : p + ": not exactly one alternative";
       }},
      {"items",
       [](const json& v, const json&, const json& item, const std::string& p) {
         if (!v.is_array()) return std::string();
         for (const json& one : v) {
           if (const std::string fault = schema_violation(one, item, p + "[]"); !fault.empty()) return fault;
         }
         return std::string();
       }},
      {"pattern",
       [](const json& v, const json&, const json& pattern, const std::string& p) {
         return !v.is_string() || pattern_found(pattern, v) ? "" : p + ": does not match";
       }},
      {"minimum", compare([](double a, double b) { return a >= b; })},
      {"maximum", compare([](double a, double b) { return a <= b; })},
      {"exclusiveMinimum", compare([](double a, double b) { return a > b; })},
      {"exclusiveMaximum", compare([](double a, double b) { return a < b; })},
      {"minLength", count("string", true)},
      {"maxLength", count("string", false)},
      {"minItems", count("array", true)},
      {"maxItems", count("array", false)},
  };
  return table;
}

}  // namespace

std::string schema_violation(const json& value, const json& schema, const std::string& path) {
  if (schema.is_boolean()) return schema.get<bool>() ? "" : path + ": not allowed";
  for (const auto& [name, wanted] : schema.items()) {
    const auto keyword = keywords().find(name);
    if (keyword == keywords().end()) throw std::logic_error("schema keyword " + name + " is not checked");
    if (std::string fault = keyword->second(value, schema, wanted, path); !fault.empty()) return fault;
  }
  return "";
}

}  // namespace qeval::test
