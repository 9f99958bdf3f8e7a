#include "pipeline/graph_runner.h"

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/task_arena.h>

#include <tuple>

#include "pipeline/base/errors.h"
#include "pipeline/graph_spec_check.h"
#include "pipeline/in_flight.h"
#include "pipeline/stage_body.h"
#include "pipeline/start_queue.h"
#include "pipeline/work_source.h"

namespace qeval {
namespace {

namespace flow = oneapi::tbb::flow;

/// Graph and nodes of one run; used once. Node bodies are copied by oneTBB, so they hold nothing but `this`.
///
/// Every functional node keeps the default queueing policy and the limiter stands directly behind the source: a limiter
/// or a rejecting node further down would drop messages. All buffers lie between the limiter and the sink, which alone
/// returns tokens, so the limiter bounds the memory of everything.
class Runner {
 public:
  explicit Runner(const GraphSpec& spec);
  GraphSummary run();

 private:
  using Gather = flow::multifunction_node<ItemPtr, std::tuple<BatchPtr>>;

  void add_item_nodes();
  void connect();
  void check_outcome() const;

  ItemPtr take_next(oneapi::tbb::flow_control& control);
  ItemPtr admit(const ItemPtr& message);
  ItemPtr run_item(const ItemNode& node, const StageBody& body, const ItemPtr& message);
  void gather(const ItemPtr& message, Gather::output_ports_type& ports);
  flow::continue_msg queue_to_start(const BatchPtr& message);
  BatchPtr run_oldest();
  int commit(const BatchPtr& message);

  const GraphSpec& spec_;
  RunContext run_;
  WorkSource work_;
  StartQueue startable_;
  GraphSummary summary_;

  StageBody admission_body_;
  std::vector<std::unique_ptr<StageBody>> item_bodies_;
  StageBody batch_body_;
  StageBody sink_body_;

