#pragma once
/// The check that validate, plan and run make first. Thread-safety: free functions.
#include <filesystem>
#include <vector>

#include "jobs/language/job_parser.h"
#include "jobs/prepare/prepared_variant.h"

namespace qeval {

/// As parse_job_file, but the errors of a job that can be read in part come with what check_variants says of that part.
/// InputError if every variant was left out.
JobSpec read_job(const std::filesystem::path& file, const JobOverrides& overrides);

/// Every variant up to its images. All that is wrong with the job and with the files it names is told at once, by the
/// Error of JobComplaints::stop; needs no image and no LibTorch. Weights are let go again, but for those of the first
/// variant if it is run next: no two variants' weights are held at a time.
enum class FirstWeights { released, kept };
std::vector<PreparedVariant> check_variants(const JobSpec& job, FirstWeights first = FirstWeights::released);

/// The weights of a checked variant that has its images and keys, unless it has them still: from the files that are
/// open since then. Errors: InputError if what they hold, or another file of the variant, is not what was checked.
void load_weights_again(PreparedVariant& v, const JobSpec& job);

}  // namespace qeval
