// Writes protobuf messages, each of which is described once, by a function that gives its fields to a sink:
//
//   template <class Sink>
//   void give_fields(const LabelMessage& label, Sink& sink) {
//     sink.string(1, label.name);
//     sink.string(2, label.value);
//   }
//
// FieldCounter is the sink that knows how long a message becomes, FieldWriter the one that writes it; a message inside
// another is counted before it is written, since its length stands before it. Field by field they agree with Go's
// encoder: what is zero or empty is left away, but for elements of a repeated field.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "codec/remote_write/wire.h"
#include "core/base/assert.h"
#include "core/base/error.h"

namespace promfleet::remote_write {

constexpr std::size_t varint_size(std::uint64_t value) {
  if (value < 0x80) return 1;
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

constexpr std::size_t packed_size(std::span<const std::uint32_t> values) {
  std::size_t size = 0;
  for (const std::uint32_t value : values) size += varint_size(value);
  return size;
}

// Of a negative enumerator, too, ten bytes.
template <class Enum>
constexpr std::uint64_t enum_varint(Enum value) {
  return static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(value)});
}

class FieldCounter {
 public:
  std::size_t bytes() const { return bytes_; }

  void varint(std::uint32_t number, std::uint64_t value) {
    if (value != 0) bytes_ += key_size(number) + varint_size(value);
  }
  void fixed64(std::uint32_t number, std::uint64_t value) {
    if (value != 0) bytes_ += key_size(number) + sizeof value;
  }
  void string(std::uint32_t number, std::string_view text) {
    if (!text.empty()) element(number, text);
  }
  void element(std::uint32_t number, std::string_view text) { length_delimited(number, text.size()); }
  void packed(std::uint32_t number, std::span<const std::uint32_t> values) {
    if (!values.empty()) length_delimited(number, packed_size(values));
  }
  template <class Message>
  void message(std::uint32_t number, const Message& message) {
    FieldCounter inner;
    give_fields(message, inner);
    length_delimited(number, inner.bytes());
  }
  // Fields that are encoded already.
  void encoded(std::string_view fields) { bytes_ += fields.size(); }

 private:
  static std::size_t key_size(std::uint32_t number) { return varint_size(std::uint64_t{number} << 3); }
  void length_delimited(std::uint32_t number, std::size_t size) {
    bytes_ += key_size(number) + varint_size(size) + size;
  }

  std::size_t bytes_ = 0;
};

// The first and the last bytes of what is as long as a Word, and at most as long as two.
template <class Word>
void copy_ends(char* to, const char* from, std::size_t size) {
  Word first = 0;
  Word last = 0;
  std::memcpy(&first, from, sizeof first);
  std::memcpy(&last, from + size - sizeof last, sizeof last);
  std::memcpy(to, &first, sizeof first);
  std::memcpy(to + size - sizeof last, &last, sizeof last);
}

// Names and values of labels are so short that calling memcpy for each takes a quarter of the time of encoding.
inline void copy(char* to, const char* from, std::size_t size) {
  if (size >= 8 && size <= 16) return copy_ends<std::uint64_t>(to, from, size);
  if (size >= 4 && size < 8) return copy_ends<std::uint32_t>(to, from, size);
  if (size > 0) std::memcpy(to, from, size);
}

// Writes to memory that is known to suffice.
class FieldWriter {
 public:
  explicit FieldWriter(char* at) : at_(at) {}

  const char* end() const { return at_; }

  void varint(std::uint32_t number, std::uint64_t value) {
    if (value == 0) return;
    put_varint(key(number, WireType::varint));
    put_varint(value);
  }
  void fixed64(std::uint32_t number, std::uint64_t value) {
    static_assert(std::endian::native == std::endian::little);
    if (value == 0) return;
    put_varint(key(number, WireType::fixed64));
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }
  void string(std::uint32_t number, std::string_view text) {
    if (!text.empty()) element(number, text);
  }
  void element(std::uint32_t number, std::string_view text) {
    begin_length_delimited(number, text.size());
    encoded(text);
  }
  void packed(std::uint32_t number, std::span<const std::uint32_t> values) {
    if (values.empty()) return;
    begin_length_delimited(number, packed_size(values));
    for (const std::uint32_t value : values) put_varint(value);
  }
  template <class Message>
  void message(std::uint32_t number, const Message& message) {
    FieldCounter inner;
    give_fields(message, inner);
    begin_length_delimited(number, inner.bytes());
    give_fields(message, *this);
  }
  void encoded(std::string_view fields) {
    copy(at_, fields.data(), fields.size());
    at_ += fields.size();
  }

 private:
  void put_varint(std::uint64_t value) {
    char* at = at_;  // what is written through it might else be the member itself
    for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
    *at++ = static_cast<char>(value);
    at_ = at;
  }
  void begin_length_delimited(std::uint32_t number, std::size_t size) {
    put_varint(key(number, WireType::bytes));
    put_varint(size);
  }

  char* at_;
};

// Puts the message in the place of `out`, whose memory is used again. Errc::limit_exceeded if it would be larger than
// `bytes_max`; nothing was allocated for it.
template <class Message>
Result<void> write_message(const Message& message, std::size_t bytes_max, std::string& out) {
  FieldCounter counter;
  give_fields(message, counter);
  const std::size_t size = counter.bytes();
  if (size > bytes_max) {
    return fail(Errc::limit_exceeded, "{} bytes when encoded, more than the {} allowed", size, bytes_max);
  }
  // The library may offer more than was asked for.
  out.resize_and_overwrite(size, [&](char* to, std::size_t) {
    FieldWriter writer(to);
    give_fields(message, writer);
    ASSERT(writer.end() == to + size);
    return size;
  });
  return {};
}

}  // namespace promfleet::remote_write
