/// Logits of given ONNX files on given images, for scripts that compare them with another runtime.
///
/// Reads cases from standard input until its end. One line "WAY IMAGES VALUES FILE": the number of images and of all
/// their values, and the file's name up to the end of the line; then the images as f32 NCHW. WAY: "fold" for batch
/// norms folded, "nofold", or "export", which writes the network, not quantized, to FILE with ".exported" behind it.
/// Answer: one line "KIND BYTES", then so many bytes. KIND is "logits" (f32, row by row; none of "export"), "refused"
/// (why the file is not taken) or "failed" (what went wrong when it was run). Numbers of arrays are little-endian.
#include <iostream>
#include <string>

#include "stages/model/onnx/import_onnx.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/onnx/export_onnx_qdq.h"
#include "stages/quant/placement/quantsim_config.h"
#include "tools/oracle/network_answers.h"
#include "tools/oracle/probe_loop.h"

namespace qeval {
namespace {

void answer_export(Graph graph, const std::string& file) {
  place_quantizers(graph, {});
  export_onnx_qdq(graph, EncodingTable(graph.quantizers.size()), NumericsMode::aimet_torch_2, file + ".exported");
  answer("logits", {});
}

bool answer_case() {
  int images = 0;
  std::size_t count = 0;
  std::string way, file;
  if (!(std::cin >> way >> images >> count) || !std::getline(std::cin >> std::ws, file)) return false;
  const std::vector<float> values = read_values(count);
  answer_or_say_why([&] {
    Graph graph = import_onnx(file, {}).graph;
    if (way == "fold") fold_batch_norm(graph, NumericsMode::aimet_torch_2);
    if (way == "export")
      answer_export(std::move(graph), file);
    else
      answer_network(graph, images, values);
  });
  return true;
}

}  // namespace
}  // namespace qeval

int main() { return qeval::answer_cases(qeval::answer_case); }
