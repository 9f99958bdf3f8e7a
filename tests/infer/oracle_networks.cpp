#include "tests/infer/oracle_networks.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>

#include <nlohmann/json.hpp>

#include "stages/model/arch/arch.h"
#include "stages/quant/equalize/equalize.h"
#include "stages/quant/equalize/replace_relu6.h"
#include "stages/quant/fold_batch_norm.h"

namespace qeval::test {
namespace {

/// Short side 256 bilinear, centre crop 224.
Preprocessor centre_preprocessor(const Normalize& normalize) {
  return Preprocessor({{}, {ResizeShortSide{}, CenterCrop{}, normalize}});
}

}  // namespace

Graph OracleNetwork::folded() const {
  Graph graph = load();
  fold_batch_norm(graph, NumericsMode::aimet_torch_2);
  return graph;
}

Graph OracleNetwork::equalized() const {
  Graph graph = load();
  const auto folded_pairs = fold_batch_norm(graph, NumericsMode::aimet_torch_2);
  // Left to the user in this mode.
  replace_relu6(graph);
  equalize(graph, folded_pairs, NumericsMode::aimet_torch_2);
  return graph;
}

Tensor OracleNetwork::logits(const std::string& name) const {
  return read_state_dict(folder / (name + ".safetensors")).tensors.at("logits64");
}

/// The reader of weights passes integers over.
std::vector<std::array<int, 5>> OracleNetwork::top5(const std::string& name) const {
  std::ifstream in(folder / (name + ".safetensors"), std::ios::binary);
  std::uint64_t header_size = 0;
  in.read(reinterpret_cast<char*>(&header_size), sizeof header_size);
  std::string header(header_size, ' ');
  in.read(header.data(), static_cast<std::streamsize>(header.size()));
  const auto entry = nlohmann::json::parse(header).at("top5");
  std::vector<std::array<int, 5>> rows(entry.at("shape").at(0).get<std::size_t>());
  in.seekg(entry.at("data_offsets").at(0).get<std::streamoff>(), std::ios::cur);
  in.read(reinterpret_cast<char*>(rows.data()), static_cast<std::streamsize>(rows.size() * sizeof rows[0]));
  return rows;
}

std::filesystem::path OracleNetwork::encodings(const std::string& name) const {
  return folder / (name + ".torch.encodings");
}

EncodingTable OracleNetwork::calibrated(const Graph& graph, const QuantRecipe& recipe,
                                        const std::vector<LabelledImage>& images) const {
  return calibrate(graph, recipe, images, calibration_rows, calibration_batch, preprocessor);
}

std::vector<float> OracleNetwork::classified(const Executor& executor, const Graph& graph,
                                             const std::vector<LabelledImage>& images) const {
  return classify(executor, graph, images, preprocessor);
}

std::filesystem::path efficientnet_lite0_weights() {
  const char* given = std::getenv("QEVAL_DEMO");
  const auto place = given ? std::filesystem::path(given) : std::filesystem::path(QEVAL_SOURCE_DIR) / "demo";
  return is_directory(place) ? place / "efficientnet-lite0-57934424.pth" : place;
}

OracleNetwork efficientnet_lite0() {
  Normalize normalize;
  normalize.range = Normalize::Range::bytes;
  normalize.mean = {127, 127, 127};
  normalize.std = {128, 128, 128};
  return {shared_root() / "oracle/efficientnet-lite0",
          [] { return build_graph("efficientnet_lite0", {}, read_state_dict(efficientnet_lite0_weights())); },
          centre_preprocessor(normalize),
          {0, 96, 192, 288, 384, 480, 576, 672, 768, 864},
          16};
}

OracleNetwork resnext_tiny() {
  Normalize normalize;
  normalize.mean = {0.485f, 0.456f, 0.406f};
  normalize.std = {0.229f, 0.224f, 0.225f};
  const auto folder = shared_root() / "oracle/resnext-tiny";
  return {folder,
          [folder] {
            return build_graph(
                "resnet", {{"block", "bottleneck"}, {"layers", "1,1,1,1"}, {"groups", "32"}, {"width_per_group", "1"}},
                read_state_dict(folder / "state_dict.pth"));
          },
          centre_preprocessor(normalize),
          {0, 8, 16, 24, 32, 40, 48, 56},
          8};
}

QuantRecipe oracle_recipe(QuantScheme scheme, bool per_channel) {
  QuantRecipe recipe;
  recipe.scheme = scheme;
  recipe.mode = NumericsMode::aimet_torch_2;
  recipe.per_channel = per_channel;
  recipe.share_module_quantizers = false;
  return recipe;
}

}  // namespace qeval::test
