// Whatever is accepted is written and read again as the same. The first byte chooses who reads.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/assert.h"
#include "remote_write/fence/headers.h"

namespace {

using namespace promfleet;
using namespace promfleet::remote_write;

// Three lines; one that is missing is a field that is missing.
void check_fields(std::string_view text) {
  ReceivedFencingFields fields;
  for (std::optional<std::string_view>* field : {&fields.group, &fields.token, &fields.stream}) {
    if (text.empty()) break;
    const std::size_t end = text.find('\n');
    *field = text.substr(0, end);
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
  }
  const Result<std::optional<WriteFencing>> first = parse_fields(fields);
  if (!first || !*first) return;
  const FencingFields again = format_fields(**first);
  ASSERT(parse_fields({again.group, again.token, again.stream}) == first);
}

void check_request(std::string_view body) {
  const Result<FenceRequest> request = parse_fence_request(body);
  if (request) ASSERT(parse_fence_request(format_fence_request(*request)) == request);
}

void check_answer(std::string_view body) {
  const Result<FenceAnswer> answer = parse_fence_answer(body);
  if (!answer) return;
  const std::string again = format_group({.token = answer->token, .watermarks = answer->watermarks});
  ASSERT(again.size() > kFenceBodyBytesMax || parse_fence_answer(again) == answer);
}

void check_refusal(std::string_view body) {
  const Result<RefusalAnswer> refusal = parse_refusal(body);
  if (refusal) ASSERT(parse_refusal(format_refusal(*refusal)) == refusal);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: check_fields(text); break;
    case 1: check_request(text); break;
    case 2: check_answer(text); break;
    default: check_refusal(text); break;
  }
  return 0;
}
