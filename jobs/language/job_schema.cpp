#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "jobs/language/field_tree.h"
#include "jobs/language/job_documents.h"

namespace qeval {
namespace {

// Keys in the order of the table: people read the file too.
using Json = nlohmann::ordered_json;

/// Parts of a variant, and the top level beside variants, are completed by merging; a list item is never merged.
enum class Completeness { partial, whole };

Json value_schema(const FieldNode& node, Completeness completeness);

Json number_schema(const Field& field, const char* type) {
  Json schema{{"type", type}};
  if (!field.integers.empty()) {
    schema["enum"] = field.integers;
    return schema;
  }
  const auto bound = [&](double value) {
    return value == std::floor(value) ? Json(static_cast<std::int64_t>(value)) : Json(value);
  };
  schema[field.above_minimum ? "exclusiveMinimum" : "minimum"] = bound(field.minimum);
  schema["maximum"] = bound(field.maximum);
  return schema;
}

Json text_schema(const Field& field) {
  Json schema{{"type", "string"}, {"minLength", 1}, {"maxLength", max_text_bytes}};
  // A variable may stand for any text.
  if (!field.pattern.empty()) schema["anyOf"] = {{{"pattern", field.pattern}}, {{"pattern", "\\$\\{"}}};
  return schema;
}

Json list_schema(const FieldNode& node) {
  const Json one{{"type", "array"}, {"items", value_schema(*node.item(), Completeness::whole)}};
  if (node.field->item_counts.empty()) return one;
  Json lengths = Json::array();
  for (const int count : node.field->item_counts) lengths.push_back({{"minItems", count}, {"maxItems", count}});
  Json schema = one;
  schema["anyOf"] = lengths;
  return schema;
}

Json required_choices(const std::vector<std::string>& keys) {
  Json choices = Json::array();
  for (const std::string& key : keys) choices.push_back({{"required", {key}}});
  return choices;
}

Json dependency(const std::vector<std::string>& keys) {
  return keys.size() == 1 ? Json(keys) : Json{{"anyOf", required_choices(keys)}};
}

void add_rules(Json& schema, const FieldNode& node) {
  Json required = Json::array(), dependencies = Json::object();
  for (const FieldNode& child : node.children) {
    if (child.field->required && child.field->fallback.empty()) required.push_back(child.key);
    if (!child.field->only_with.empty()) dependencies[child.key] = dependency(child.field->only_with);
  }
  if (!required.empty()) schema["required"] = required;
  if (!dependencies.empty()) schema["dependencies"] = dependencies;
  if (!node.field->one_of.empty()) schema["oneOf"] = required_choices(node.field->one_of);
}

Json map_schema(const FieldNode& node, Completeness completeness) {
  Json schema{{"type", "object"}};
  Json properties = Json::object();
  for (const FieldNode& child : node.children) {
    if (child.key == "*") {
      schema["patternProperties"][child.field->pattern.empty() ? "^.*$" : child.field->pattern] =
          value_schema(child, completeness);
    } else {
      properties[child.key] = value_schema(child, completeness);
    }
  }
  if (!properties.empty()) schema["properties"] = properties;
  schema["additionalProperties"] = false;
  if (completeness == Completeness::whole && node.field) add_rules(schema, node);
  return schema;
}

/// All forms a value may take, each as one schema.
Json form_schemas(const FieldNode& node, Completeness completeness) {
  const Field& field = *node.field;
  Json forms = Json::array();
  if (field.forms & form::empty) forms.push_back({{"type", "null"}});
  if (field.forms & form::boolean) forms.push_back({{"type", "boolean"}});
  if (field.forms & form::integer) forms.push_back(number_schema(field, "integer"));
  if (field.forms & form::number) forms.push_back(number_schema(field, "number"));
  if (field.forms & form::share) forms.push_back({{"type", "number"}, {"minimum", 0}, {"exclusiveMaximum", 1}});
  if (field.forms & form::word) forms.push_back({{"enum", field.words}});
  if (field.forms & (form::text | form::path)) forms.push_back(text_schema(field));
  if (field.forms & form::any_scalar) forms.push_back({{"type", {"string", "number", "boolean"}}});
  if (field.forms & form::list) forms.push_back(list_schema(node));
  if (field.forms & form::map) forms.push_back(map_schema(node, completeness));
  constexpr unsigned needs_no_variable = form::text | form::path | form::any_scalar;
  constexpr unsigned scalars = form::boolean | form::integer | form::number | form::share | form::word;
  if (field.forms & scalars && !(field.forms & needs_no_variable)) {
    forms.push_back({{"type", "string"}, {"pattern", "\\$\\{"}});
  }
  return forms;
}

Json value_schema(const FieldNode& node, Completeness completeness) {
  Json schema{{"description", node.field->help}};
  Json forms = form_schemas(node, completeness);
  if (forms.size() == 1) {
    schema.update(forms.front());
  } else {
    schema["anyOf"] = forms;
  }
  return schema;
}

}  // namespace

std::string job_schema() {
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", "qeval job file"},
              {"description", "Generated from the field table; the program checks more than this schema can say."}};
  schema.update(map_schema(field_tree(), Completeness::partial));
  schema["patternProperties"] = {{"^x-", Json(true)}};
  schema["required"] = {"qeval", "name"};
  return schema.dump(2) + "\n";
}

}  // namespace qeval
