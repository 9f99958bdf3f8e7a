#pragma once
/// Pickle operations that the restricted unpickler knows, with the values CPython's Lib/pickletools.py gives them.
#include <cstdint>
#include <string>

namespace qeval {

enum class PickleOpcode : std::uint8_t {
  mark = '(',
  stop = '.',
  pop = '0',
  pop_mark = '1',
  dup = '2',
  none = 'N',
  reduce = 'R',
  build = 'b',
  global = 'c',
  inst = 'i',
  binint = 'J',
  binint1 = 'K',
  binint2 = 'M',
  binfloat = 'G',
  binunicode = 'X',
  binstring = 'T',
  short_binstring = 'U',
  binbytes = 'B',
  short_binbytes = 'C',
  empty_list = ']',
  append = 'a',
  appends = 'e',
  list = 'l',
  empty_tuple = ')',
  tuple = 't',
  empty_dict = '}',
  dict = 'd',
  setitem = 's',
  setitems = 'u',
  binget = 'h',
  long_binget = 'j',
  binput = 'q',
  long_binput = 'r',
  binpersid = 'Q',
  proto = 0x80,
  tuple1 = 0x85,
  tuple2 = 0x86,
  tuple3 = 0x87,
  newtrue = 0x88,
  newfalse = 0x89,
  long1 = 0x8a,
  short_binunicode = 0x8c,
  binunicode8 = 0x8d,
  stack_global = 0x93,
  memoize = 0x94,
  frame = 0x95,
  long4 = 0x8b,
  newobj = 0x81,
  newobj_ex = 0x92,
  binbytes8 = 0x8e,
  bytearray8 = 0x96,
  empty_set = 0x8f,
  additems = 0x90,
  frozenset = 0x91
};

/// Names of the operations that are refused, for messages; "unknown" for bytes that are no operation.
inline std::string pickle_opcode_name(PickleOpcode opcode) {
  switch (static_cast<std::uint8_t>(opcode)) {
    case 'o': return "OBJ";
    case 0x82: return "EXT1";
    case 0x83: return "EXT2";
    case 0x84: return "EXT4";
    case 'P': return "PERSID";
    case 'I': return "INT";
    case 'L': return "LONG";
    case 'F': return "FLOAT";
    case 'S': return "STRING";
    case 'V': return "UNICODE";
    case 'p': return "PUT";
    case 'g': return "GET";
    default: return "unknown";
  }
}

}  // namespace qeval
