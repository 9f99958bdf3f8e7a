#pragma once
/// The shape of every value of a graph: the one place that knows what an operator makes of its inputs' shapes. The
/// importer, passes, exporter and executors ask here.
///
/// Shapes are without the batch, which is axis 0 of every value: axis a of an operator is number a − 1 of a shape. A
/// value of the batch axis alone has the empty shape.
/// Thread-safety: free functions. Errors: InternalError naming the node whose inputs it cannot take.
#include <cstdint>
#include <optional>
#include <vector>

#include "stages/model/graph.h"

namespace qeval {

using Shape = std::vector<std::int64_t>;

/// Of an operator's output, from its inputs' shapes. `inputs`: one per input of the node.
Shape output_shape(const Node& node, const std::vector<const Shape*>& inputs);

/// Of the output of node `index`, where `shapes` holds those of all nodes before it.
Shape output_shape(const Graph& graph, std::size_t index, const std::vector<Shape>& shapes);

/// One per node.
std::vector<Shape> node_shapes(const Graph& graph);

/// Of two operands of the same rank whose sides of length 1 are repeated; nothing where they do not fit.
std::optional<Shape> broadcast_shape(const Shape& a, const Shape& b);

/// Channels are axis 1. A linear layer computes on the last axis, which is the same one in rows alone, [N, C].
inline bool last_axis_is_channels(const Shape& shape) { return shape.size() == 1; }

/// Values that one window covers along an axis of the image, gaps included: 0 = height, 1 = width.
std::int64_t window_extent(const Window& window, std::size_t axis);

/// How often a window fits along an axis of `size` values; 0 or less if it never does. With ceil_mode, a window that
/// would begin behind the input and its leading padding is left out, as PyTorch and onnxruntime do.
std::int64_t window_positions(const Window& window, std::size_t axis, std::int64_t size);

/// What a transposed convolution makes of an axis of `size` values.
std::int64_t spread_size(const Window& window, std::size_t axis, std::int64_t size);

/// How far the last window reaches behind an axis of `size` values; below 0: what no window reaches.
std::int64_t padding_reached(const Window& window, std::size_t axis, std::int64_t size);

}  // namespace qeval
