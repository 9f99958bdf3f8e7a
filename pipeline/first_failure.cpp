#include "pipeline/first_failure.h"

#include "pipeline/base/current_error.h"

namespace qeval {
namespace {

std::exception_ptr told_with(const std::string& stage, WorkName work) {
  return std::make_exception_ptr(
      current_error("stage '" + stage + "', " + work.unit + ' ' + std::to_string(work.number) + ": "));
}

}  // namespace

void FirstFailure::record_current(const std::string& stage, WorkName work) noexcept {
  if (claimed_.exchange(true)) return;
  try {
    failure_ = told_with(stage, work);
  } catch (...) {  // no memory left to tell it
    failure_ = std::current_exception();
  }
  occurred_.store(true, std::memory_order_release);
  try {
    if (on_first_) on_first_();
  } catch (...) {  // the first failure is the one to report
  }
}

void FirstFailure::rethrow_if_any() const {
  if (occurred()) std::rethrow_exception(failure_);
}

}  // namespace qeval
