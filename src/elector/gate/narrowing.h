// Finds out which samples of a batch a destination refuses, so that the others arrive.
//
// A receiver of 1.0 takes all of a request or nothing: one sample that it finds out of order costs the 1,999 beside it.
// So the batch is sent in parts, from the first sample to the last: half as many after a part that is refused, until
// what is refused stands alone, and twice as many after one that is stored.
//
//   CO_TRY_ASSIGN(std::unique_ptr<Narrowing> narrowing, Narrowing::of(version, body));
//   narrowing->refused(answer);  // the whole
//   while (!narrowing->is_done()) {
//     CO_TRY_ASSIGN(const std::string part, narrowing->next_part());
//     ...
//     is_stored ? narrowing->stored() : narrowing->refused(answer);
//   }
//
// What has been found out stays so. Many refused samples over a slow network take longer than Prometheus waits; it then
// sends the same bytes again, and with them it goes on where it was.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "codec/remote_write/measurements.h"
#include "codec/remote_write/write_request.h"
#include "core/base/error.h"
#include "remote_write/client/destination.h"
#include "remote_write/receiver/receive.h"

namespace promfleet::elector {

// The compressed body of `request`. Errc::limit_exceeded: it would be larger than allowed.
Result<std::string> encode_body(remote_write::Version version, const remote_write::WriteRequest& request);

class Narrowing {
 public:
  // The first part is all of `body`. Errc as BodyDecoder's.
  static Result<std::unique_ptr<Narrowing>> of(remote_write::Version version, std::string body);
  Narrowing(const Narrowing&) = delete;
  Narrowing& operator=(const Narrowing&) = delete;

  bool is_of(remote_write::Version version, std::string_view body) const {
    return version == version_ && body == body_;
  }

  bool is_done() const { return begin_ == pieces_; }
  // The body of the next part. Errc::limit_exceeded as encode_body().
  Result<std::string> next_part();
  // What became of it. Of what is stored, how much.
  remote_write::WrittenCounts stored();
  // How many samples now stand alone, refused; 0 where the part is cut.
  std::size_t refused(remote_write::WriteAnswer refusal);

  const remote_write::WrittenCounts& written() const { return written_; }
  // The last one of what stands alone; nothing if all was stored in the end.
  const std::optional<remote_write::WriteAnswer>& refusal() const { return refusal_; }

 private:
  Narrowing(remote_write::Version version, std::string body) : version_(version), body_(std::move(body)) {}

  remote_write::Version version_;
  std::string body_;
  remote_write::BodyDecoder decoder_;
  const remote_write::WriteRequest* request_ = nullptr;  // the decoder's
  remote_write::WriteRequest part_;
  std::uint32_t pieces_ = 0;
  std::uint32_t begin_ = 0;  // what is before it is settled
  std::uint32_t count_ = 0;  // of the part
  remote_write::WrittenCounts written_;
  std::optional<remote_write::WriteAnswer> refusal_;
};

}  // namespace promfleet::elector
