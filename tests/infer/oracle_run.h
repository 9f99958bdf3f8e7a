#pragma once
/// Runs a network over labelled images the way the oracles in shared/ were made, and compares.
#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "stages/image/preprocess.h"
#include "stages/infer/executor.h"
#include "stages/model/weights/state_dict.h"
#include "stages/quant/placement/quantsim_config.h"

namespace qeval::test {

struct LabelledImage {
  std::filesystem::path file;
  int label = -1;
};

/// The first `count` rows of shared/data/imagenet-sample/labels.csv.
std::vector<LabelledImage> sample_images(std::size_t count);

/// Preprocessed images [first, first + count), f32 NCHW.
std::vector<float> load_images(const std::vector<LabelledImage>& images, std::size_t first, std::size_t count,
                               const Preprocessor& preprocessor);

/// Logits [images, classes], in batches of 8, two batches at once.
std::vector<float> classify(const Executor& executor, const Graph& graph, const std::vector<LabelledImage>& images,
                            const Preprocessor& preprocessor);

/// Encodings from batches of `batch_size` images that start at the given rows.
EncodingTable calibrate(const Graph& graph, const QuantRecipe& recipe, const std::vector<LabelledImage>& images,
                        const std::vector<std::size_t>& first_rows, std::size_t batch_size,
                        const Preprocessor& preprocessor);

int count_top1(const std::vector<float>& logits, const std::vector<LabelledImage>& images);
int count_top5(const std::vector<float>& logits, const std::vector<LabelledImage>& images);
/// Largest |a − b| over the first b.numel() values.
float largest_difference(const std::vector<float>& a, const Tensor& b);

/// Quantizer key → (min, max) per channel, from an AIMET file with torch names.
using OracleEncodings = std::map<std::string, std::vector<std::pair<double, double>>>;
OracleEncodings read_oracle_encodings(const std::filesystem::path& file);

/// The encodings of an AIMET file in the order of graph.quantizers.
EncodingTable read_oracle_table(const Graph& graph, const std::filesystem::path& file);

/// Share of the first b.numel() values of `a` that differ from b by at most one and a half of the last quantizer's
/// steps.
double share_within_a_step(const std::vector<float>& a, const Tensor& b, const Graph& graph,
                           const EncodingTable& table);
/// Share of the first b.numel() values that are the same float.
double share_equal(const std::vector<float>& a, const Tensor& b);
/// Rows of `b` [rows, classes] whose largest value is at the same class in `a`.
int count_same_class(const std::vector<float>& a, const Tensor& b);

/// Rows of `a` [top5, classes] whose five best are those, in that order.
int count_same_top5(const std::vector<float>& a, const std::vector<std::array<int, 5>>& top5);

struct EncodingComparison {
  int quantizers = 0;                  ///< names with an entry in both; a shared quantizer has several
  int equal = 0;                       ///< every channel's min and max within 1e-4 of its range
  int bit_equal = 0;                   ///< the same floats
  std::vector<std::string> different;  ///< "<key> channel …"
  std::vector<std::string> only_in_oracle, only_here;
  std::string text() const;
};
/// 1e-4 relative to the encoding's range.
EncodingComparison compare_encodings(const Graph& graph, const EncodingTable& table, const OracleEncodings& oracle);

}  // namespace qeval::test
