#include "stages/quant/onnx/export_onnx_qdq.h"

#include "pipeline/errors.h"
#include "stages/quant/onnx/graph_writer.h"

namespace qeval {

void export_onnx_qdq(const Graph& graph, const EncodingTable& encodings, NumericsMode mode,
                     const std::filesystem::path& file) {
  if (encodings.size() != graph.quantizers.size())
    throw InternalError("encodings for " + std::to_string(encodings.size()) + " quantizers of " +
                        std::to_string(graph.quantizers.size()));
  OnnxWriter out(graph.arch);
  QdqWriter qdq(out, encodings, mode);
  GraphWriter(graph, out, qdq).run();
  out.save(file);
}

}  // namespace qeval
