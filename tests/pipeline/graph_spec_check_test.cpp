/// A description that cannot be carried out is refused before anything runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "tests/pipeline/text_job.h"

namespace qeval::test {
namespace {

void expect_refused(const GraphSpec& spec, ExitCode code, const std::string& part) {
  try {
    run_graph(spec);
    ADD_FAILURE() << "accepted, but should say: " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_THAT(error.what(), testing::HasSubstr(part));
  }
}

class GraphSpecCheck : public testing::Test {
 protected:
  TextJob job;
  GraphSpec spec = job.spec(20, 4);
  ~GraphSpecCheck() override { EXPECT_EQ(job.sheets_made, 0) << "something ran"; }
};

TEST_F(GraphSpecCheck, RefusesABoundBelowOneBatch) {
  spec.max_items_in_flight = 3;
  expect_refused(spec, ExitCode::usage, "limited to 3, but one batch holds 4");
}

TEST_F(GraphSpecCheck, RefusesNumbersOutOfRange) {
  spec.batch_size = 0;
  expect_refused(spec, ExitCode::usage, "batch size must be at least 1, got 0");
  spec.batch_size = 4;
  spec.threads = -1;
  expect_refused(spec, ExitCode::usage, "got -1");
  spec.threads = 1;
  spec.batch_node.concurrency = 0;
  expect_refused(spec, ExitCode::usage, "'fold' needs a concurrency of at least 1");
  spec.batch_node.concurrency = 1;
  spec.item_nodes[1].concurrency = -2;
  expect_refused(spec, ExitCode::usage, "'weigh' has a negative concurrency");
}

TEST_F(GraphSpecCheck, RefusesMissingStages) {
  const GraphSpec complete = spec;
  spec.item_nodes.clear();
  expect_refused(spec, ExitCode::internal, "at least one item stage");
  spec = complete;
  spec.item_nodes[0].stage = nullptr;
  expect_refused(spec, ExitCode::internal, "at least one item stage");
  spec = complete;
  spec.sink_node.sink = nullptr;
  expect_refused(spec, ExitCode::internal, "a sink");
}

TEST_F(GraphSpecCheck, RefusesAPlanThatIsUnsortedOrBeyondTheItems) {
  spec.batch_numbers = {0, 2, 2};
  expect_refused(spec, ExitCode::internal, "must ascend");
  spec.batch_numbers = {-1, 2};
  expect_refused(spec, ExitCode::internal, "must ascend");
  spec.batch_numbers = {0, 5};
  expect_refused(spec, ExitCode::internal, "batch 5 is planned, but 20 items make 5 batches");
}

}  // namespace
}  // namespace qeval::test
