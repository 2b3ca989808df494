#include "remote_write/client/answer.h"

#include <fmt/format.h>

#include "net/http/origin.h"
#include "net/http/words.h"
#include "remote_write/client/retry_after.h"

namespace promfleet::remote_write {
namespace {

bool is_success(int status) {
  return status >= 200 && status <= 299;
}

// Whether it is this refusal in our own format: other receivers and what stands before them use the status, too.
bool is_ours(const Received& received, Refusal refusal) {
  if (received.response.status != http_status(refusal)) return false;
  const Result<RefusalAnswer> answer = parse_refusal(received.response.body);
  return answer && answer->code == refusal;
}

std::string status_line(const http::Response& response) {
  return fmt::format("{} {}", response.status, http::reason_phrase(response.status));
}

// Where a redirect leads, without what may be secret in it.
std::string redirect_in_words(const http::Response& response) {
  const Result<http::Url> goal = http::parse_url(response.fields.find("Location").value_or(""));
  if (!goal) return status_line(response);
  return fmt::format("{} to {}{}", status_line(response), http::to_string(goal->origin), http::path_of(goal->target));
}

std::string message_of(const Received& received) {
  const http::Response& response = received.response;
  const bool is_redirect = response.status >= 300 && response.status <= 399;
  if (is_redirect) return http::shown_words(redirect_in_words(response), received.secrets);
  std::string words = http::shown_words(response.body, received.secrets);
  return words.empty() ? http::shown_words(status_line(response), {}) : words;
}

WriteAnswer::Kind kind_of_412(const Received& received) {
  if (is_ours(received, Refusal::fenced)) return WriteAnswer::Kind::fenced;
  return received.body_end == Received::BodyEnd::broken_off ? WriteAnswer::Kind::again : WriteAnswer::Kind::refused;
}

WriteAnswer::Kind kind_of(const Received& received) {
  using Kind = WriteAnswer::Kind;
  if (is_success(received.response.status)) return Kind::stored;
  switch (received.response.status) {
    case 400:
    case 409:
    case 413:
    case 422: return Kind::refused;
    case 412: return kind_of_412(received);
    case 415: return Kind::unknown_version;
    case 428: return is_ours(received, Refusal::fence_first) ? Kind::fence_first : Kind::again;
    default: return Kind::again;
  }
}

// Whether a fence may yet succeed with this receiver. Others have no such path, or another use of it.
bool may_succeed_later(const Received& received) {
  switch (received.response.status) {
    case 401:
    case 408:
    case 425:
    case 429: return true;
    case 200:
    case 412: return received.body_end == Received::BodyEnd::broken_off;
    default: return received.response.status >= 500;
  }
}

}  // namespace

WriteAnswer read_write_answer(Version version, const Received& received) {
  const http::Response& response = received.response;
  WriteAnswer answer{.kind = kind_of(received), .status = response.status, .counts = find_counts(response.fields)};
  if (answer.kind == WriteAnswer::Kind::stored) {
    answer.left_out = parse_left_out(response.fields.find(kCoveredField), response.fields.find(kDuplicatesField));
    if (version == Version::v1 || answer.counts) return answer;
    answer.kind = WriteAnswer::Kind::unknown_version;
    answer.message = "the answer has no counts of what was written: the receiver does not know remote write 2.0";
    return answer;
  }
  answer.message = message_of(received);
  if (answer.kind == WriteAnswer::Kind::again) answer.retry_after = find_retry_after(response.fields, received.at);
  return answer;
}

FenceAttempt read_fence_answer(FencingToken token, const Received& received) {
  using Kind = FenceAttempt::Kind;
  if (received.response.status == 200) {
    Result<FenceAnswer> answer = parse_fence_answer(received.response.body);
    if (answer && answer->token == token) return {.kind = Kind::done, .answer = *std::move(answer)};
  }
  FenceAttempt attempt{.kind = Kind::foreign, .message = message_of(received)};
  if (is_ours(received, Refusal::fenced)) {
    attempt.kind = Kind::fenced;
  } else if (may_succeed_later(received)) {
    attempt.kind = Kind::again;
    attempt.retry_after = find_retry_after(received.response.fields, received.at);
  }
  return attempt;
}

}  // namespace promfleet::remote_write
