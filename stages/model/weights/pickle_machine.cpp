#include "stages/model/weights/pickle_machine.h"

#include <bit>
#include <string>
#include <unordered_map>
#include <vector>

#include "stages/model/weights/byte_reader.h"
#include "stages/model/weights/pickle_foreign.h"
#include "stages/model/weights/pickle_globals.h"
#include "stages/model/weights/pickle_opcodes.h"
#include "stages/model/weights/pickle_torch_objects.h"

namespace qeval {
namespace {

using Kind = PickleValue::Kind;

constexpr std::size_t most_operations = 2'000'000;
constexpr std::size_t longest_global = 256;
constexpr int newest_protocol = 5;

[[noreturn]] void fail(const std::string& what) { throw WeightsFormatError("the pickle " + what); }

class PickleMachine {
 public:
  explicit PickleMachine(std::span<const std::uint8_t> bytes) : reader_(bytes, "the pickle") {}

  /// A file with a class that no list knows is refused for that, whatever else is wrong with it.
  PickleDocument run() {
    try {
      read_to_stop();
    } catch (const WeightsFormatError&) {
      if (document_.foreign.empty()) throw;
    }
    if (!document_.foreign.empty()) refuse_foreign(document_);
    return std::move(document_);
  }

 private:
  void read_to_stop() {
    for (std::size_t count = 0; count < most_operations; ++count) {
      const auto opcode = static_cast<PickleOpcode>(reader_.read<std::uint8_t>());
      if (opcode == PickleOpcode::stop) {
        document_.root = pop();
        document_.bytes_read = reader_.position();
        return;
      }
      if (!read_scalar(opcode) && !build_container(opcode)) execute(opcode);
    }
    fail("has more than " + std::to_string(most_operations) + " operations");
  }

  // Stack ------------------------------------------------------------------------------------------------------------
  void push(PickleId id) { stack_.push_back(id); }
  void push(PickleValue value) { push(document_.add(std::move(value))); }

  void require_items(std::size_t count) const {
    if (stack_.size() - (marks_.empty() ? 0 : marks_.back()) < count) fail("takes more from its stack than is there");
  }
  PickleId top() const {
    require_items(1);
    return stack_.back();
  }
  PickleId pop() {
    const PickleId id = top();
    stack_.pop_back();
    return id;
  }
  std::vector<PickleId> pop_last(std::size_t count) {
    require_items(count);
    std::vector<PickleId> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }
  std::vector<PickleId> pop_to_mark() {
    if (marks_.empty()) fail("goes back to a mark that is not there");
    auto items = pop_last(stack_.size() - marks_.back());
    marks_.pop_back();
    return items;
  }

  // Values -----------------------------------------------------------------------------------------------------------
  void push_kind(Kind kind, std::int64_t integer = 0) {
    PickleValue value;
    value.kind = kind;
    value.integer = integer;
    push(std::move(value));
  }
  void push_text(Kind kind, std::uint64_t length) {
    PickleValue value;
    value.kind = kind;
    value.text = reader_.text(length);
    push(std::move(value));
  }
  void push_real() {
    std::uint64_t bits = __builtin_bswap64(reader_.read<std::uint64_t>());  // BINFLOAT alone is big-endian
    PickleValue value;
    value.kind = Kind::real;
    value.real = std::bit_cast<double>(bits);
    push(std::move(value));
  }
  void push_long(std::size_t length) {
    if (length > sizeof(std::int64_t)) return push_text(Kind::big_integer, length);
    const auto bytes = reader_.take(length);
    const bool is_negative = length > 0 && (bytes[length - 1] & 0x80) != 0;
    std::uint64_t value = is_negative ? ~std::uint64_t{0} : 0;
    for (std::size_t i = length; i-- > 0;) value = value << 8 | bytes[i];
    push_kind(Kind::integer, static_cast<std::int64_t>(value));
  }
  void push_items(Kind kind, std::vector<PickleId> items) {
    if (kind == Kind::dict && items.size() % 2 != 0) fail("has a dict key without a value");
    PickleValue value;
    value.kind = kind;
    value.items = std::move(items);
    push(std::move(value));
  }
  void extend(Kind kind, const std::vector<PickleId>& items) {
    PickleValue& target = document_.values[top()];
    if (target.kind == Kind::object && kind == Kind::list) return;  // of a list's class: nothing there is a weight
    if (target.kind != kind && target.kind != Kind::object)
      fail(std::string("adds items to a ") + kind_name(target.kind));
    if (kind == Kind::dict && items.size() % 2 != 0) fail("has a dict key without a value");
    target.items.insert(target.items.end(), items.begin(), items.end());
  }

