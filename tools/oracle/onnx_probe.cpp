/// Logits of given ONNX files on given images, for scripts that compare them with another runtime.
///
/// Reads cases from standard input until its end. One line "WAY IMAGES VALUES FILE": the number of images and of all
/// their values, and the file's name up to the end of the line; then the images as f32 NCHW. WAY: "fold" for batch
/// norms folded, "nofold", or "export", which writes the network, not quantized, to FILE with ".exported" behind it.
/// Answer: one line "KIND BYTES", then so many bytes. KIND is "logits" (f32, row by row; none of "export"), "refused"
/// (why the file is not taken) or "failed" (what went wrong when it was run). Numbers of arrays are little-endian.
#include <cstdio>
#include <cstring>
#include <iostream>
#include <span>
#include <string>

#include "pipeline/base/errors.h"
#include "stages/infer/executor_library.h"
#include "stages/model/onnx/import_onnx.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/onnx/export_onnx_qdq.h"
#include "stages/quant/placement/quantsim_config.h"
#include "tools/oracle/probe_loop.h"

namespace qeval {
namespace {

void answer(const char* kind, std::span<const char> bytes) {
  std::printf("%s %zu\n", kind, bytes.size());
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

std::vector<float> read_values(std::size_t count) {
  std::vector<float> values(count);
  if (!std::cin.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(float))))
    throw std::runtime_error("standard input: values are missing");
  return values;
}

void answer_export(Graph graph, const std::string& file) {
  place_quantizers(graph, {});
  export_onnx_qdq(graph, EncodingTable(graph.quantizers.size()), NumericsMode::aimet_torch_2, file + ".exported");
  answer("logits", {});
}

void answer_network(Graph graph, bool fold, int images, const std::vector<float>& values) {
  if (fold) fold_batch_norm(graph, NumericsMode::aimet_torch_2);
  const auto executor = make_executor(graph, {}, {.kind = "float", .device = "cpu"});
  std::vector<float> logits(static_cast<std::size_t>(images) * static_cast<std::size_t>(graph.num_classes));
  executor->infer(values, images, logits);
  answer("logits", {reinterpret_cast<const char*>(logits.data()), logits.size() * sizeof(float)});
}

bool answer_case() {
  int images = 0;
  std::size_t count = 0;
  std::string way, file;
  if (!(std::cin >> way >> images >> count) || !std::getline(std::cin >> std::ws, file)) return false;
  const std::vector<float> values = read_values(count);
  try {
    Graph graph = import_onnx(file, {}).graph;
    if (way == "export")
      answer_export(std::move(graph), file);
    else
      answer_network(std::move(graph), way == "fold", images, values);
  } catch (const InputError& error) {
    answer("refused", {error.what(), std::strlen(error.what())});
  } catch (const std::exception& error) {
    answer("failed", {error.what(), std::strlen(error.what())});
  }
  return true;
}

}  // namespace
}  // namespace qeval

int main() { return qeval::answer_cases(qeval::answer_case); }
