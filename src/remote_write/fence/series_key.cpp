#include "remote_write/fence/series_key.h"

#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace promfleet::remote_write {
namespace {

static_assert(std::endian::native == std::endian::little);

// Most labels are short, and a call of memcpy costs more than copying them: two pieces that may overlap.
char* put(char* to, std::string_view text) {
  const std::size_t size = text.size();
  const char* from = text.data();
  if (size > 32) {
    std::memcpy(to, from, size);
  } else if (size >= 16) {
    std::memcpy(to, from, 16);
    std::memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (std::size_t at = 0; at < size; ++at) to[at] = from[at];
  }
  return to + size;
}

char* put(char* to, const Label& label) {
  const std::array<std::uint32_t, 2> sizes = {static_cast<std::uint32_t>(label.name.size()),
                                              static_cast<std::uint32_t>(label.value.size())};
  std::memcpy(to, sizes.data(), sizeof sizes);
  return put(put(to + sizeof sizes, label.name), label.value);
}

SeriesKey key_of(std::span<const Label> labels, char* buffer) {
  char* end = buffer;
  for (const Label& label : labels) end = put(end, label);
  const XXH128_hash_t hash = XXH3_128bits(buffer, static_cast<std::size_t>(end - buffer));
  return {hash.low64, hash.high64};
}

}  // namespace

SeriesKey series_key(std::span<const Label> labels) {
  std::size_t size = 0;
  for (const Label& label : labels) size += 8 + label.name.size() + label.value.size();
  std::array<char, 1024> small;
  if (size <= small.size()) return key_of(labels, small.data());
  const auto large = std::make_unique_for_overwrite<char[]>(size);
  return key_of(labels, large.get());
}

}  // namespace promfleet::remote_write
