#pragma once
/// What the probes that run networks have in common: images from standard input, answers "KIND BYTES" and the bytes.
#include <cstdio>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "pipeline/base/errors.h"
#include "stages/infer/executor_library.h"
#include "stages/model/graph.h"

namespace qeval {

inline void answer(const char* kind, std::string_view bytes) {
  std::printf("%s %zu\n", kind, bytes.size());
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

/// As f32.
inline std::vector<float> read_values(std::size_t count) {
  std::vector<float> values(count);
  if (!std::cin.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(float))))
    throw std::runtime_error("standard input: values are missing");
  return values;
}

/// "logits" of `images` pictures, row by row.
inline void answer_network(const Graph& graph, int images, const std::vector<float>& values) {
  const auto executor = make_executor(graph, {}, {.kind = "float", .device = "cpu"});
  std::vector<float> logits(static_cast<std::size_t>(images) * static_cast<std::size_t>(graph.num_classes));
  executor->infer(values, images, logits);
  answer("logits", {reinterpret_cast<const char*>(logits.data()), logits.size() * sizeof(float)});
}

/// "refused" for what a user can mend, "failed" for anything else that `step` throws.
inline void answer_or_say_why(const std::function<void()>& step) {
  try {
    step();
  } catch (const InputError& error) {
    answer("refused", error.what());
  } catch (const std::exception& error) {
    answer("failed", error.what());
  }
}

}  // namespace qeval
