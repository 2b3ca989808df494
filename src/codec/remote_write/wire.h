// The wire format of protobuf, as far as the messages of remote write use it: a message is a sequence of fields, each
// with a key (number and wire type) and a value. Groups, which proto3 has not, are damage.
//
// Whoever reads carries a Damage along; what is wrong is noted there once, and the walk itself says only yes or no.
//
// Source: https://protobuf.dev/programming-guides/encoding.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

namespace promfleet::remote_write {

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

// A field takes at least its key and one byte, so a message of `size` bytes has at most size / kFieldSizeMin.
inline constexpr std::size_t kFieldSizeMin = 2;

// A field's number and wire type as they stand, in one number, before the value.
constexpr std::uint32_t key(std::uint32_t number, WireType type) {
  return number << 3 | static_cast<std::uint32_t>(type);
}

struct Field {
  const char* at = nullptr;  // where its key stands
  std::uint32_t key = 0;
  std::uint64_t value = 0;  // of every wire type but bytes
  std::string_view bytes;

  std::uint32_t number() const { return key >> 3; }
  WireType type() const { return static_cast<WireType>(key & 7); }
};

struct Damage {
  const char* at = nullptr;    // in the body; nullptr: none was found
  const char* what = nullptr;  // a sentence

  bool is_found() const { return at != nullptr; }

  // Always false, for the walk to return.
  bool note(const char* where, const char* problem) {
    at = where;
    what = problem;
    return false;
  }
  bool note_wrong_type(const Field& field) { return note(field.at, "a field has a wire type that is not its own"); }
};

// Where the varint that begins at `at` ends; nullptr where it has no end. Of a tenth byte the lowest bit counts, as in
// other decoders.
const char* read_long_varint(const char* at, const char* end, std::uint64_t& value);

// The same; nearly all are of one or two bytes.
inline const char* read_varint(const char* at, const char* end, std::uint64_t& value) {
  if (end - at < 2) return read_long_varint(at, end, value);
  const auto first = static_cast<unsigned char>(at[0]);
  const auto second = static_cast<unsigned char>(at[1]);
  if (first < 0x80) {
    value = first;
    return at + 1;
  }
  if (second < 0x80) {
    value = (first & 0x7f) | second << 7;
    return at + 2;
  }
  return read_long_varint(at, end, value);
}

// The fields of one message, one after the other.
//
// All of it is inlined where it is called, for_each_varint() too. Otherwise a Field goes through memory, where its
// bytes are read in one piece after they were written in two; waiting for that takes longer than the walk itself.
class FieldReader {
 public:
  FieldReader(std::string_view message, Damage& damage)
      : at_(message.data()), end_(message.data() + message.size()), damage_(damage) {}

  // False behind the last field, and where the message is damaged.
  bool next(Field& field);

  // What is still to be read, of which someone else may read some.
  const char* at() const { return at_; }
  const char* end() const { return end_; }
  void skip_to(const char* at) { at_ = at; }

 private:
  bool read_value(Field& field);
  bool read_fixed(std::size_t size, Field& field);
  bool read_bytes(Field& field);

  const char* at_;
  const char* end_;
  Damage& damage_;
};

// The elements of a repeated number, which come one field each or packed into one. `each` may end the walk with false.
template <class Each>
[[gnu::always_inline]] inline bool for_each_varint(const Field& field, Damage& damage, Each each) {
  if (field.type() == WireType::varint) return each(field.value);
  if (field.type() != WireType::bytes) return damage.note_wrong_type(field);
  const char* at = field.bytes.data();
  const char* end = at + field.bytes.size();
  while (at != end) {
    std::uint64_t value = 0;
    at = read_varint(at, end, value);
    if (at == nullptr) return damage.note(field.at, "a packed number has no end");
    if (!each(value)) return false;
  }
  return true;
}

[[gnu::always_inline]] inline bool FieldReader::next(Field& field) {
  if (at_ == end_) return false;
  field.at = at_;
  std::uint64_t key = 0;
  at_ = read_varint(at_, end_, key);
  if (at_ == nullptr) return damage_.note(field.at, "the key of a field has no end");
  if (key > std::numeric_limits<std::uint32_t>::max() || key >> 3 == 0) {
    return damage_.note(field.at, "a field has an impossible number");
  }
  field.key = static_cast<std::uint32_t>(key);
  return read_value(field);
}

[[gnu::always_inline]] inline bool FieldReader::read_value(Field& field) {
  if (field.type() == WireType::bytes) return read_bytes(field);
  switch (field.type()) {
    case WireType::bytes: break;
    case WireType::fixed64: return read_fixed(8, field);
    case WireType::fixed32: return read_fixed(4, field);
    case WireType::varint:
      at_ = read_varint(at_, end_, field.value);
      return at_ != nullptr || damage_.note(field.at, "a number has no end");
  }
  return damage_.note(field.at, "a field has a wire type that proto3 has not");
}

[[gnu::always_inline]] inline bool FieldReader::read_fixed(std::size_t size, Field& field) {
  static_assert(std::endian::native == std::endian::little);
  if (static_cast<std::size_t>(end_ - at_) < size) return damage_.note(field.at, "a number is cut off");
  field.value = 0;
  std::memcpy(&field.value, at_, size);
  at_ += size;
  return true;
}

[[gnu::always_inline]] inline bool FieldReader::read_bytes(Field& field) {
  std::uint64_t size = 0;
  at_ = read_varint(at_, end_, size);
  if (at_ == nullptr) return damage_.note(field.at, "a length has no end");
  if (size > static_cast<std::size_t>(end_ - at_)) return damage_.note(field.at, "a length goes beyond its message");
  field.bytes = {at_, size};
  at_ += size;
  return true;
}

}  // namespace promfleet::remote_write
