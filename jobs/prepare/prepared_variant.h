#pragma once
/// One variant of a job with everything it names opened, checked and hashed; nothing computed yet. Its four values go
/// one way: prepared here, then the network is tuned, encodings are computed, images are evaluated (jobs/run).
///
/// Ownership: a plain value, which owns its weights.
/// Errors: all that is wrong with the job and its inputs at once, as JobComplaints::stop throws it.
#include <memory>
#include <optional>

#include "jobs/language/job_spec.h"
#include "jobs/prepare/image_sets.h"
#include "jobs/prepare/job_complaints.h"
#include "jobs/prepare/network.h"
#include "jobs/prepare/variant_identity.h"
#include "jobs/prepare/variant_images.h"
#include "jobs/prepare/variant_recipe.h"
#include "stages/infer/executor_factory.h"
#include "stages/model/weights/weights_file.h"

namespace qeval {

struct PreparedVariant {
  VariantSpec spec;
  Network network;
  VariantRecipe recipe;
  VariantImages images;
  VariantIdentity identity;
  std::shared_ptr<WeightsFiles> weights_files;  ///< the job's; open, also where the weights have left memory

  /// Encodings are computed, not imported.
  bool calibrates() const { return recipe.quant && spec.quantization.import_encodings.empty(); }
  /// Some of the computed encodings depend on images: an activation quantizer needs them, and none is fixed for it.
  bool reads_calibration_images() const;
  /// What is known before an image is seen: fixed encodings, and where none is, those of parameters; all there will be
  /// if nothing is calibrated.
  EncodingTable known_encodings() const;
  ExecutorOptions executor_options(const std::string& device) const;
};

/// The first half: all that needs neither an image nor LibTorch. What is wrong goes to `complaints`, and what needs the
/// faulty part is left out.
PreparedVariant prepare_network(const JobSpec& job, const VariantSpec& variant,
                                std::shared_ptr<WeightsFiles> weights_files, JobComplaints& complaints);
/// The second half, without complaints about the first: images and keys.
void prepare_images(PreparedVariant& v, const JobSpec& job, std::optional<std::int64_t> limit, ImageSets& images,
                    const ExecutorFactory& executors, JobComplaints& complaints);

/// Both.
PreparedVariant prepare_variant(const JobSpec& job, const VariantSpec& variant, std::optional<std::int64_t> limit,
                                ImageSets& images, const ExecutorFactory& executors);

}  // namespace qeval
