#include "tools/qeval/commands/encodings_commands.h"
#include "tools/qeval/user_memory.h"

#include <algorithm>

#include <fmt/core.h>

#include "jobs/prepare/output_files.h"
#include "jobs/run/write_encodings.h"
#include "pipeline/base/errors.h"
#include "stages/quant/files/encodings_names.h"
#include "storage/queries.h"
#include "storage/run_store.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/encoding_sets.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/text/encodings_table.h"
#include "tools/qeval/text/table_output.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/text_table.h"

namespace qeval {
namespace {

/// The only positional argument.
std::string the_argument(const Options& options, const char* name, const char* usage) {
  const std::vector<std::string> given = options.list(name);
  if (given.size() != 1)
    throw UsageError(fmt::format("encodings: {} is missing (usage: qeval encodings {})", name, usage));
  return given.front();
}

/// Gives the entries the names that the map's file column has, and says what the map does not cover.
void give_file_names(EncodingsFile& file, const std::filesystem::path& map_file) {
  const NameMap names = reversed(read_name_map(map_file).names);
  std::vector<std::string> kept;
  for (const EncodingEntry& entry : file.entries)
    if (!names.count(entry.name)) kept.push_back(entry.name);
  const std::vector<std::string> unknown = rename_entries(file, names);
  if (!kept.empty())
    err("note: {} encodings keep their names, {} has none for them: {}\n", kept.size(), map_file.string(),
        visible_names(kept));
  if (!unknown.empty())
    err("note: {} quantizers of {} are not in the set: {}\n", unknown.size(), map_file.string(),
        visible_names(unknown));
}

void say_unknown_names(const std::vector<std::string>& names, const std::string& map_file) {
  if (!names.empty())
    err("note: {} names of {} are not in the file: {}\n", names.size(), map_file, visible_names(names));
}

}  // namespace

EncodingsFile open_encodings(const std::string& reference, const std::string& database_option) {
  std::error_code unreachable;  // a set's name need not be one that a file may have
  if (std::filesystem::is_regular_file(reference, unreachable)) return read_encodings_file(reference);
  const auto queries = Queries::open(database_path(database_option));
  return file_of_set(queries->named_encoding_set(reference), queries->file());
}

int list_encodings(const std::vector<std::string>& arguments) {
  Options options("encodings list [options]");
  options.value("format", "F", "table, csv, json, jsonl or md").value("db", "FILE", "results database");
  if (!options.parse(arguments)) return 0;
  const TableFormat format = parse_table_format(options.text("format", "table"));
  Table table;
  table.columns = {"set", "name", "origin", "mode", "quantizers", "encodings", "images", "runs", "created", "source"};
  for (const EncodingSetSummary& set : Queries::open(database_path(options.text("db")))->encoding_sets())
    table.rows.push_back({set.id, set.name, set.origin, set.mode, set.quantizers, set.encodings, set.calibration_images,
                          set.runs, set.created_at, set.source_path});
  print_table(table, format);
  return 0;
}

int show_encodings(const std::vector<std::string>& arguments) {
  constexpr const char* usage = "show SET|FILE [options]";
  Options options(std::string("encodings ") + usage);
  options.positional("set or file", 1);
  options.value("format", "F", "table, csv, json, jsonl or md").value("db", "FILE", "results database");
  if (!options.parse(arguments)) return 0;
  const TableFormat format = parse_table_format(options.text("format", "table"));
  const EncodingsFile file = open_encodings(the_argument(options, "set or file", usage), options.text("db"));
  print_table(encodings_table(records_of_file(file)), format);
  return 0;
}

int import_encodings(const std::vector<std::string>& arguments) {
  constexpr const char* usage = "import FILE [options]";
  Options options(std::string("encodings ") + usage);
  options.positional("file", 1);
  options.value("name", "NAME", "of the set (default: the file's name)")
      .value("names", "MAP", "name map, JSON: {\"name in the file\": \"name here\"}")
      .value("db", "FILE", "results database");
  if (!options.parse(arguments)) return 0;
  const std::filesystem::path source = the_argument(options, "file", usage);
  EncodingsFile file = read_encodings_file(source);
  if (const std::string map = options.text("names"); !map.empty())
    say_unknown_names(rename_entries(file, read_name_map(map).names), map);
  const EncodingSetRecord set = set_of_file(file, source, options.text("name", source.filename().string()));
  const auto store = RunStore::open(database_path(options.text("db")));
  std::int64_t id = 0;
  if (const auto stored = store->find_encoding_set(set.cache_key, &id)) {
    out("set {}: the same encodings are stored already, as {}\n", id, stored->name);
    return 0;
  }
  id = store->save_encoding_set(set);
  out("set {}: {}, version {}, {} names, {} encodings\n", id, set.name, file.version, file.entries.size(),
      set.encodings.size());
  return 0;
}

int export_encodings(const std::vector<std::string>& arguments) {
  constexpr const char* usage = "export SET -o FILE [options]";
  Options options(std::string("encodings ") + usage);
  options.positional("set", 1);
  options.value("output,o", "FILE", "file to write")
      .value("version", "V",
             "0.4.0, 0.5.0, 0.5.1, 0.6.1, 1.0.0, 2.0.0, 2.1.0 or adaround (default: that of the imported file, 0.6.1 "
             "for calibrated sets)")
      .value("names", "MAP", "name map as for import: the file gets the names of its left column")
      .flag("force", "replace a file that qeval did not write")
      .value("db", "FILE", "results database");
  if (!options.parse(arguments)) return 0;
  const std::string source = the_argument(options, "set", usage), output = options.text("output");
  EncodingsFile file = open_encodings(source, options.text("db"));
  if (!options.given("output"))
    throw UsageError(fmt::format("encodings: output is missing (usage: qeval encodings {})", usage));
  file.version = options.text("version", file.version);
  if (options.given("names")) give_file_names(file, options.text("names"));
  const auto memory = open_user_memory();
  OutputFiles outputs(options.given("force"), memory.get());
  outputs.add_input(source, "the encodings");
  outputs.add_input(options.text("names"), "the name map");
  outputs.add_input(database_path(options.text("db")), "the results database");
  std::string note;
  outputs.write(output, [&] { note = write_what_fits(file, output); });
  if (!note.empty()) err("{}: {}\n", output, note);
  err("{}: version {}, {} names\n", output, file.version, file.entries.size());
  return 0;
}

}  // namespace qeval
