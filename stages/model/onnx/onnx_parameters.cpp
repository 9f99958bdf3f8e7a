#include "stages/model/onnx/onnx_parameters.h"

#include <charconv>

#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/visible_text.h"
#include "stages/model/arch/arch.h"

namespace qeval {
namespace {

std::optional<int> side(std::string_view text) {
  int size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || size < 1 || size > largest_onnx_input_size)
    return std::nullopt;
  return size;
}

/// "224", or "192,256" for [192, 256].
std::array<int, 2> read_input_size(std::string_view text) {
  const std::size_t comma = text.find(',');
  const std::optional<int> height = side(text.substr(0, comma));
  const std::optional<int> width = comma == std::string_view::npos ? height : side(text.substr(comma + 1));
  if (!height || !width)
    throw ArchParameterError("input_size", "224",
                             "architecture 'onnx': input_size is '" + visible_name(std::string(text)) +
                                 "', but must be a whole number from 1 to " + std::to_string(largest_onnx_input_size) +
                                 ", or [height, width]");
  return {*height, *width};
}

}  // namespace

OnnxParameters read_onnx_parameters(const std::map<std::string, std::string>& parameters) {
  OnnxParameters read;
  for (const auto& [key, text] : parameters) {
    if (key == "input_size")
      read.input_size = read_input_size(text);
    else if (key == "output")
      read.output = text;
    else
      throw ArchParameterError(key, "",
                               "architecture 'onnx' has no parameter '" + key + "', only input_size and output" +
                                   did_you_mean(key, {"input_size", "output"}));
  }
  return read;
}

}  // namespace qeval
