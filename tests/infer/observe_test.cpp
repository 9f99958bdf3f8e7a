// Calibration passes: what observers get to see.
#include <thread>

#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/quant/analyzers/observer_bank.h"
#include "tests/infer/graph_fixture.h"

namespace qeval {
namespace {

using test::encoding;

Encoding min_max(const ObserverBank& bank, int quantizer) { return bank.observer(quantizer).compute({}); }

/// conv → relu (quantized) → conv (quantized) → add with the relu → relu (the same quantizer as the first).
struct Network {
  Graph graph;
  int relu = -1, conv = -1;
};

Network make_network() {
  test::GraphBuilder b({4, 6, 6});
  Network network;
  const int first = b.node(Op::relu, {b.conv(0, 4, 4, {}, 1)});
  network.relu = b.quantize_output(first);
  const int second = b.conv(first, 4, 4, {}, 3);
  network.conv = b.quantize_output(second);
  const int last = b.node(Op::relu, {b.node(Op::add, {second, first})});
  b.at(last).output_quantizer = network.relu;
  network.graph = b.finish(last, 4, 3);
  network.graph.quantizers[static_cast<std::size_t>(network.relu)].call_sites = 2;
  return network;
}

TEST(Observe, SharedQuantizerIsFedByEveryCallSite) {
  const Network network = make_network();
  const auto executor = test::make_simulated(network.graph, EncodingTable(2));
  const auto images = test::images_for(network.graph, 3, 5);
  ObserverBank right({2, 1}, QuantScheme::tf, NumericsMode::aimet_torch_2);
  executor->observe(images, 3, 0, right);
  right.take_snapshot(0);
  ObserverBank too_few({1, 1}, QuantScheme::tf, NumericsMode::aimet_torch_2);
  EXPECT_THROW(executor->observe(images, 3, 0, too_few), InternalError);
}

TEST(Observe, AQuantizerWithoutCallSitesWorksAsInInference) {
  const Network network = make_network();
  EncodingTable table(2);
  // A grid from 100 up: what it lets through is seen behind it.
  table[static_cast<std::size_t>(network.conv)] = {{.min = 100, .max = 355, .scale = 1, .offset = 100}};
  const auto images = test::images_for(network.graph, 3, 5);
  std::vector<int> sites(2);
  sites[static_cast<std::size_t>(network.relu)] = 2;
  const auto largest_seen = [&](const EncodingTable& encodings) {
    ObserverBank bank(sites, QuantScheme::tf, NumericsMode::aimet_torch_2);
    test::make_simulated(network.graph, encodings)->observe(images, 3, 0, bank);
    return min_max(bank, network.relu).max;
  };
  EXPECT_LT(largest_seen(EncodingTable(2)), 50);
  EXPECT_GE(largest_seen(table), 99);
}

TEST(Observe, ActivationsAreSeenUnquantizedAndAfterRelu) {
  const Network network = make_network();
  EncodingTable table(2);
  const auto images = test::images_for(network.graph, 3, 5);
  ObserverBank plain({2, 1}, QuantScheme::tf, NumericsMode::aimet_torch_2);
  test::make_simulated(network.graph, table)->observe(images, 3, 0, plain);
  table = {{encoding(0, 0.1)}, {encoding(-0.1, 0.1)}};
  ObserverBank with_encodings({2, 1}, QuantScheme::tf, NumericsMode::aimet_torch_2);
  test::make_simulated(network.graph, table)->observe(images, 3, 0, with_encodings);
  for (int q : {0, 1}) {
    EXPECT_EQ(min_max(plain, q).max, min_max(with_encodings, q).max);
    EXPECT_EQ(min_max(plain, q).min, min_max(with_encodings, q).min);
  }
  EXPECT_EQ(min_max(plain, network.relu).min, 0.0);
  EXPECT_LT(min_max(plain, network.conv).min, 0.0);
  EXPECT_GT(min_max(plain, network.relu).max, 0.1);
}

TEST(Observe, RangeIsThatOfTheTensor) {
  test::GraphBuilder b({1, 1, 4});
  const int pass = b.node(Op::dropout, {0});
  b.quantize_output(pass);
  const Graph graph = b.finish_flat(pass, 4);
  ObserverBank bank({1}, QuantScheme::tf, NumericsMode::aimet_torch_2);
  const auto executor = test::make_simulated(graph, EncodingTable(1));
  executor->observe(std::vector<float>{-1.5f, 0, 2, 3.5f}, 1, 0, bank);
  executor->observe(std::vector<float>{0, 0, 4.25f, 1}, 1, 1, bank);
  EXPECT_FLOAT_EQ(static_cast<float>(min_max(bank, 0).max - min_max(bank, 0).min), 5.75f);
}

TEST(Observe, BatchesAtOnceGiveTheStateOfBatchesInTurn) {
  const Network network = make_network();
  const auto executor = test::make_simulated(network.graph, EncodingTable(2));
  std::vector<std::vector<float>> batches;
  for (unsigned i = 0; i < 6; ++i) batches.push_back(test::images_for(network.graph, 2, 40 + i));
  ObserverBank in_turn({2, 1}, QuantScheme::tf_enhanced, NumericsMode::aimet_torch_2);
  ObserverBank at_once({2, 1}, QuantScheme::tf_enhanced, NumericsMode::aimet_torch_2);
  for (std::size_t i = 0; i < batches.size(); ++i)
    executor->observe(batches[i], 2, static_cast<std::int64_t>(i), in_turn);
  {
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([&] {
        for (std::size_t i; (i = next++) < batches.size();)
          executor->observe(batches[i], 2, static_cast<std::int64_t>(i), at_once);
      });
  }
  for (int q : {0, 1}) EXPECT_EQ(in_turn.observer(q).serialize(), at_once.observer(q).serialize());
}

/// As the stage that calls the executor does.
TEST(Observe, WhoTellsThatItFailedWakesTheBatchesThatWait) {
  const Network network = make_network();
  const auto executor = test::make_simulated(network.graph, EncodingTable(2));
  const auto images = test::images_for(network.graph, 2, 5);
  ObserverBank bank({2, 1}, QuantScheme::tf, NumericsMode::aimet_torch_2);
  std::jthread waiting([&] { EXPECT_THROW(executor->observe(images, 2, 1, bank), OtherWorkFailed); });
  EXPECT_THROW(executor->observe(std::vector<float>(3), 2, 0, bank), InternalError);
  bank.fail_batch(0);
}

TEST(Observe, FloatExecutorHasNothingToObserve) {
  const Network network = make_network();
  ObserverBank bank({2, 1}, QuantScheme::tf, NumericsMode::aimet_torch_2);
  EXPECT_THROW(test::make_float(network.graph)->observe(test::images_for(network.graph, 1, 1), 1, 0, bank),
               InternalError);
}

}  // namespace
}  // namespace qeval
