#include "tools/qeval/commands/stored_runs.h"

#include <fmt/core.h>

#include "jobs/compare/comparability.h"
#include "jobs/run/stored_content.h"
#include "pipeline/base/errors.h"
#include "tools/qeval/text/identity_text.h"
#include "tools/qeval/text/locale_text.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {

namespace {

RunRecord with_whole_key(const Queries& queries, RunRecord run) {
  require_whole_key(queries.file(), "run " + run.name, run.eval_key, run.key_components);
  return run;
}

}  // namespace

RunRecord whole_run(Queries& queries, const std::string& reference) {
  return with_whole_key(queries, queries.run(reference));
}

RunRecord named_run(Queries& queries, const std::string& reference) {
  return with_whole_key(queries, queries.run_row(reference));
}

void check_pictures(Queries& queries, const RunRecord& first, const RunRecord& second, bool common) {
  if (same_pictures(first, second)) return;
  const StoredInputs stored = stored_inputs(queries);
  std::string text = fmt::format("{} and {} did not see the same pictures:\n", first.name, second.name);
  for (const std::string& difference : differing_pictures(stored, first, second))
    text += locale_text("  " + visible_name(difference) + "\n");
  if (!common) throw UsageError(text + "--common compares the images that both have, under one name, in spite of that");
  write_err("note: " + text);
}

}  // namespace qeval
