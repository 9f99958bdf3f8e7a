/// The generated texts in jobs/ are up to date, and the schema agrees with the parser.
#include "jobs/language/job_documents.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "jobs/language/field_table.h"
#include "jobs/language/scalar.h"
#include "jobs/language/yaml_document.h"
#include "stages/model/arch/arch.h"
#include "tests/jobs/language/job_text.h"
#include "tests/jobs/language/schema_checker.h"

namespace qeval {
namespace {

using nlohmann::json;

const std::filesystem::path source_root = QEVAL_SOURCE_DIR;

void expect_up_to_date(const std::filesystem::path& file, const std::string& generated) {
  if (std::getenv("QEVAL_UPDATE_GOLDENS")) std::ofstream(file, std::ios::binary) << generated;
  EXPECT_EQ(test::read_text(file), generated) << file << " is stale; run this test with QEVAL_UPDATE_GOLDENS=1";
}

std::string reference_with_architectures() {
  std::vector<DocumentedArch> architectures;
  for (const std::string& name : arch_names()) architectures.push_back({name, arch_defaults(name)});
  return job_reference(architectures);
}

TEST(JobReference, FileInTheRepositoryIsUpToDate) {
  expect_up_to_date(source_root / "jobs/README.md", reference_with_architectures());
}

TEST(JobReference, NamesEveryArchitectureOnceWithItsParameters) {
  const std::string text = reference_with_architectures();
  const std::string list = text.substr(text.find("## Architectures"));
  for (const std::string& name : arch_names()) {
    const std::string quoted = "`" + name + "`";
    const auto at = list.find(quoted);
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_EQ(list.find(quoted, at + 1), std::string::npos) << name;
    const std::string row = list.substr(at, list.find('\n', at) - at);
    for (const auto& [parameter, value] : arch_defaults(name))
      EXPECT_NE(row.find("`" + parameter + "` " + value), std::string::npos) << row;
  }
}

TEST(JobReference, NamesEveryKeyOfTheTable) {
  for (const Field& field : field_table()) {
    EXPECT_NE(reference_with_architectures().find("| `" + field.path + "` |"), std::string::npos) << field.path;
    EXPECT_TRUE(field.help.ends_with('.') && field.forms != 0) << field.path;
  }
}

TEST(JobSchema, FileInTheRepositoryIsUpToDate) {
  expect_up_to_date(source_root / "jobs/job.schema.json", job_schema());
}

json to_json(const YamlNode& node) {
  if (node.is_mapping()) {
    json map = json::object();
    for (const YamlEntry& entry : node.entries) map[entry.key] = to_json(entry.value);
    return map;
  }
  if (node.is_sequence()) {
    json list = json::array();
    for (const YamlNode& item : node.items) list.push_back(to_json(item));
    return list;
  }
  switch (scalar_type(node)) {
    case ScalarType::null: return nullptr;
    case ScalarType::boolean: return *parse_boolean(node.text);
    case ScalarType::integer: return *parse_integer(node.text);
    case ScalarType::number: return *parse_number(node.text);
    case ScalarType::text: break;
  }
  return node.text;
}

/// What an editor with the schema says; nullopt if the text is no YAML.
std::optional<std::string> editor_says(const std::string& text) {
  Diagnostics diagnostics("t.yaml", text);
  const std::optional<YamlNode> root = parse_yaml(text, diagnostics);
  if (!root || !diagnostics.empty()) return std::nullopt;
  return test::schema_violation(to_json(*root), json::parse(job_schema()));
}

TEST(JobSchema, AcceptsTheReadyMadeJobs) {
  for (const char* name : {"demo.yaml", "resnext101_w8a8.yaml"}) {
    EXPECT_EQ(editor_says(test::read_text(source_root / "jobs" / name)), "") << name;
  }
}

TEST(JobSchema, AcceptsWhatTheParserAccepts) {
  for (const char* more :
       {"", "quantization: none\n",
        "variants:\n  a:\n  b: {quantization: {param: {bits: 4}, encodings: {import: e}}}\n", "x-any: [{}, ~, 1]\n",
        "quantization: {encodings: {calibrate: {samples: {list: l.txt}, batch_size: 4}}}\n",
        "metrics: {top1: {reference: {default: 0.5}, tolerance: 0.1}, top5: {reference: 1}}\n",
        "run: {batch_size: '${HOME:-4}', bad_images: {max: 0.5}, device: 'cuda:1', threads: 0}\n",
        "output: {export_encodings: 'a/${variant}.json'}\ntags: [a, b]\ndescription: text\n"}) {
    const std::string text = test::job_text(more);
    EXPECT_EQ(editor_says(text), "") << text;
    const JobOverrides numeric{.set = {{"run.batch_size", "4"}}, .only_variants = {}};
    EXPECT_EQ(test::error_of(text, numeric), "") << text;
  }
}

TEST(JobSchema, RefusesTheBrokenFilesExceptForRulesOfTheWhole) {
  // What only the merged variants or the file system's rules can tell; everything else the schema must see.
  const std::set<std::string> rules_of_the_whole{"adaround_without_images",
                                                 "bias_correction_without_folding",
                                                 "bias_correction_without_images",
                                                 "bias_correction_with_adaround",
                                                 "encodings_both",
                                                 "encodings_freeze_beside_import",
                                                 "encodings_missing",
                                                 "encodings_missing_beside_calibrate",
                                                 "encodings_names_without_file",
                                                 "equalize_without_folding",
                                                 "everything_missing",
                                                 "baseline_unknown_variant",
                                                 "max_drop_unknown_variant",
                                                 "max_drop_without_baseline",
                                                 "export_absolute",
                                                 "export_outside_folder",
                                                 "export_same_file",
                                                 "float_of_eight_bits",
                                                 "home_path",
                                                 "labels_missing",
                                                 "labels_without_list",
                                                 "missing_in_one_variant",
                                                 "model_incomplete",
                                                 "nul_escape",
                                                 "preprocess_decode_late",
                                                 "preprocess_no_fixed_size",
                                                 "preprocess_no_normalize",
                                                 "preprocess_normalize_early",
                                                 "preprocess_normalize_twice",
                                                 "reference_unknown_variant",
                                                 "samples_missing",
                                                 "subset_two_choices",
                                                 "tolerance_alone",
                                                 "variable_job_name_elsewhere",
                                                 "variable_malformed",
                                                 "variable_unset"};
  int refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_root / "tests/jobs/language/invalid")) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string name = entry.path().stem().string();
    const auto verdict = editor_says(test::read_text(entry.path()));
    if (!verdict) continue;
    EXPECT_EQ(verdict->empty(), rules_of_the_whole.count(name) == 1) << name << ": " << *verdict;
    refused += verdict->empty() ? 0 : 1;
  }
  EXPECT_GE(refused, 30);
}

}  // namespace
}  // namespace qeval
