#include <algorithm>
#include <cmath>
#include <cstdint>

#include <nlohmann/json.hpp>

#include "pipeline/base/atomic_file.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/quant/files/aimet_encodings_document.h"
#include "stages/quant/files/encodings_file.h"

namespace qeval {
namespace {

using nlohmann::ordered_json;

/// Shares of a step by which an end of the range may lie off the grid: float scales of 16-bit grids stay below.
constexpr double range_tolerance = 0.01;

std::int64_t whole(double value) { return static_cast<std::int64_t>(value); }

/// What 0.x grew from version to version.
struct Fields {
  bool dtype, excluded_layers, quantizer_args;
};

Fields fields_of(const std::string& version) {
  return {version != "0.4.0", version == "0.5.1" || version == "0.6.1", version == "0.6.1"};
}

ordered_json entry_0_6(const Encoding& encoding, const Fields& fields) {
  if (encoding.float16) return {{"bitwidth", encoding.bits}, {"dtype", "float"}};
  ordered_json entry{{"bitwidth", encoding.bits},
                     {"is_symmetric", encoding.symmetric ? "True" : "False"},
                     {"max", encoding.max},
                     {"min", encoding.min},
                     {"offset", whole(encoding.offset)},
                     {"scale", encoding.scale}};
  if (fields.dtype) entry["dtype"] = "int";
  return entry;
}

ordered_json list_0_6(const EncodingEntry& entry, const Fields& fields) {
  ordered_json list = ordered_json::array();
  for (const Encoding& encoding : entry.list) list.push_back(entry_0_6(encoding, fields));
  return list;
}

ordered_json document_0_6(const EncodingsFile& file) {
  const Fields fields = fields_of(file.version);
  ordered_json activations = ordered_json::object(), params = ordered_json::object();
  for (const EncodingEntry& entry : file.entries) {
    const ModuleSide side = side_of(entry.name);
    if (entry.role == QuantizerRole::param)
      params[entry.name] = list_0_6(entry, fields);
    else if (side.module.empty())
      activations[entry.name] = list_0_6(entry, fields);
    else
      activations[side.module][side.side][side.index] = entry_0_6(entry.list.front(), fields);
  }
  ordered_json document{{"version", file.version}, {"activation_encodings", activations}, {"param_encodings", params}};
  if (fields.excluded_layers) document["excluded_layers"] = ordered_json::parse(file.excluded_layers);
  if (fields.quantizer_args) document["quantizer_args"] = ordered_json::parse(file.quantizer_args);
  return document;
}

ordered_json document_bare(const EncodingsFile& file) {
  ordered_json params = ordered_json::object();
  for (const EncodingEntry& entry : file.entries) {
    if (entry.role != QuantizerRole::param)
      throw InputError(visible_name(entry.name) + ": AdaRound's files hold parameters only; export version 0.6.1");
    params[entry.name] = list_0_6(entry, fields_of("0.6.1"));
  }
  return params;
}

/// Versions without min and max imply them. A range that is not the grid's own would change without a word.
void check_range_is_the_grids(const EncodingEntry& entry, const std::string& version) {
  for (const Encoding& encoding : entry.list) {
    if (encoding.float16) continue;
    const Encoding grid = encoding_of_grid(encoding.scale, encoding.offset, encoding.bits, encoding.symmetric);
    const double tolerance = range_tolerance * encoding.scale;
    if (std::abs(encoding.min - grid.min) <= tolerance && std::abs(encoding.max - grid.max) <= tolerance) continue;
    throw InputError(visible_name(entry.name) + ": encodings version " + version +
                     " holds scale and offset only, and the range [" + ordered_json(encoding.min).dump() + ", " +
                     ordered_json(encoding.max).dump() + "] is not that of the grid, [" +
                     ordered_json(grid.min).dump() + ", " + ordered_json(grid.max).dump() + "]; export version 0.6.1");
  }
}

ordered_json entry_1_0(const EncodingEntry& entry) {
  if (entry.list.front().float16)
    return {{"name", entry.name}, {"enc_type", "PER_TENSOR"}, {"dtype", "FLOAT"}, {"bw", entry.list.front().bits}};
  ordered_json scales = ordered_json::array(), offsets = ordered_json::array();
  for (const Encoding& encoding : entry.list) {
    scales.push_back(encoding.scale);
    offsets.push_back(whole(encoding.offset));
  }
  const bool in_blocks = entry.block_size != 0;
  ordered_json written{{"name", entry.name},
                       {"enc_type", in_blocks           ? "PER_BLOCK"
                                    : entry.per_channel ? "PER_CHANNEL"
                                                        : "PER_TENSOR"},
                       {"dtype", "INT"},
                       {"bw", entry.list.front().bits},
                       {"is_sym", entry.list.front().symmetric},
                       {"scale", scales},
                       {"offset", offsets}};
  if (in_blocks) written["block_size"] = entry.block_size;
  return written;
}

ordered_json document_1_0(const EncodingsFile& file) {
  ordered_json activations = ordered_json::array(), params = ordered_json::array();
  for (const EncodingEntry& entry : file.entries) {
    check_range_is_the_grids(entry, file.version);
    (entry.role == QuantizerRole::param ? params : activations).push_back(entry_1_0(entry));
  }
  return {{"version", "1.0.0"},
          {"activation_encodings", activations},
          {"param_encodings", params},
          {"excluded_layers", ordered_json::parse(file.excluded_layers)},
          {"quantizer_args", ordered_json::parse(file.quantizer_args)}};
}

/// Lists of lists, as deep as the tensor of encodings has axes.
ordered_json nested(const ordered_json& numbers, const std::vector<std::int64_t>& grid) {
  ordered_json lists = numbers;
  for (std::size_t axis = grid.size(); axis-- > 1;) {
    ordered_json outer = ordered_json::array();
    const auto size = static_cast<std::size_t>(grid[axis]);
    for (std::size_t i = 0; i < lists.size(); i += size) {
      const auto first = lists.begin() + static_cast<std::ptrdiff_t>(i);
      outer.push_back(ordered_json(first, first + static_cast<std::ptrdiff_t>(size)));
    }
    lists = std::move(outer);
  }
  return lists;
}

/// As aimet-onnx: symmetric grids are signed, all others unsigned; zero point = lowest code − offset.
ordered_json entry_2_0(const EncodingEntry& entry) {
  const Encoding& first = entry.list.front();
  const double lowest = first.symmetric ? -std::ldexp(1.0, first.bits - 1) : 0;
  ordered_json scales = ordered_json::array(), zero_points = ordered_json::array();
  bool shifted = false;
  for (const Encoding& encoding : entry.list) {
    scales.push_back(encoding.scale);
    zero_points.push_back(whole(lowest - encoding.offset));
    if (const double highest = lowest + std::ldexp(1.0, encoding.bits) - 1;
        lowest - encoding.offset < lowest || lowest - encoding.offset > highest)
      throw InputError(visible_name(entry.name) +
                       ": its grid does not contain zero, so no zero point of version 2.x can say it; export version "
                       "0.6.1");
    shifted = shifted || zero_points.back() != 0;
  }
  ordered_json written{{"name", entry.name},
                       {"output_dtype", (first.symmetric ? "int" : "uint") + std::to_string(first.bits)}};
  const bool in_blocks = entry.block_size != 0;
  const auto arranged = [&](const ordered_json& numbers) {
    return in_blocks ? nested(numbers, entry.grid) : entry.per_channel ? numbers : numbers.front();
  };
  if (entry.per_channel) written["axis"] = in_blocks ? 1 - entry.axis : entry.axis;
  if (in_blocks) written["block_size"] = entry.block_size;
  written["y_scale"] = arranged(scales);
  if (shifted) written["y_zero_point"] = arranged(zero_points);
  return written;
}

ordered_json document_2_0(const EncodingsFile& file) {
  ordered_json entries = ordered_json::array();
  for (const EncodingEntry& entry : file.entries) {
    check_range_is_the_grids(entry, file.version);
    entries.push_back(entry_2_0(entry));
  }
  return {{"version", file.version}, {"encodings", entries}};
}

ordered_json document_of(const EncodingsFile& file) {
  const auto& known = encodings_versions();
  if (std::find(known.begin(), known.end(), file.version) == known.end())
    throw UsageError("there is no encodings version '" + file.version + "'");
  if (file.version == "adaround") return document_bare(file);
  if (file.version.front() == '2') return document_2_0(file);
  return file.version.front() == '1' ? document_1_0(file) : document_0_6(file);
}

/// What `version` cannot say about the entry; empty if it can.
std::string unheld(const EncodingEntry& entry, const std::string& version) {
  if (!version.starts_with('2')) return "";
  if (entry.list.front().float16) return "half precision; export version 1.0.0";
  const bool unplaced = entry.block_size != 0 && entry.grid.empty();
  return unplaced ? "blocks whose axis is not known; export version 1.0.0" : "";
}

void check_held(const EncodingsFile& file) {
  for (const EncodingEntry& entry : file.entries)
    if (const std::string what = unheld(entry, file.version); !what.empty())
      throw InputError(visible_name(entry.name) + ": encodings version " + file.version + " holds no " + what);
}

}  // namespace

std::vector<std::string> take_out_unheld(EncodingsFile& file) {
  std::vector<std::string> names;
  std::erase_if(file.entries, [&](const EncodingEntry& entry) {
    const bool out = !unheld(entry, file.version).empty();
    if (out) names.push_back(entry.name);
    return out;
  });
  return names;
}

std::string format_encodings_file(const EncodingsFile& file) {
  check_held(file);
  return document_of(file).dump(4) + "\n";
}

void write_encodings_file(const EncodingsFile& file, const std::filesystem::path& path) {
  const std::string text = format_encodings_file(file);
  try {
    AtomicFile out(path);
    out.write(text.data(), text.size());
    out.commit();
  } catch (const UsageError& error) {
    throw RunError(error.what());  // a job's calibration may be behind this
  }
}

}  // namespace qeval
