#include "pipeline/first_failure.h"

#include <new>
#include <stdexcept>

#include "pipeline/errors.h"

namespace qeval {
namespace {

std::exception_ptr told_with(const std::string& stage, WorkName work) {
  const std::string where = "stage '" + stage + "', " + work.unit + ' ' + std::to_string(work.number) + ": ";
  try {
    throw;
  } catch (const Error& error) {
    return std::make_exception_ptr(Error(error.code(), where + error.what()));
  } catch (const std::bad_alloc&) {
    return std::make_exception_ptr(RunError(where + "out of memory; lower the batch size or the items in flight"));
  } catch (const std::logic_error& error) {
    return std::make_exception_ptr(InternalError(where + error.what()));
  } catch (const std::exception& error) {
    return std::make_exception_ptr(RunError(where + error.what()));
  } catch (...) {
    return std::make_exception_ptr(RunError(where + "an exception of unknown type"));
  }
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
