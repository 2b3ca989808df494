#include "elector/proxy/failure.h"

#include <fmt/format.h>

#include "codec/json/writer.h"

namespace promfleet::elector {
namespace {

// Short: the next leader is often there within a second, and a client that waits in vain asks again.
constexpr std::string_view kRetryAfterSeconds = "1";

std::string_view error_type(int status) {
  if (status == 504) return "timeout";
  return status >= 500 ? "unavailable" : "bad_data";
}

}  // namespace

Failure failure_of(const Error& error) {
  const bool is_late = error.code() == Errc::timed_out;
  const bool is_lasting =
      error.code() == Errc::protocol || error.code() == Errc::limit_exceeded || error.code() == Errc::unauthorized;
  return {.status = is_late ? 504 : 502,
          .sentence = fmt::format("no answer from the leader: {}", error.message()),
          .outlook = is_lasting ? Failure::Outlook::lasting : Failure::Outlook::passing};
}

http::Response response_of(const Failure& failure, std::string_view target) {
  http::Response response = http::text_response(failure.status, failure.sentence);
  if (http::path_of(target).find("/api/v1/") != std::string_view::npos) {
    response.body.clear();
    json::Writer out(response.body);
    out.begin_object().member("status", "error").member("errorType", error_type(failure.status));
    out.member("error", failure.sentence).end_object();
    response.fields.set("Content-Type", "application/json");
  }
  if (failure.status == 503) response.fields.add("Retry-After", kRetryAfterSeconds);
  return response;
}

}  // namespace promfleet::elector
