// What holds for any bytes: they decode within their bounds; what is accepted is what the plain decoder reads, and it
// is the same after it was encoded and decoded again.
#pragma once

#include <string>
#include <string_view>

#include <protozero/exception.hpp>

#include "codec/remote_write/decode.h"
#include "codec/remote_write/encode.h"
#include "codec/remote_write/plain_request_testing.h"
#include "core/base/assert.h"

namespace promfleet::remote_write {

using DecodeFunction = Result<void>(std::string_view body, WriteRequest& request);
using EncodeFunction = Result<void>(const WriteRequest& request, std::string& out, EncodeLimits limits);

// Whether protozero refuses the body for a field number of 19000 to 19999, which it takes for damage and we do not.
inline bool has_reserved_number(std::string_view body, plain::Reader::Version version) {
  try {
    plain::Reader(version).request(body);
  } catch (const protozero::invalid_tag_exception&) {
    return true;
  } catch (const protozero::exception&) {
    return false;
  } catch (const plain::Damaged&) {
    return false;
  }
  return false;
}

inline void check_any_body(std::string_view body, plain::Reader::Version version, DecodeFunction* decode,
                           EncodeFunction* encode) {
  WriteRequest request;
  if (!decode(body, request)) return;
  const std::optional<plain::Request> expected = plain::decode(body, version);
  ASSERT(expected ? plain::copy(request) == *expected : has_reserved_number(body, version));
  std::string again;
  if (!encode(request, again, {.bytes_max = 1 << 20})) return;
  WriteRequest second;
  ASSERT(decode(again, second).has_value());
  if (!expected) return;
  ASSERT(plain::without_encoded_starts(plain::copy(second)) == plain::without_encoded_starts(*expected));
}

}  // namespace promfleet::remote_write
