#include "remote_write/client/destination.h"

#include <utility>

#include <fmt/format.h>

#include "core/base/try.h"
#include "net/http/call.h"
#include "net/http/words.h"
#include "remote_write/receiver/content_type.h"

namespace promfleet::remote_write {
namespace {

// All of a fence's answer; more than enough of what a person is told.
constexpr std::size_t kAnswerBytesMax = kFenceBodyBytesMax;

std::string_view version_number(Version version) {
  return version == Version::v1 ? "0.1.0" : "2.0.0";
}

http::Fields fields_of(const Outgoing& outgoing) {
  http::Fields fields;
  fields.add("Content-Type", content_type_of(outgoing.version));
  fields.add("Content-Encoding", "snappy");
  fields.add("X-Prometheus-Remote-Write-Version", version_number(outgoing.version));
  if (outgoing.fencing != nullptr) {
    const FencingFields fencing = format_fields(*outgoing.fencing);
    fields.add(kGroupField, fencing.group);
    fields.add(kTokenField, fencing.token);
    fields.add(kStreamField, fencing.stream);
  }
  return fields;
}

std::string_view query_of(std::string_view target) {
  const std::size_t path_bytes = http::path_of(target).size();
  return path_bytes == target.size() ? std::string_view() : target.substr(path_bytes + 1);
}

}  // namespace

Destination::Destination(Parts parts, http::Url url, std::string user_agent)
    : parts_(std::move(parts)),
      url_(std::move(url)),
      query_(query_of(url_.target)),
      user_agent_(std::move(user_agent)),
      client_(parts_.dialer, parts_.clock, url_.origin) {}

Task<Result<WriteAnswer>> Destination::write(const Outgoing& outgoing, BootTime deadline) {
  const Message message{.target = url_.target, .fields = fields_of(outgoing), .body = outgoing.body};
  const Result<Received> received = co_await send(message, deadline);
  if (received) co_return read_write_answer(outgoing.version, *received);
  if (received.error().code() == Errc::cancelled) co_return std::unexpected(received.error());
  co_return WriteAnswer{.kind = WriteAnswer::Kind::again,
                        .message = http::shown_words(received.error().message(), {query_})};
}

Task<Result<FenceAttempt>> Destination::fence(std::string_view group, FenceRequest request, BootTime deadline) {
  const std::string body = format_fence_request(request);
  Message message{.target = fmt::format("/api/v1/fleet/{}/fence", encode_name(group)), .fields = {}, .body = body};
  message.fields.add("Content-Type", "application/json");
  const Result<Received> received = co_await send(message, deadline);
  if (received) co_return read_fence_answer(request.token, *received);
  if (received.error().code() == Errc::cancelled) co_return std::unexpected(received.error());
  co_return FenceAttempt{.kind = FenceAttempt::Kind::again,
                         .message = http::shown_words(received.error().message(), {query_})};
}

Task<Result<Received>> Destination::send(const Message& message, BootTime deadline) {
  CO_TRY_ASSIGN(Received received, co_await send_once(message, deadline));
  if (received.response.status != 401 || !parts_.credentials_refused || !parts_.credentials_refused()) {
    co_return received;
  }
  co_return co_await send_once(message, deadline);
}

Task<Result<Received>> Destination::send_once(const Message& message, BootTime deadline) {
  const http::Request head = head_of(message);
  http::Call call(client_);
  CO_TRY(co_await call.begin(head, deadline));
  const Result<> sent = co_await call.end(message.body);
  const Result<> answered = co_await call.read_head();  // may have come before the body was taken
  if (!answered) co_return std::unexpected((sent ? answered : sent).error());

  Result<http::Response> whole = co_await call.read_whole(kAnswerBytesMax);
  Received received{.at = parts_.clock.wall_now(), .secrets = http::credentials_of(head.fields)};
  received.secrets.push_back(query_);
  if (whole) {
    received.response = *std::move(whole);
    co_return received;
  }
  const Errc code = whole.error().code();
  if (code == Errc::cancelled) co_return std::unexpected(whole.error());
  received.body_end = code == Errc::limit_exceeded ? Received::BodyEnd::too_long : Received::BodyEnd::broken_off;
  received.response = std::move(call.answer());
  co_return received;
}

http::Request Destination::head_of(const Message& message) const {
  http::Request head{.method = "POST", .target = message.target, .fields = {}, .body = {}};
  if (parts_.authorize) parts_.authorize(head);
  for (const http::Field field : message.fields) head.fields.set(field.name, field.value);
  head.fields.set("User-Agent", user_agent_);
  head.fields.set("Content-Length", std::to_string(message.body.size()));
  return head;
}

}  // namespace promfleet::remote_write
