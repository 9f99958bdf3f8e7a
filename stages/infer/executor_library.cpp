#include "stages/infer/executor_library.h"

#include <dlfcn.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <vector>

#include "pipeline/base/errors.h"
#include "stages/infer/address_space.h"
#include "stages/infer/build_identity.h"
#include "stages/infer/library_boundary.h"

namespace qeval {
namespace {

constexpr const char* library_name = "libqeval_infer.so";

/// What LibTorch's own set-up and first call take beside its files: measured, 55 MB before a network is there.
constexpr std::size_t set_up_bytes = std::size_t{64} << 20;

/// Without it LibTorch would abort while it is opened, in its own initialization.
void require_room_for_libtorch() {
#ifdef QEVAL_LIBTORCH_BYTES
  require_address_space("LibTorch", QEVAL_LIBTORCH_BYTES + set_up_bytes, set_up_bytes);
#endif
}

/// Where this program looks for its shared libraries: LD_LIBRARY_PATH, its own run path, the system's folders.
std::vector<std::filesystem::path> search_path() {
  const std::unique_ptr<void, int (*)(void*)> program(dlopen(nullptr, RTLD_LAZY), dlclose);
  Dl_serinfo size;
  if (!program || dlinfo(program.get(), RTLD_DI_SERINFOSIZE, &size) != 0) return {};
  std::vector<std::max_align_t> memory(size.dls_size / sizeof(std::max_align_t) + 1);
  auto* const found = new (memory.data()) Dl_serinfo(size);
  if (dlinfo(program.get(), RTLD_DI_SERINFO, found) != 0) return {};
  std::vector<std::filesystem::path> folders;
  folders.reserve(found->dls_cnt);
  for (unsigned i = 0; i < found->dls_cnt; ++i) folders.emplace_back(found->dls_serpath[i].dls_name);
  return folders;
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
  for (const auto& folder : search_path()) places.push_back(folder / library_name);
  return places;
}

[[noreturn]] void fail_missing(const std::vector<std::filesystem::path>& tried) {
  std::string message = std::string(library_name) + " is needed to run networks and was not found; looked for";
  for (const auto& place : tried) message += "\n  " + place.string();
  message +=
      "\nBuild qeval with LibTorch (-DQEVAL_WITH_TORCH=ON), or set QEVAL_LIBDIR to the folder that holds the library.";
  throw RunError(message);
}

struct Library {
  std::filesystem::path file;
  void* handle;
};

/// LibTorch's caches of oneDNN's primitives take their size from here, and without room for one they crash.
void give_caches_room() {
  const char* const capacity = std::getenv("LRU_CACHE_CAPACITY");
  if (capacity && std::atoi(capacity) == 0) unsetenv("LRU_CACHE_CAPACITY");
}

Library open_library() {
  const auto places = candidates();
  for (const auto& place : places) {
    std::error_code error;
    if (!std::filesystem::exists(place, error)) continue;
    require_room_for_libtorch();
    give_caches_room();
    if (void* handle = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) return {place, handle};
    throw RunError("cannot load " + place.string() + ": " + dlerror());
  }
  fail_missing(places);
}

[[noreturn]] void fail_other_build(const Library& library, const std::string& how) {
  throw RunError(library.file.string() + " is of another build of qeval: " + how +
                 "\nBuild program and library from the same sources, or correct QEVAL_LIBDIR.");
}

template <class Function>
Function* find_function(const Library& library, const char* name) {
  void* symbol = dlsym(library.handle, name);
  if (!symbol) fail_other_build(library, std::string("it has no symbol ") + name);
  return reinterpret_cast<Function*>(symbol);
}

/// Nothing else of a library of another build may be called: it would see other objects than the program makes.
void require_same_build(const Library& library) {
  const std::string theirs = find_function<decltype(qeval_build_identity)>(library, "qeval_build_identity")();
  if (theirs != build_identity())
    fail_other_build(library, "it is " + theirs + "; this program is " + build_identity());
}

const ExecutorFactory& open_executors() {
  const Library library = open_library();
  require_same_build(library);
  return find_function<decltype(qeval_executors)>(library, "qeval_executors")(isa_limit());
}

/// Opened once; a failed attempt is repeated by the next call.
const ExecutorFactory& opened() {
  static const ExecutorFactory& executors = open_executors();
  return executors;
}

class ExecutorLibrary : public ExecutorFactory {
 public:
  ExecutorEnvironment describe(const ExecutorOptions& options) const override { return opened().describe(options); }

  std::unique_ptr<Executor> make(const Graph& graph, const EncodingTable& encodings,
                                 const ExecutorOptions& options) const override {
    return opened().make(graph, encodings, options);
  }

  std::unique_ptr<SensitivityExecutor> make_sensitivity(const Graph& graph, const EncodingTable& encodings,
                                                        const std::vector<QuantizerIndices>& groups,
                                                        SensitivityMode mode,
                                                        const ExecutorOptions& options) const override {
    return opened().make_sensitivity(graph, encodings, groups, mode, options);
  }

  std::unique_ptr<LayerwiseExecutor> make_layerwise(const Graph& graph, const EncodingTable& encodings,
                                                    std::size_t batches, std::int64_t bytes,
                                                    const ExecutorOptions& options) const override {
    return opened().make_layerwise(graph, encodings, batches, bytes, options);
  }
};

}  // namespace

const ExecutorFactory& executor_library() {
  static const ExecutorLibrary factory;
  return factory;
}

std::unique_ptr<Executor> make_executor(const Graph& graph, const EncodingTable& encodings,
                                        const ExecutorOptions& options) {
  return executor_library().make(graph, encodings, options);
}

std::unique_ptr<SensitivityExecutor> make_sensitivity_executor(const Graph& graph, const EncodingTable& encodings,
                                                               const std::vector<QuantizerIndices>& groups,
                                                               SensitivityMode sensitivity_mode,
                                                               const ExecutorOptions& options) {
  return executor_library().make_sensitivity(graph, encodings, groups, sensitivity_mode, options);
}

std::unique_ptr<LayerwiseExecutor> make_layerwise_executor(const Graph& graph, const EncodingTable& encodings,
                                                           std::size_t batches, std::int64_t bytes,
                                                           const ExecutorOptions& options) {
  return executor_library().make_layerwise(graph, encodings, batches, bytes, options);
}

}  // namespace qeval
