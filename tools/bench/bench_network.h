#pragma once
/// What the benchmark's programs compute: a network, how it is quantized, and images that are none.
/// Thread-safety: free functions. Errors: UsageError for names, InputError for files and what does not fit in them.
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/placement/quantsim_config.h"

namespace qeval::bench {

/// With batch norms folded. `weights`: a file; empty = random ones.
Graph load_network(const std::string& arch, const std::string& weights);

/// As in a network that was prepared: a quantizer per call.
QuantRecipe recipe_of(const std::string& mode);

/// f32 NCHW, the same at every call.
std::vector<float> synthetic_images(const Graph& graph, int batch_size);

/// Of a file that `qeval encodings export` wrote, which has to have them for every quantizer of `graph`.
EncodingTable encodings_from_file(const Graph& graph, const std::string& file);

}  // namespace qeval::bench
