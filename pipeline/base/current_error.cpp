#include "pipeline/base/current_error.h"

#include <new>
#include <stdexcept>
#include <system_error>

#include "pipeline/base/visible_text.h"

namespace qeval {

Error current_error(const std::string& where) {
  try {
    throw;
  } catch (const Error& error) {
    return Error(error.code(), where + error.what());
  } catch (const std::bad_alloc&) {
    return RunError(where + "out of memory; lower the batch size or the items in flight");
  } catch (const std::logic_error& error) {
    return InternalError(where + error.what());
  } catch (const std::system_error& error) {
    return RunError(where + visible_name(error.what()));  // may hold names of files
  } catch (const std::exception& error) {
    return RunError(where + error.what());
  } catch (...) {
    return RunError(where + "an exception of unknown type");
  }
}

}  // namespace qeval
