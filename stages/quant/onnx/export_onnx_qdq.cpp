#include "stages/quant/onnx/export_onnx_qdq.h"

#include "pipeline/base/errors.h"
#include "stages/quant/onnx/graph_writer.h"

namespace qeval {

void export_onnx_qdq(const Graph& graph, const EncodingTable& encodings, NumericsMode mode,
                     const std::filesystem::path& file, QdqArithmetic arithmetic) {
  if (encodings.size() != graph.quantizers.size())
    throw InternalError("encodings for " + std::to_string(encodings.size()) + " quantizers of " +
                        std::to_string(graph.quantizers.size()));
  OnnxWriter out(graph.arch);
  const bool exact = arithmetic == QdqArithmetic::exact;
  QdqWriter qdq(out, encodings, mode, exact);
  GraphWriter(graph, out, qdq, [&](const Node& node) {
    return exact ? exact_sums(graph, node, encodings, mode) : std::nullopt;
  }).run();
  out.save(file);
}

}  // namespace qeval
