// Whatever an answer says, what is made of it keeps its promises. Three lines: the status, Retry-After, Location; the
// rest is the body.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/assert.h"
#include "remote_write/client/answer.h"
#include "remote_write/client/retry_after.h"

namespace {

using namespace promfleet;
using namespace promfleet::remote_write;

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

Received received(std::string_view text) {
  Received received;
  const std::string_view status = take_line(text);
  received.response.status = 200;
  for (const char c : status.substr(0, 2)) received.response.status += static_cast<unsigned char>(c);
  received.response.fields.add("Retry-After", take_line(text));
  received.response.fields.add("Location", take_line(text));
  received.response.body = text;
  return received;
}

void check_message(std::string_view message) {
  ASSERT(message.size() <= http::kWordsBytesMax);
  ASSERT(std::ranges::none_of(message, [](unsigned char c) { return c < ' ' || c == 0x7f; }));
}

void check_delay(const std::optional<Duration>& delay) {
  ASSERT(!delay || (*delay >= 0s && *delay <= kRetryAfterMax));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Received answer = received(std::string_view(reinterpret_cast<const char*>(data), size));
  const WriteAnswer write = read_write_answer(Version::v1, answer);
  ASSERT(write.message.empty() == (write.kind == WriteAnswer::Kind::stored));
  check_message(write.message);
  check_delay(write.retry_after);
  const FenceAttempt fence = read_fence_answer(FencingToken(7), answer);
  ASSERT(fence.message.empty() == (fence.kind == FenceAttempt::Kind::done));
  check_message(fence.message);
  check_delay(fence.retry_after);
  return 0;
}