  // Memo -------------------------------------------------------------------------------------------------------------
  void get(std::uint32_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail("recalls value " + std::to_string(key) + ", which it never stored");
    push(found->second);
  }
  void put(std::uint32_t key) { memo_[key] = top(); }

  // Operations -------------------------------------------------------------------------------------------------------
  bool read_scalar(PickleOpcode opcode) {
    switch (opcode) {
      case PickleOpcode::none: push_kind(Kind::none); return true;
      case PickleOpcode::newtrue: push_kind(Kind::boolean, 1); return true;
      case PickleOpcode::newfalse: push_kind(Kind::boolean, 0); return true;
      case PickleOpcode::binint: push_kind(Kind::integer, reader_.read<std::int32_t>()); return true;
      case PickleOpcode::binint1: push_kind(Kind::integer, reader_.read<std::uint8_t>()); return true;
      case PickleOpcode::binint2: push_kind(Kind::integer, reader_.read<std::uint16_t>()); return true;
      case PickleOpcode::long1: push_long(reader_.read<std::uint8_t>()); return true;
      case PickleOpcode::long4: push_long(reader_.read<std::uint32_t>()); return true;
      case PickleOpcode::binfloat: push_real(); return true;
      case PickleOpcode::binunicode: push_text(Kind::text, reader_.read<std::uint32_t>()); return true;
      case PickleOpcode::short_binunicode: push_text(Kind::text, reader_.read<std::uint8_t>()); return true;
      case PickleOpcode::binunicode8: push_text(Kind::text, reader_.read<std::uint64_t>()); return true;
      case PickleOpcode::binstring: push_text(Kind::text, reader_.read<std::uint32_t>()); return true;
      case PickleOpcode::short_binstring: push_text(Kind::text, reader_.read<std::uint8_t>()); return true;
      case PickleOpcode::binbytes: push_text(Kind::bytes, reader_.read<std::uint32_t>()); return true;
      case PickleOpcode::binbytes8:
      case PickleOpcode::bytearray8: push_text(Kind::bytes, reader_.read<std::uint64_t>()); return true;
      case PickleOpcode::short_binbytes: push_text(Kind::bytes, reader_.read<std::uint8_t>()); return true;
      default: return false;
    }
  }

  bool build_container(PickleOpcode opcode) {
    switch (opcode) {
      case PickleOpcode::empty_list: push_items(Kind::list, {}); return true;
      case PickleOpcode::empty_tuple: push_items(Kind::tuple, {}); return true;
      case PickleOpcode::empty_dict: push_items(Kind::dict, {}); return true;
      case PickleOpcode::list: push_items(Kind::list, pop_to_mark()); return true;
      case PickleOpcode::tuple: push_items(Kind::tuple, pop_to_mark()); return true;
      case PickleOpcode::dict: push_items(Kind::dict, pop_to_mark()); return true;
      case PickleOpcode::tuple1: push_items(Kind::tuple, pop_last(1)); return true;
      case PickleOpcode::tuple2: push_items(Kind::tuple, pop_last(2)); return true;
      case PickleOpcode::tuple3: push_items(Kind::tuple, pop_last(3)); return true;
      case PickleOpcode::append: extend(Kind::list, pop_last(1)); return true;
      case PickleOpcode::appends: extend(Kind::list, pop_to_mark()); return true;
      case PickleOpcode::empty_set: push_kind(Kind::object); return true;
      case PickleOpcode::additems: extend(Kind::list, pop_to_mark()); return true;
      case PickleOpcode::frozenset:
        pop_to_mark();
        push_kind(Kind::object);
        return true;
      case PickleOpcode::setitem: extend(Kind::dict, pop_last(2)); return true;
      case PickleOpcode::setitems: extend(Kind::dict, pop_to_mark()); return true;
      default: return false;
    }
  }

