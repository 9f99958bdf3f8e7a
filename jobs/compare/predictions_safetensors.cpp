#include <algorithm>
#include <cstring>

#include <fmt/core.h>

#include "jobs/compare/predictions_formats.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/model/weights/byte_reader.h"
#include "stages/model/weights/safetensors_header.h"
#include "stages/model/weights/stored_tensor.h"
#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

struct File {
  std::string name;
  std::vector<SafetensorsEntry> entries;
  std::span<const std::uint8_t> data;
};

const ElementTypeInfo* type_of(const SafetensorsEntry& entry) { return find_safetensors_type(entry.dtype); }

bool holds_classes(const SafetensorsEntry& entry) {
  const ElementTypeInfo* info = type_of(entry);
  return info && !info->is_float && info->type != ElementType::boolean;
}

std::int64_t columns_of(const SafetensorsEntry& entry) { return entry.shape.size() == 2 ? entry.shape[1] : 1; }

/// A row per image: classes, or a score per class.
bool fits(const SafetensorsEntry& entry, const PredictionsRequest& request) {
  if (!type_of(entry) || entry.shape.empty() || entry.shape.size() > 2) return false;
  if (entry.shape[0] != static_cast<std::int64_t>(request.images)) return false;
  return holds_classes(entry) ? columns_of(entry) >= 1 : entry.shape.size() == 2 && entry.shape[1] == request.classes;
}

const SafetensorsEntry& chosen(const File& file, const PredictionsRequest& request) {
  std::vector<const SafetensorsEntry*> found;
  std::string names;
  for (const SafetensorsEntry& entry : file.entries) {
    const bool is_wanted = request.tensor.empty() ? fits(entry, request) : entry.name == request.tensor;
    if (is_wanted) found.push_back(&entry);
    names += (names.empty() ? "" : ", ") + entry.name;
  }
  if (found.size() == 1 && fits(*found.front(), request)) return *found.front();
  const char* fault = found.empty() ? "no tensor is" : found.size() == 1 ? "that tensor is not" : "several tensors are";
  throw InputError(
      fmt::format("{}: {} a row of classes, or of {} scores, for each of the run's {} images; {}--tensor "
                  "takes one of {}",
                  file.name, fault, request.classes, request.images,
                  found.size() > 1 ? "" : "predictions in order are needed; ", visible_name(names)));
}

long long integer_at(const std::uint8_t* bytes, ElementType type) {
  const auto read = [bytes]<class Integer>(Integer value) {
    std::memcpy(&value, bytes, sizeof value);
    return static_cast<long long>(value);
  };
  switch (type) {
    case ElementType::i8: return read(std::int8_t{});
    case ElementType::u8: return read(std::uint8_t{});
    case ElementType::i16: return read(std::int16_t{});
    case ElementType::u16: return read(std::uint16_t{});
    case ElementType::i32: return read(std::int32_t{});
    case ElementType::u32: return read(std::uint32_t{});
    default: return read(std::int64_t{});  // beyond 2^63 negative, hence no class either
  }
}

File open(const std::filesystem::path& path, const FileBytes& bytes) {
  ByteReader reader(bytes.bytes(), "the safetensors file");
  const auto header_bytes = reader.read<std::uint64_t>();
  if (header_bytes > safetensors_most_header_bytes) throw WeightsFormatError("claims a header of more than 100 MB");
  File file{visible_name(path.string()), parse_safetensors_header(reader.text(header_bytes)), {}};
  file.data = reader.take(reader.remaining());
  check_safetensors_layout(file.entries, file.data.size());
  return file;
}

/// The rows of a tensor that fits, as its type has them.
ForeignPredictions rows_of(const File& file, const SafetensorsEntry& entry, const PredictionsRequest& request,
                           const std::shared_ptr<const FileBytes>& bytes) {
  const ElementTypeInfo& info = *type_of(entry);
  const auto columns = static_cast<std::size_t>(columns_of(entry));
  const StoredTensor stored{info.type, entry.shape, contiguous_strides(entry.shape), 0,
                            file.data.subspan(entry.begin, entry.end - entry.begin)};
  check_bounds(stored);
  ForeignPredictions found;
  found.layout = holds_classes(entry) ? "top-k" : "scores";
  Tensor scores;
  if (!holds_classes(entry)) scores = materialize(stored, bytes);
  for (std::size_t image = 0; image < request.images; ++image) {
    ForeignPrediction row;
    row.where = fmt::format("{}: {}[{}]: ", file.name, entry.name, image);
    if (holds_classes(entry)) {
      std::vector<long long> classes;
      classes.reserve(columns);
      for (std::size_t at = 0; at < columns; ++at)
        classes.push_back(integer_at(stored.storage.data() + (image * columns + at) * info.size_bytes, info.type));
      set_classes(classes, request, row);
    } else {
      const float* first = scores.data().get() + image * columns;
      set_scores(std::vector<float>(first, first + columns), request, row);
    }
    found.rows.push_back(std::move(row));
  }
  return found;
}

}  // namespace

ForeignPredictions read_predictions_safetensors(const std::filesystem::path& path,
                                                const std::shared_ptr<const FileBytes>& bytes,
                                                const PredictionsRequest& request) try {
  const File file = open(path, *bytes);
  return rows_of(file, chosen(file, request), request, bytes);
} catch (const WeightsFormatError& error) {
  throw InputError(visible_name(path.string()) + ": " + error.what() + "; " + error.fix());
}

}  // namespace qeval
