#include "storage/soundness.h"

#include <array>

#include "storage/prediction_rows.h"
#include "storage/run_metrics.h"
#include "storage/run_seal.h"

namespace qeval {

namespace {

/// Their rows count runs, sets and layers, not images or weights.
constexpr std::array<std::string_view, 13> directory{"run",           "run_attempt",       "job",
                                                     "model",         "dataset",           "recipe",
                                                     "key_component", "encoding_set",      "calibration_progress",
                                                     "sensitivity",   "sensitivity_group", "sensitivity_shared_layer",
                                                     "written_name"};

void require_sound_table(Database& database, const std::string& table) {
  Statement check = database.query("PRAGMA integrity_check('" + table + "')");
  if (check.step() && check.text(0) != "ok") database.raise_damage(check.text(0));
  if (database.query("PRAGMA foreign_key_check('" + table + "')").step())
    database.raise_damage("rows that " + table + " refers to are gone");
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

/// SQLite stores any type in any column; NULL is for integrity_check to judge.
std::string wrong_type_condition(Database& database, const std::string& table) {
  std::string condition = "0";
  Statement column = database.query("SELECT name, lower(type) FROM pragma_table_info(?1)", table);
  while (column.step()) {
    const std::string name = quoted(column.required_text(0));
    condition.append(" OR typeof(")
        .append(name)
        .append(") NOT IN ('null', '")
        .append(column.required_text(1))
        .append("')");
  }
  return condition;
}

void require_types(Database& database, const std::string& table) {
  const std::string condition = wrong_type_condition(database, table);
  if (database.integer("SELECT count(*) FROM " + quoted(table) + " WHERE " + condition) != 0)
    database.raise_damage("table " + table + " holds values of other types than were written");
}

}  // namespace

void require_sound_pages(Database& database) {
  Statement statement = database.query("PRAGMA quick_check(1)");
  if (statement.step() && statement.text(0) != "ok") database.raise_damage(statement.text(0));
}

void require_sound_directory(Database& database) {
  const ReadTransaction one_moment(database);
  for (const std::string_view table : directory) {
    require_sound_table(database, std::string(table));
    require_types(database, std::string(table));
  }
  require_sealed_runs(database);
}

void require_sound_run(Database& database, std::int64_t run_id,
                       const std::function<void(const PredictionRecord&)>& visit) {
  const ReadTransaction one_moment(database);
  PredictionCounter counter;
  for_each_prediction(database, run_id, [&](const PredictionRecord& row) {
    counter.add(row);
    if (visit) visit(row);
  });
  if (read_counts(database, run_id) != counter.counts())
    database.raise_damage("predictions of a run are not as they were stored");
  Statement run = database.query(
      "SELECT n_done, (SELECT ifnull(sum(n_rows), 0) FROM batch_done b WHERE b.run_id = r.id), n_total,"
      " (SELECT count(*) FROM sample s WHERE s.dataset_id = r.dataset_id) FROM run r WHERE r.id = ?1",
      run_id);
  run.step_to_row();
  if (run.integer(0) != run.integer(1) || run.integer(2) != run.integer(3))
    database.raise_damage("a run does not have the images and batches that it counts");
}

}  // namespace qeval
