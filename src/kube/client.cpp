#include "kube/client.h"

#include <algorithm>
#include <charconv>

#include "codec/json/writer.h"
#include "core/base/try.h"
#include "net/http/call.h"
#include "net/http/words.h"

namespace promfleet::kube {
namespace {

constexpr std::size_t kAnswerBytesMax = 4 * 1024 * 1024;

// However long the server asks for, and however long the call could have lasted.
constexpr Duration kLeaveAloneMax = 3s;

constexpr http::ClientLimits kLimits = {.connections_idle_max = 2, .body_bytes_max = kAnswerBytesMax};

Result<json::Object> read_object(std::string_view body) {
  const Result<json::Value> value = json::parse(body, {.bytes_max = kAnswerBytesMax});
  if (!value) return fail(Errc::protocol, "the answer is no JSON: {}", value.error().message());
  const json::Object* object = value->if_object();
  if (object == nullptr) return fail(Errc::protocol, "the answer is {}, not an object", json::describe_kind(*value));
  return *object;
}

// A host that is not found is not the object.
Errc code_without_answer(const Error& error) {
  return error.code() == Errc::not_found ? Errc::unreachable : error.code();
}

}  // namespace

Client::Client(Dependencies dependencies, Access access, std::string user_agent)
    : clock_(dependencies.clock),
      base_path_(std::move(access.base_path)),
      user_agent_(std::move(user_agent)),
      authorization_(dependencies.files, std::move(access.credentials)),
      http_(dependencies.dialer, dependencies.clock, std::move(access.server), kLimits) {}

Task<Result<json::Object>> Client::get(const ObjectName& object, BootTime deadline) {
  co_return co_await exchange(Verb::get, object, request("GET", object_path(object)), deadline);
}

Task<Result<json::Object>> Client::create(const ObjectName& object, const json::Object& content, BootTime deadline) {
  http::Request post = request("POST", collection_path(object));
  post.body = json::write(content);
  co_return co_await exchange(Verb::create, object, std::move(post), deadline);
}

Task<Result<json::Object>> Client::update(const ObjectName& object, const json::Object& content, BootTime deadline) {
  http::Request put = request("PUT", object_path(object));
  put.body = json::write(content);
  co_return co_await exchange(Verb::update, object, std::move(put), deadline);
}

Task<Result<json::Object>> Client::exchange(Verb verb, const ObjectName& object, http::Request request,
                                            BootTime deadline) {
  CO_TRY(check_may_send(verb, object));
  const Result<http::Response> answer = co_await send_authorized(request, deadline);
  const auto in_words = [&](Errc code, const Error& error) {
    return fail(code, "{} {}: {}", to_string(verb), to_string(object), error.message());
  };
  if (!answer) co_return in_words(code_without_answer(answer.error()), answer.error());
  if (answer->status != 200 && answer->status != 201) {
    const Status status = read_status(answer->status, answer->body, http::credentials_of(request.fields));
    leave_alone(verb, status, retry_after(*answer), deadline);
    co_return std::unexpected(to_error(verb, object, status));
  }
  Result<json::Object> read = read_object(answer->body);
  if (!read) co_return in_words(Errc::protocol, read.error());
  co_return read;
}

Task<Result<http::Response>> Client::send_authorized(http::Request& request, BootTime deadline) {
  CO_TRY(authorize(request));
  CO_TRY_ASSIGN(http::Response answer, co_await send_once(request, deadline));
  if (answer.status == 401 && authorization_.may_have_changed()) {
    CO_TRY(authorize(request));
    CO_TRY_ASSIGN(answer, co_await send_once(request, deadline));
  }
  co_return answer;
}

Task<Result<http::Response>> Client::send_once(http::Request& request, BootTime deadline) {
  if (request.method == "GET") co_return co_await http_.send(request, deadline);
  request.fields.set("Content-Type", "application/json");
  request.fields.set("Content-Length", std::to_string(request.body.size()));
  http::Call call(http_);
  CO_TRY(co_await call.begin(request, deadline));
  CO_TRY(co_await call.end(request.body));
  CO_TRY(co_await call.read_head());
  co_return co_await call.read_whole(kAnswerBytesMax);
}

http::Request Client::request(std::string_view method, const std::string& target) const {
  http::Request request;
  request.method = method;
  request.target = base_path_ + target;
  request.fields.add("Accept", "application/json");
  request.fields.add("User-Agent", user_agent_);
  return request;
}

// RFC 9110 section 10.2.3, in seconds, as Kubernetes sends it.
std::optional<Duration> Client::retry_after(const http::Response& answer) {
  if (answer.status != 429 && answer.status < 500) return std::nullopt;
  const std::string_view text = answer.fields.find("Retry-After").value_or("");
  std::uint32_t seconds = 0;
  const bool is_number = std::from_chars(text.data(), text.data() + text.size(), seconds).ec == std::errc();
  return is_number ? std::optional<Duration>(std::chrono::seconds(seconds)) : std::nullopt;
}

// In the server's words, so that a log which tells what differs tells it once.
Result<> Client::check_may_send(Verb verb, const ObjectName& object) {
  const Refusal& refusal = refusal_of(verb);
  if (refusal.until <= clock_.now()) return {};
  return fail(Errc::unavailable, "{}", to_error(verb, object, refusal.status).message());
}

void Client::leave_alone(Verb verb, const Status& status, std::optional<Duration> asked, BootTime deadline) {
  if (!asked) return;
  const BootTime now = clock_.now();
  const Duration patience = std::min({*asked, kLeaveAloneMax, (deadline - now) / 4});
  refusal_of(verb) = {.status = status, .until = now + patience};
}

Client::Refusal& Client::refusal_of(Verb verb) {
  return verb == Verb::list || verb == Verb::watch ? refused_watch_ : refused_call_;
}

Result<> Client::authorize(http::Request& request) {
  TRY_ASSIGN(const std::optional<std::string> field, authorization_.field());
  if (field) request.fields.set("Authorization", *field);
  return {};
}

}  // namespace promfleet::kube
