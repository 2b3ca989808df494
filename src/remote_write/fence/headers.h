// The texts of the fence's protocol, docs/format/fencing.md: the header fields of a write and the JSON bodies.
//
// Failures are Errc::invalid_input, with a sentence for the sender, or limit_exceeded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "remote_write/fence/group.h"

namespace promfleet::remote_write {

inline constexpr std::string_view kGroupField = "X-Promfleet-Group";
inline constexpr std::string_view kTokenField = "X-Promfleet-Token";
inline constexpr std::string_view kStreamField = "X-Promfleet-Stream";
inline constexpr std::string_view kCoveredField = "X-Promfleet-Covered";
inline constexpr std::string_view kDuplicatesField = "X-Promfleet-Duplicates";

// What a fenced write says beside its body.
struct WriteFencing {
  std::string group;
  FencingToken token;
  std::string stream;

  bool operator==(const WriteFencing&) const = default;
};

// Header fields as they are on the wire.
struct FencingFields {
  std::string group;
  std::string token;
  std::string stream;
};
struct ReceivedFencingFields {
  std::optional<std::string_view> group;
  std::optional<std::string_view> token;
  std::optional<std::string_view> stream;
};

FencingFields format_fields(const WriteFencing& fencing);
// Nothing where there are none of them: the write is not fenced. Some without the others are an error.
Result<std::optional<WriteFencing>> parse_fields(const ReceivedFencingFields& fields);

// How many samples of an accepted write were not stored, since the receiver had them.
struct LeftOut {
  std::uint64_t covered = 0;
  std::uint64_t duplicates = 0;

  bool operator==(const LeftOut&) const = default;
};

// Of the answer's fields; nothing where there is neither. What is no decimal number counts as 0.
std::optional<LeftOut> parse_left_out(std::optional<std::string_view> covered,
                                      std::optional<std::string_view> duplicates);

// A group or stream: 1 to 512 printable ASCII characters. What is none of A-Z a-z 0-9 - . _ ~ is percent-encoded in
// header fields and paths; those who read take every visible character but % as it is.
std::string encode_name(std::string_view name);
Result<std::string> decode_name(std::string_view text);

// {"token": N, "source": "NAME"}, the latter where it is told.
std::string format_fence_request(const FenceRequest& request);
Result<FenceRequest> parse_fence_request(std::string_view body);

struct FenceAnswer {
  FencingToken token;
  Watermarks watermarks;

  bool operator==(const FenceAnswer&) const = default;
};

// {"token": N, "watermarks": {"STREAM": unix_ms}}; the token is null where the group has none.
std::string format_group(const GroupRecord& record);
// Of a fence, whose answer always has a token.
Result<FenceAnswer> parse_fence_answer(std::string_view body);

struct RefusalAnswer {
  Refusal code = Refusal::fenced;
  std::optional<FencingToken> token;  // the group's present one

  bool operator==(const RefusalAnswer&) const = default;
};

// "fenced" and the like.
std::string_view to_string(Refusal refusal);
int http_status(Refusal refusal);
// {"code": "fenced", "token": N, "error": "a sentence"}
std::string format_refusal(const RefusalAnswer& answer);
Result<RefusalAnswer> parse_refusal(std::string_view body);

}  // namespace promfleet::remote_write
