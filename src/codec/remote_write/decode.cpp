#include "codec/remote_write/decode.h"

#include "codec/remote_write/decoder_v1.h"
#include "codec/remote_write/decoder_v2.h"

namespace promfleet::remote_write {
namespace {

// Ranges count in 32 bits, and so do positions in columns: of a body, no column gets more values than it has bytes.
constexpr std::size_t kBodyBytesMax = std::size_t{1} << 30;

template <class Decoder>
Result<void> decode(std::string_view body, Columns& columns) {
  columns.clear();
  if (body.size() > kBodyBytesMax) {
    return fail(Errc::limit_exceeded, "{} bytes, more than the {} allowed", body.size(), kBodyBytesMax);
  }
  Damage damage;
  if (Decoder(columns, damage).read_request(body)) return {};
  columns.clear();
  if (!damage.is_found()) {
    return fail(Errc::limit_exceeded, "values that would take more than {} bytes", kValuesBytesMax);
  }
  return fail(Errc::invalid_input, "offset {}: {}", damage.at - body.data(), damage.what);
}

}  // namespace

Result<void> decode_v1(std::string_view body, WriteRequest& request) {
  return decode<DecoderV1>(body, request.columns_);
}

Result<void> decode_v2(std::string_view body, WriteRequest& request) {
  return decode<DecoderV2>(body, request.columns_);
}

}  // namespace promfleet::remote_write
