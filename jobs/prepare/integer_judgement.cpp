#include "jobs/prepare/integer_judgement.h"

#include <cmath>

#include "jobs/prepare/job_check.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "stages/quant/calibration.h"

namespace qeval {
namespace {

Encoding assumed_encoding(const Quantizer& quantizer) {
  if (quantizer.float16) return float16_encoding;
  const double codes = std::ldexp(1.0, quantizer.bits), offset = -codes / 2, scale = 2 / codes;
  return {offset * scale, (offset + codes - 1) * scale, scale, offset, quantizer.bits, quantizer.symmetric};
}

}  // namespace

std::optional<IntegerPlan> integer_judgement(PreparedVariant variant, const JobSpec& job) {
  if (!variant.recipe.quant || variant.spec.quantization.executor != integer_executor_kind) return std::nullopt;
  load_weights_again(variant, job);
  EncodingTable table = variant.known_encodings();
  const auto& quantizers = variant.network.graph.quantizers;
  for (std::size_t q = 0; q < table.size(); ++q)
    if (table[q].empty() && variant.calibrates() && learns_from_images(quantizers[q]))
      table[q] = {assumed_encoding(quantizers[q])};
  return judge_integers(variant.network.graph, table, variant.recipe.quant->mode);
}

}  // namespace qeval
