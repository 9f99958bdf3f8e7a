#include "stages/infer/executor_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "pipeline/base/errors.h"
#include "stages/infer/address_space.h"

namespace qeval {
namespace {

constexpr const char* library_name = "libqeval_infer.so";

/// What LibTorch's own set-up and first call take beside its files: measured, 55 MB before a network is there.
constexpr std::size_t k_set_up_bytes = std::size_t{64} << 20;

/// Without it LibTorch would abort while it is opened, in its own initialization.
void require_room_for_libtorch() {
#ifdef QEVAL_LIBTORCH_BYTES
  require_address_space("LibTorch", QEVAL_LIBTORCH_BYTES + k_set_up_bytes, k_set_up_bytes);
#endif
}

/// Where the library may be, best first. QEVAL_LIBDIR is the only place if it is set; empty counts as not set.
std::vector<std::filesystem::path> candidates() {
  if (const char* folder = std::getenv("QEVAL_LIBDIR"); folder && *folder)
    return {std::filesystem::absolute(folder) / library_name};
  std::vector<std::filesystem::path> places;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    places.push_back(program.parent_path() / library_name);
    places.push_back((program.parent_path() / ".." / "lib" / library_name).lexically_normal());
  }
#ifdef QEVAL_INFER_BUILD_PATH
  places.emplace_back(QEVAL_INFER_BUILD_PATH);
#endif
  return places;
}

[[noreturn]] void fail_missing(const std::vector<std::filesystem::path>& tried) {
  std::string message = std::string(library_name) + " is needed to run networks and was not found; looked for";
  for (const auto& place : tried) message += "\n  " + place.string();
  message +=
      "\nBuild qeval with LibTorch (-DQEVAL_WITH_TORCH=ON), or set QEVAL_LIBDIR to the folder that holds the library.";
  throw RunError(message);
}

void* open_library() {
  const auto places = candidates();
  for (const auto& place : places) {
    std::error_code error;
    if (!std::filesystem::exists(place, error)) continue;
    require_room_for_libtorch();
    if (void* handle = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
    throw RunError("cannot load " + place.string() + ": " + dlerror());
  }
  fail_missing(places);
}

/// Opened once; a failed attempt is repeated by the next call.
void* library() {
  static void* const handle = open_library();
  return handle;
}

template <class Function>
Function* find_function(const char* name) {
  void* symbol = dlsym(library(), name);
  if (!symbol)
    throw RunError(std::string(library_name) + " has no symbol " + name +
                   ": it is from another version of qeval; rebuild it or correct QEVAL_LIBDIR");
  return reinterpret_cast<Function*>(symbol);
}

}  // namespace

std::unique_ptr<Executor> make_executor(const Graph& graph, const EncodingTable& encodings,
                                        const ExecutorOptions& options) {
  return find_function<MakeExecutor>("qeval_make_executor")(graph, encodings, options);
}

ExecutorEnvironment describe_executor(const ExecutorOptions& options) {
  return find_function<DescribeExecutor>("qeval_describe_executor")(options);
}

std::unique_ptr<SensitivityExecutor> make_sensitivity_executor(const Graph& graph, const EncodingTable& encodings,
                                                               const std::vector<QuantizerIndices>& groups,
                                                               SensitivityMode sensitivity_mode,
                                                               const ExecutorOptions& options) {
  return find_function<MakeSensitivityExecutor>("qeval_make_sensitivity_executor")(graph, encodings, groups,
                                                                                  sensitivity_mode, options);
}

std::unique_ptr<LayerwiseExecutor> make_layerwise_executor(const Graph& graph, const EncodingTable& encodings,
                                                           std::size_t batches, std::int64_t bytes,
                                                           const ExecutorOptions& options) {
  return find_function<MakeLayerwiseExecutor>("qeval_make_layerwise_executor")(graph, encodings, batches, bytes,
                                                                              options);
}

namespace {

class ExecutorLibrary : public ExecutorFactory {
 public:
  ExecutorEnvironment describe(const ExecutorOptions& options) const override { return describe_executor(options); }

  std::unique_ptr<Executor> make(const Graph& graph, const EncodingTable& encodings,
                                 const ExecutorOptions& options) const override {
    return make_executor(graph, encodings, options);
  }

  std::unique_ptr<SensitivityExecutor> make_sensitivity(const Graph& graph, const EncodingTable& encodings,
                                                        const std::vector<QuantizerIndices>& groups,
                                                        SensitivityMode mode,
                                                        const ExecutorOptions& options) const override {
    return make_sensitivity_executor(graph, encodings, groups, mode, options);
  }

  std::unique_ptr<LayerwiseExecutor> make_layerwise(const Graph& graph, const EncodingTable& encodings,
                                                    std::size_t batches, std::int64_t bytes,
                                                    const ExecutorOptions& options) const override {
    return make_layerwise_executor(graph, encodings, batches, bytes, options);
  }
};

}  // namespace

const ExecutorFactory& executor_library() {
  static const ExecutorLibrary factory;
  return factory;
}

}  // namespace qeval
