// What a receiver bounds so that no sender can fill its memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace promfleet::remote_write {

// Names of groups and streams.
inline constexpr std::size_t kFenceNameBytesMax = 512;
// Three bytes of text for each one that is encoded.
inline constexpr std::size_t kEncodedFenceNameBytesMax = 3 * kFenceNameBytesMax;
// Tokens are what a JSON reader of 64 bits with a sign can hold.
inline constexpr std::uint64_t kFencingTokenMax = std::numeric_limits<std::int64_t>::max();
// Of so many terms, the latest ones, a group remembers whose they were.
inline constexpr std::size_t kFenceSourcesMax = 16;
// Kept by whoever owns the groups.
inline constexpr std::size_t kFenceGroupsMax = 1024;

struct FenceLimits {
  std::size_t streams_max = 64;
  std::size_t series_max = 10'000'000;
};

// The answer to a fence names every stream, and must fit what its reader accepts. JSON may need six bytes for one.
inline constexpr std::size_t kFenceBodyBytesMax = 256 * 1024;
static_assert(FenceLimits{}.streams_max * (6 * kFenceNameBytesMax + 32) < kFenceBodyBytesMax);

}  // namespace promfleet::remote_write