  flow::graph graph_;
  flow::input_node<ItemPtr> source_;
  flow::limiter_node<ItemPtr, int> limiter_;
  flow::function_node<ItemPtr, ItemPtr> admission_;
  std::vector<std::unique_ptr<flow::function_node<ItemPtr, ItemPtr>>> item_nodes_;
  Gather gather_;
  flow::sequencer_node<BatchPtr> start_order_;
  flow::function_node<BatchPtr, flow::continue_msg> starter_;
  flow::function_node<flow::continue_msg, BatchPtr> batch_node_;
  flow::sequencer_node<BatchPtr> commit_order_;
  flow::function_node<BatchPtr, int> sink_;
};

constexpr auto ordinal_of = [](const BatchPtr& message) { return static_cast<std::size_t>(message->batch.ordinal); };

Runner::Runner(const GraphSpec& spec)
    : spec_(spec),
      run_{FirstFailure(spec.on_failure), spec.observer},
      work_(spec),
      admission_body_(run_, "admission", -1),
      batch_body_(run_, spec.batch_node.name, static_cast<int>(spec.item_nodes.size())),
      sink_body_(run_, spec.sink_node.name, static_cast<int>(spec.item_nodes.size()) + 1),
      source_(graph_, [this](oneapi::tbb::flow_control& control) { return take_next(control); }),
      limiter_(graph_, static_cast<std::size_t>(items_in_flight_bound(spec))),
      admission_(graph_, flow::serial, [this](const ItemPtr& message) { return admit(message); }),
      gather_(graph_, flow::unlimited,
              [this](const ItemPtr& message, Gather::output_ports_type& ports) { gather(message, ports); }),
      start_order_(graph_, ordinal_of),
      starter_(graph_, flow::serial, [this](const BatchPtr& message) { return queue_to_start(message); }),
      batch_node_(graph_, static_cast<std::size_t>(spec.batch_node.concurrency),
                  [this](const flow::continue_msg&) { return run_oldest(); }),
      commit_order_(graph_, ordinal_of),
      sink_(graph_, flow::serial, [this](const BatchPtr& message) { return commit(message); }) {
  add_item_nodes();
  connect();
}

void Runner::add_item_nodes() {
  static_assert(flow::unlimited == 0, "ItemNode says 0 for unlimited, too");
  for (const ItemNode& node : spec_.item_nodes) {
    const int number = static_cast<int>(item_nodes_.size());
    item_bodies_.push_back(std::make_unique<StageBody>(run_, node.name, number));
    const StageBody* body = item_bodies_.back().get();
    item_nodes_.push_back(std::make_unique<flow::function_node<ItemPtr, ItemPtr>>(
        graph_, static_cast<std::size_t>(node.concurrency),
        [this, &node, body](const ItemPtr& message) { return run_item(node, *body, message); }));
  }
}

void Runner::connect() {
  flow::make_edge(source_, limiter_);
  flow::make_edge(limiter_, admission_);
  flow::sender<ItemPtr>* last = &admission_;
  for (const auto& node : item_nodes_) {
    flow::make_edge(*last, *node);
    last = node.get();
  }
  flow::make_edge(*last, gather_);
  flow::make_edge(flow::output_port<0>(gather_), start_order_);
  flow::make_edge(start_order_, starter_);
  flow::make_edge(starter_, batch_node_);
  flow::make_edge(batch_node_, commit_order_);
  flow::make_edge(commit_order_, sink_);
  flow::make_edge(sink_, limiter_.decrementer());
}

/// Runs under a spin lock of oneTBB's: no I/O and no large allocation here; that is what admission is for.
ItemPtr Runner::take_next(oneapi::tbb::flow_control& control) {
  try {
    ItemPtr next = work_.next();
    if (!next) control.stop();
    return next;
  } catch (...) {
    run_.failure.record_current("source", {"item", work_.items_handed_out()});
    throw RunCancelled{};
  }
}

ItemPtr Runner::admit(const ItemPtr& message) {
  admission_body_.run(*message, [&] {
    BatchInFlight& in_flight = *message->batch;
    if (in_flight.opened) return;
    in_flight.opened = true;
    in_flight.batch.failures.resize(static_cast<std::size_t>(in_flight.batch.size));
    if (spec_.make_payload) in_flight.batch.payload = spec_.make_payload(in_flight.batch);
  });
  return message;
}

ItemPtr Runner::run_item(const ItemNode& node, const StageBody& body, const ItemPtr& message) {
  Item& item = message->item;
  std::optional<ItemFailure>& failure = item.batch->failures[static_cast<std::size_t>(item.slot)];
  if (failure) return message;
  body.run(*message, [&] {
    try {
      node.stage->process(item);
    } catch (const ItemError& error) {
      failure = ItemFailure{node.name, error.kind(), error.what()};
    }
  });
  return message;
}

void Runner::gather(const ItemPtr& message, Gather::output_ports_type& ports) {
  message->item.payload.reset();
  message->item.batch = nullptr;
  const BatchPtr batch = std::move(message->batch);
  if (batch->unfinished.fetch_sub(1, std::memory_order_acq_rel) == 1) std::get<0>(ports).try_put(batch);
}

flow::continue_msg Runner::queue_to_start(const BatchPtr& message) {
  startable_.push(message);
  return {};
}

BatchPtr Runner::run_oldest() {
  const BatchPtr oldest = startable_.pop_oldest();
  batch_body_.run(*oldest, [&] { spec_.batch_node.stage->process(oldest->batch); });
  return oldest;
}

int Runner::commit(const BatchPtr& message) {
  int tokens = 0;
  sink_body_.run(*message, [&] {
    Batch& batch = message->batch;
    spec_.sink_node.sink->commit(batch);
    if (spec_.observer != nullptr) spec_.observer->batch_committed(batch);
    batch.payload.reset();  // before its tokens admit other items
    tokens = batch.size;
    summary_.items_committed += tokens;
    ++summary_.batches_committed;
  });
  return tokens;
}

/// A lost token does not hang a graph: it ends early and says nothing. Only the counts tell.
void Runner::check_outcome() const {
  if (work_.items_handed_out() != summary_.items_committed)
    throw InternalError("the flow graph admitted " + std::to_string(work_.items_handed_out()) +
                        " items, but committed only " + std::to_string(summary_.items_committed));
  if (!work_.exhausted() && !work_.stopped())
    throw InternalError("the flow graph ended with planned items left and nobody having asked it to stop");
}

GraphSummary Runner::run() {
  try {
    source_.activate();
    graph_.wait_for_all();
  } catch (const RunCancelled&) {
    run_.failure.rethrow_if_any();
    throw InternalError("the flow graph ended for a failure that no stage told of");
  } catch (...) {
    run_.failure.rethrow_if_any();
    throw;
  }
  check_outcome();
  summary_.items_admitted = work_.items_handed_out();
  summary_.stopped = work_.stopped();
  return summary_;
}

}  // namespace

GraphSummary run_graph(const GraphSpec& spec) {
  check_graph_spec(spec);
  const int threads = spec.threads != 0 ? spec.threads : oneapi::tbb::info::default_concurrency();
  const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                          static_cast<std::size_t>(threads));
  oneapi::tbb::task_arena arena(threads);
  // A graph belongs to the arena it is made in.
  return arena.execute([&] { return Runner(spec).run(); });
}

}  // namespace qeval
