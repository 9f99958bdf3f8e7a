#pragma once
/// Random weights under which a network behaves like a trained one: signals neither vanish nor explode, batch-norm
/// statistics are what the network really produces (to first order), logits differ between images.
///
/// How: He-scaled filters; mean and variance of every channel are propagated through the graph analytically
/// (independent, normally distributed channels), and each batch norm stores what arrives at it. Inputs are taken as
/// normalized images: mean 0, variance 1.
/// Same seed, same bytes on every machine (IEEE arithmetic without FP contraction). Thread-safety: free function.
#include <cstdint>

#include "stages/model/graph.h"

namespace qeval {

/// Gives data to every tensor of `graph` that has a shape.
void fill_with_random_weights(Graph& graph, std::uint64_t seed);

}  // namespace qeval