  void execute(PickleOpcode opcode) {
    switch (opcode) {
      case PickleOpcode::proto: return check_protocol(reader_.read<std::uint8_t>());
      case PickleOpcode::frame: reader_.read<std::uint64_t>(); return;  // a hint for buffering
      case PickleOpcode::mark: marks_.push_back(stack_.size()); return;
      case PickleOpcode::pop: pop(); return;
      case PickleOpcode::pop_mark: pop_to_mark(); return;
      case PickleOpcode::dup: push(top()); return;
      case PickleOpcode::binget: return get(reader_.read<std::uint8_t>());
      case PickleOpcode::long_binget: return get(reader_.read<std::uint32_t>());
      case PickleOpcode::binput: return put(reader_.read<std::uint8_t>());
      case PickleOpcode::long_binput: return put(reader_.read<std::uint32_t>());
      case PickleOpcode::memoize: return put(static_cast<std::uint32_t>(memo_.size()));
      case PickleOpcode::global: return load_global();
      case PickleOpcode::stack_global: return load_stack_global();
      case PickleOpcode::inst: return make_instance();
      case PickleOpcode::reduce: return reduce();
      case PickleOpcode::newobj: return make_object(2);
      case PickleOpcode::newobj_ex: return make_object(3);
      case PickleOpcode::build: return build();
      case PickleOpcode::binpersid: return push(load_torch_storage(document_, pop()));
      default:
        fail("uses operation " + std::to_string(static_cast<int>(opcode)) + " (" + pickle_opcode_name(opcode) +
             "), which torch.save does not write for weights");
    }
  }

  void check_protocol(int protocol) {
    if (protocol > newest_protocol) fail("has the unknown protocol " + std::to_string(protocol));
  }
  void push_global(std::string_view module, std::string_view name) {
    PickleValue value = resolve_pickle_global(module, name);
    if (value.global == PickleGlobal::foreign && document_.foreign.empty())
      document_.foreign = std::string(module) + "." + std::string(name);
    push(std::move(value));
  }
  void load_global() {
    const auto module = reader_.line(longest_global);
    push_global(module, reader_.line(longest_global));
  }
  void load_stack_global() {
    const auto names = pop_last(2);
    for (PickleId id : names)
      if (document_.at(id).kind != Kind::text) fail("names a global by something that is not text");
    push_global(document_.at(names[0]).text, document_.at(names[1]).text);
  }
  /// INST: of the class that its lines name, from what is above the mark. torch never writes it.
  void make_instance() {
    pop_to_mark();
    load_global();
    if (!is_read_over(document_.at(pop()))) fail("uses operation INST, which torch.save does not write");
    push_kind(Kind::object);
  }
  /// NEWOBJ: class and arguments; NEWOBJ_EX: arguments by name, too.
  void make_object(std::size_t operands) {
    const PickleValue& type = document_.at(pop_last(operands).front());
    const bool is_dict = type.kind == Kind::global && type.global == PickleGlobal::ordered_dict;
    if (!is_dict && !is_read_over(type)) fail(std::string("makes an object of a ") + kind_name(type.kind));
    push_kind(is_dict ? Kind::dict : Kind::object);
  }
  void reduce() {
    const auto call = pop_last(2);
    push(reduce_torch_object(document_, call[0], call[1]));
  }
  /// An OrderedDict carries attributes (a state dict's _metadata): they hold no weights and are dropped, as are those
  /// of objects.
  void build() {
    pop();
    const Kind kind = document_.at(top()).kind;
    if (kind != Kind::dict && kind != Kind::object) fail(std::string("sets attributes on a ") + kind_name(kind));
  }

  ByteReader reader_;
  PickleDocument document_;
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;  ///< heights of the stack
  std::unordered_map<std::uint32_t, PickleId> memo_;
};

}  // namespace

PickleDocument read_pickle(std::span<const std::uint8_t> bytes) { return PickleMachine(bytes).run(); }

}  // namespace qeval
