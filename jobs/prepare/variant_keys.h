#pragma once
/// The identities of a prepared variant: of what images change in its network, of its encodings, of its results.
/// Thread-safety: free functions. Errors: InputError for files that cannot be read.
#include <string>

#include "jobs/prepare/prepared_variant.h"

namespace qeval {

/// Gives what is computed before the evaluation keys of the run's own: a run that repeats another takes nothing from
/// it.
void make_keys_of_repetition(PreparedVariant& variant, const std::string& run_name);
/// What such a key has beside the usual one's components.
void mark_repetition(KeyComponents& components, const std::string& run_name);

/// Fills the keys and their components; everything else of the variant must be there.
void make_keys(PreparedVariant& variant, const std::string& device, const std::string& environment,
               const std::string& preprocess);

/// What is done to the network beside quantizing it: "equalized, AdaRound (10000 iterations, …)"; empty if nothing.
/// Part of keys: never rename.
std::string network_changes(const QuantizationSpec& spec);

/// As AIMET 2.42 chooses them where the job does not.
int adaround_iterations(const QuantizationSpec& spec);

}  // namespace qeval
