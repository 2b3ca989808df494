// Takes a remote write off an HTTP exchange: what its head announces, and what its body says.
//
//   std::expected<Version, http::Response> version = announced_version(exchange.request());
//   if (!version) co_return co_await exchange.respond(version.error());
//   CO_TRY_ASSIGN(const std::string body, co_await exchange.read_body(limits.body_bytes_max));
//   Result<WriteRequest*> request = decoder.decode(*version, body);
//
// Answers are those of Prometheus 3, so that every sender knows them: 405, 413 and 415 for what is not taken at all,
// 400 with a sentence for what is damaged. As there, a head without Content-Type is of 1.0, one without
// Content-Encoding means snappy, and X-Prometheus-Remote-Write-Version decides nothing.
//
// Source: Prometheus remote write 1.0 and 2.0 specifications; storage/remote/write_handler.go and, of
// client_golang, exp/api/remote/remote_api.go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "codec/remote_write/measurements.h"
#include "codec/remote_write/write_request.h"
#include "core/base/error.h"
#include "net/http/message.h"

namespace promfleet::remote_write {

struct ReceiveLimits {
  std::size_t body_bytes_max = 32 * 1024 * 1024;     // as sent
  std::size_t decoded_bytes_max = 64 * 1024 * 1024;  // after snappy
};

// The version that the head announces, or the answer that refuses it: 405 for another method than POST, 415 for a
// content type or an encoding that is not remote write's.
std::expected<Version, http::Response> announced_version(const http::Request& head);

// Reads bodies one after the other into the same memory: in the steady state nothing is allocated. What an unusually
// large one needs is given back by trim().
//
// Thread safety: none.
class BodyDecoder {
 public:
  explicit BodyDecoder(ReceiveLimits limits = {}) : limits_(limits) {}

  // What `body`, compressed as it came, says; valid until the next call. Errc::invalid_input: damaged;
  // limit_exceeded: it would be larger than allowed. What is refused leaves no memory behind.
  Result<WriteRequest*> decode(Version version, std::string_view body);

  // Whoever is done with a request calls it. Frees the memory if there is more of it than a usual sender needs.
  void trim();

 private:
  Result<> read(Version version, std::string_view body);
  void release();

  ReceiveLimits limits_;
  std::string decoded_;
  WriteRequest request_;
};

// The answer to a body that could not be read or decoded: 413 for limit_exceeded, 400 for what is wrong with it.
// Senders drop what is answered so. What did not come in whole is answered with 503, and comes again: they may have
// been frozen.
http::Response refusal(const Error& error);

// How much of a request was taken in, as 2.0 tells it.
struct WrittenCounts {
  std::size_t samples = 0;
  std::size_t histograms = 0;
  std::size_t exemplars = 0;

  bool operator==(const WrittenCounts&) const = default;
};

WrittenCounts all_of(const WriteRequest& request);

// X-Prometheus-Remote-Write-Samples-Written and the two others: of answers to 2.0, also of those that refuse.
void add_counts(const WrittenCounts& counts, http::Fields& fields);
// What an answer says of them; nothing if it has none of the three. One that is missing or no number counts as 0.
std::optional<WrittenCounts> find_counts(const http::Fields& fields);

// 204, with the counts where the version has them.
http::Response stored(Version version, const WrittenCounts& counts);

}  // namespace promfleet::remote_write
