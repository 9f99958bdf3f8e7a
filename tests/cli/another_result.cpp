// Makes another result of a finished run, sealed as storage seals what it stores: so that a test can show what is said
// of a result that is sound and differs. Usage: another_result DATABASE RUN-ID
#include <string>

#include "storage/prediction_rows.h"
#include "storage/run_metrics.h"
#include "storage/run_seal.h"

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const std::int64_t run = std::stoll(arguments[2]);
  qeval::Database database(arguments[1], qeval::Database::Access::read_write);
  qeval::Transaction transaction(database);
  database.run("UPDATE prediction SET prob1 = prob1 / 2 WHERE run_id = ?1", run);
  qeval::update_metrics(database, run);
  qeval::seal_run(database, run);
  transaction.commit();
}
