#include "tools/fuzz/readers.h"

#include <fstream>

#include "jobs/compare/predictions_file.h"
#include "jobs/language/job_parser.h"
#include "pipeline/base/regular_file.h"
#include "stages/dataset/manifest.h"
#include "stages/image/jpeg_decode.h"
#include "stages/model/arch/arch.h"
#include "stages/model/node_shapes.h"
#include "stages/model/onnx/import_onnx.h"
#include "stages/model/weights/state_dict.h"
#include "stages/quant/files/encodings_file.h"
#include "stages/quant/files/encodings_names.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/placement/quantsim_file.h"

namespace qeval {
namespace {

void prepare(Graph graph) {
  node_shapes(graph);
  fold_batch_norm(graph, NumericsMode::aimet_torch_2);
  node_shapes(graph);
}

void read_onnx(const std::filesystem::path& file) { prepare(import_onnx(file, {}).graph); }

void read_checkpoint(const std::filesystem::path& file) {
  const StateDict state = read_state_dict(file);
  std::string remark;
  prepare(build_graph("resnet20", {}, state, &remark));
}

void read_encodings(const std::filesystem::path& file) {
  EncodingsFile encodings = read_encodings_file(file);
  encodings_by_name(encodings);
  take_out_unheld(encodings);
  format_encodings_file(encodings);
}

void read_quantsim(const std::filesystem::path& file) { read_quantsim_file(file); }
void read_names(const std::filesystem::path& file) { read_name_map(file); }
void read_job(const std::filesystem::path& file) { parse_job_file(file); }
/// A list of images that are not there is refused before it is read on.
void read_list(const std::filesystem::path& file) {
  const std::filesystem::path root = file.parent_path();
  std::ofstream(root / "photo.jpg").put('x');
  read_image_list(file, root);
}

void read_predictions(const std::filesystem::path& file) {
  read_predictions_file(file, {.classes = 10, .images = 20, .scores = ScoreKind::logits, .tensor = ""});
}

void read_jpeg(const std::filesystem::path& file) { decode_jpeg(read_regular_file(file).bytes); }

}  // namespace

const std::vector<FuzzedReader>& fuzzed_readers() {
  static const std::vector<FuzzedReader> readers{{"onnx", {".onnx"}, read_onnx},
                                                 {"checkpoint", {".pth", ".safetensors"}, read_checkpoint},
                                                 {"encodings", {".encodings", ".json"}, read_encodings},
                                                 {"quantsim", {".json"}, read_quantsim},
                                                 {"names", {".csv"}, read_names},
                                                 {"job", {".yaml"}, read_job},
                                                 {"list", {".csv"}, read_list},
                                                 {"predictions", {".csv", ".jsonl", ".safetensors"}, read_predictions},
                                                 {"jpeg", {".jpg"}, read_jpeg}};
  return readers;
}

}  // namespace qeval
