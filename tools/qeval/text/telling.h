#pragma once
/// What a job tells, where and how much of it. A plain value.
#include <filesystem>

#include "tools/qeval/text/log_observer.h"
#include "tools/qeval/text/progress.h"

namespace qeval {

struct Telling {
  enum class Amount {
    quiet,  ///< remarks alone: neither settings nor progress
    usual,
    verbose,  ///< beside the settings, what each variant's key consists of
  };
  ProgressMode progress = ProgressMode::automatic;
  Amount amount = Amount::usual;
  std::filesystem::path log_file;  ///< empty: none
  LogFormat log_format = LogFormat::text;
};

}  // namespace qeval
