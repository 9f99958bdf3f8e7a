#include "stages/flow/network_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qeval {
namespace {

/// One row of four numbers through these operators.
Graph ending_in(const std::vector<Op>& ops) {
  Graph graph;
  graph.input_shape = {4, 1, 1};
  graph.num_classes = 4;
  graph.nodes.emplace_back();
  for (const Op op : ops) {
    Node node;
    node.op = op;
    node.name = op_name(op);
    node.inputs = {static_cast<int>(graph.nodes.size()) - 1};
    node.shape = {4, 1};
    node.axes = {0, 2, 1};
    graph.nodes.push_back(node);
  }
  return graph;
}

ScoreKind kind_of(const std::vector<Op>& ops) { return network_scores(ending_in(ops)).kind; }

TEST(NetworkScores, AreLogitsUnlessTheNetworkEndsInProbabilities) {
  EXPECT_EQ(kind_of({Op::relu, Op::flatten}), ScoreKind::logits);
  EXPECT_EQ(kind_of({Op::flatten, Op::softmax, Op::relu}), ScoreKind::logits);
  EXPECT_EQ(kind_of({Op::flatten, Op::softmax}), ScoreKind::probabilities);
  EXPECT_EQ(kind_of({Op::flatten, Op::sigmoid}), ScoreKind::probabilities);
  EXPECT_EQ(kind_of({Op::flatten, Op::log_softmax}), ScoreKind::log_probabilities);
}

TEST(NetworkScores, WhatMovesProbabilitiesOrPutsThemOnAGridLeavesThemThat) {
  EXPECT_EQ(kind_of({Op::softmax, Op::flatten}), ScoreKind::probabilities);
  EXPECT_EQ(kind_of({Op::softmax, Op::reshape, Op::permute, Op::flatten}), ScoreKind::probabilities);
  EXPECT_EQ(kind_of({Op::flatten, Op::softmax, Op::dropout, Op::quantize_dequantize}), ScoreKind::probabilities);
}

TEST(NetworkScores, OverAnotherAxisAreNoProbabilitiesOfClasses) {
  Graph graph = ending_in({Op::softmax, Op::flatten});
  graph.nodes[1].axis = 2;
  EXPECT_EQ(network_scores(graph).kind, ScoreKind::logits);
}

TEST(NetworkScores, AreSaidToWhoeverReadsTheSettings) {
  EXPECT_EQ(network_scores(ending_in({Op::flatten, Op::softmax})).remark(),
            "the network ends in softmax (node softmax): the probability of a class is its own number");
  EXPECT_EQ(network_scores(ending_in({Op::flatten})).remark(), "");
}

}  // namespace
}  // namespace qeval
