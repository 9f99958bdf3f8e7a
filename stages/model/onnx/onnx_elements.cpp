#include "stages/model/onnx/onnx_elements.h"

#include <limits>

#include "stages/model/weights/byte_reader.h"

namespace qeval {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr int wire_varint = 0, wire_8_bytes = 1, wire_length = 2, wire_4_bytes = 5;

/// Numbers of onnx.proto's fields.
constexpr std::uint32_t tensor_float_data = 4, tensor_raw_data = 9, tensor_doc_string = 12;

/// Messages on the way to a tensor.
enum class Message { model, graph, node, attribute, tensor };

std::optional<Message> message_in(Message outer, std::uint32_t field) {
  switch (outer) {
    case Message::model: return field == 7 ? std::optional(Message::graph) : std::nullopt;
    case Message::graph:
      if (field == 1) return Message::node;
      return field == 5 ? std::optional(Message::tensor) : std::nullopt;
    case Message::node: return field == 5 ? std::optional(Message::attribute) : std::nullopt;
    case Message::attribute: return field == 5 ? std::optional(Message::tensor) : std::nullopt;
    case Message::tensor: return std::nullopt;
  }
  return std::nullopt;
}

struct Field {
  std::uint32_t number = 0;
  int wire = 0;
  Bytes whole;    ///< with its tag
  Bytes content;  ///< of wire_length: behind the length

  bool is(std::uint32_t wanted_number, int wanted_wire) const { return number == wanted_number && wire == wanted_wire; }
};

std::uint64_t read_varint(ByteReader& reader) {
  constexpr int most_bits = 64;
  std::uint64_t value = 0;
  for (int shift = 0; shift < most_bits; shift += 7) {
    const auto byte = reader.read<std::uint8_t>();
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw WeightsFormatError("has a number of more than 64 bits");
}

Field read_field(ByteReader& reader, Bytes message) {
  const std::size_t begin = reader.position();
  const std::uint64_t tag = read_varint(reader);
  Field field;
  if (tag > std::numeric_limits<std::uint32_t>::max() || tag < 8)
    throw WeightsFormatError("has a field without a number");
  field.number = static_cast<std::uint32_t>(tag >> 3);
  field.wire = static_cast<int>(tag & 7);
  switch (field.wire) {
    case wire_varint: read_varint(reader); break;
    case wire_8_bytes: reader.take(8); break;
    case wire_length: field.content = reader.take(read_varint(reader)); break;
    case wire_4_bytes: reader.take(4); break;
    default: throw WeightsFormatError("has a field of unknown encoding");
  }
  field.whole = message.subspan(begin, reader.position() - begin);
  return field;
}

template <class Visit>
void for_each_field(Bytes message, const Visit& visit) {
  ByteReader reader(message, "a message of the ONNX file");
  while (reader.remaining() > 0) visit(read_field(reader, message));
}

const std::uint8_t* end_of(Bytes bytes) { return bytes.data() + bytes.size(); }

/// Pieces one after the other; neighbours in the file become one.
struct Pieces {
  std::vector<OnnxPiece> list;
  std::size_t bytes = 0;

  void add(const OnnxPiece& piece) {
    bytes += piece.bytes.size();
    if (!list.empty() && list.back().of_file && piece.of_file && end_of(list.back().bytes) == piece.bytes.data())
      list.back().bytes = {list.back().bytes.data(), end_of(piece.bytes)};
    else
      list.push_back(piece);
  }
  void add(const Field& field) { add(OnnxPiece{field.whole, true}); }
  void add(const Pieces& other) {
    for (const OnnxPiece& piece : other.list) add(piece);
  }
};

class Splitter {
 public:
  OnnxParts run(Bytes file) {
    parts_.model = without_elements(file, Message::model).list;
    return std::move(parts_);
  }

 private:
  Pieces without_elements(Bytes message, Message kind) {
    if (kind == Message::tensor) return tensor_without_elements(message);
    Pieces pieces;
    for_each_field(message, [&](const Field& field) {
      const auto inner = message_in(kind, field.number);
      if (!inner || field.wire != wire_length) return pieces.add(field);
      const std::size_t tensors_before = parts_.elements.size();
      const Pieces content = without_elements(field.content, *inner);
      if (parts_.elements.size() == tensors_before) return pieces.add(field);
      add_field_of(pieces, field.number, content.bytes);
      pieces.add(content);
    });
    return pieces;
  }

  Pieces tensor_without_elements(Bytes message) {
    OnnxElements found;
    Pieces pieces, float_fields;
    int float_field_count = 0;
    for_each_field(message, [&](const Field& field) {
      if (field.is(tensor_doc_string, wire_length)) return;
      if (field.is(tensor_raw_data, wire_length)) {
        found.raw_data = field.content;
        return;
      }
      if (field.number != tensor_float_data) return pieces.add(field);
      ++float_field_count;
      if (field.wire == wire_length) found.float_data = field.content;
      float_fields.add(field);
    });
    if (float_field_count != 1 || !found.float_data) {
      found.float_data.reset();
      pieces.add(float_fields);
    }
    const std::string index = std::to_string(parts_.elements.size());
    add_field_of(pieces, tensor_doc_string, index.size());
    add_made(pieces, index);
    parts_.elements.push_back(found);
    return pieces;
  }

  /// The front of a field whose content is added next.
  void add_field_of(Pieces& pieces, std::uint32_t number, std::size_t content_bytes) {
    std::string front;
    for (std::uint64_t value : {std::uint64_t{number} << 3 | wire_length, std::uint64_t{content_bytes}}) {
      for (; value >= 0x80; value >>= 7) front += static_cast<char>(value | 0x80);
      front += static_cast<char>(value);
    }
    add_made(pieces, std::move(front));
  }

  void add_made(Pieces& pieces, std::string text) {
    const std::string& kept = parts_.made.emplace_back(std::move(text));
    pieces.add(OnnxPiece{{reinterpret_cast<const std::uint8_t*>(kept.data()), kept.size()}, false});
  }

  OnnxParts parts_;
};

}  // namespace

OnnxParts split_onnx_file(Bytes file) { return Splitter().run(file); }

}  // namespace qeval
