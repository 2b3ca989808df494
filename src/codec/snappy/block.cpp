#include "codec/snappy/block.h"

#include <cstdint>
#include <limits>

#include <snappy.h>

#include "core/base/assert.h"

namespace promfleet::snappy {
namespace {

// The most that a byte of a block can become: a copy of 64 bytes takes three.
constexpr std::size_t kExpansionMax = 22;

}  // namespace

Result<void> decompress(std::string_view compressed, std::size_t bytes_max, std::string& out) {
  std::size_t size = 0;
  if (!::snappy::GetUncompressedLength(compressed.data(), compressed.size(), &size)) {
    return fail(Errc::invalid_input, "not a snappy block: it does not begin with a length");
  }
  if (size > bytes_max) {
    return fail(Errc::limit_exceeded, "{} bytes when decompressed, more than the {} allowed", size, bytes_max);
  }
  if (size / kExpansionMax > compressed.size()) {
    return fail(Errc::invalid_input, "a snappy block of {} bytes cannot hold the {} that it claims", compressed.size(),
                size);
  }
  bool is_whole = false;
  out.resize_and_overwrite(size, [&](char* to, std::size_t) {
    is_whole = ::snappy::RawUncompress(compressed.data(), compressed.size(), to);
    return size;
  });
  if (!is_whole) return fail(Errc::invalid_input, "the snappy block is damaged");
  return {};
}

void compress(std::string_view bytes, std::string& out) {
  ASSERT(bytes.size() <= std::numeric_limits<std::uint32_t>::max());
  out.resize_and_overwrite(::snappy::MaxCompressedLength(bytes.size()), [&](char* to, std::size_t size) {
    ::snappy::RawCompress(bytes.data(), bytes.size(), to, &size);
    return size;
  });
}

}  // namespace promfleet::snappy
