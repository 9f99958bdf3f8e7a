#include "tools/qeval/read_job.h"

#include <fmt/core.h>

#include "pipeline/errors.h"
#include "stages/quant/numerics_mode.h"

namespace qeval {
namespace {

void check_scheme(const std::filesystem::path& file, const VariantSpec& variant) {
  const QuantizationSpec& quantization = variant.quantization;
  if (!quantization.enabled) return;
  const std::string missing =
      missing_scheme_text(parse_mode(quantization.mode).value(), parse_scheme(quantization.scheme).value());
  if (!missing.empty())
    throw UsageError(fmt::format("{}: variant '{}': quantization.scheme: {}", file.string(), variant.name, missing));
}

}  // namespace

JobSpec read_job(const std::filesystem::path& file, const JobOverrides& overrides) {
  JobSpec job = parse_job_file(file, overrides);
  for (const VariantSpec& variant : job.variants) check_scheme(file, variant);
  return job;
}

}  // namespace qeval
