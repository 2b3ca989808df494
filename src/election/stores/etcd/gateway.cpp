#include "election/stores/etcd/gateway.h"

#include "core/base/try.h"
#include "election/stores/etcd/messages.h"
#include "net/http/call.h"

namespace promfleet::election::etcd {
namespace {

// A value of 1.5 MiB, etcd's limit, in Base64.
constexpr std::size_t kAnswerBytesMax = 4 * 1024 * 1024;
constexpr std::size_t kPasswordBytesMax = 64 * 1024;
constexpr http::ClientLimits kLimits = {.connections_idle_max = 2, .body_bytes_max = kAnswerBytesMax};

// Of the login before a watch.
constexpr Duration kLoginTime = 10s;

constexpr std::string_view kAuthenticationIsOff = "authentication is not enabled";

// Whether another endpoint may do better.
bool is_about_endpoint(Errc code) {
  return code == Errc::unreachable || code == Errc::refused || code == Errc::timed_out || code == Errc::unavailable;
}

// A host that is not found is not the key.
std::unexpected<Error> not_connected(const Error& error) {
  return fail(error.code() == Errc::not_found ? Errc::unreachable : error.code(), "{}", error.message());
}

Result<json::Object> read_answer(std::string_view body) {
  const Result<json::Value> value = json::parse(body, {.bytes_max = kAnswerBytesMax});
  if (!value) return fail(Errc::protocol, "etcd's answer is no JSON: {}", value.error().message());
  if (!value->is_object())
    return fail(Errc::protocol, "etcd's answer is {}, not an object", json::describe_kind(*value));
  return value->get_object();
}

Task<Result<http::Response>> finish(http::Call& call, const http::Request& request) {
  CO_TRY(co_await call.end(request.body));
  CO_TRY(co_await call.read_head());
  co_return co_await call.read_whole(kAnswerBytesMax);
}

}  // namespace

Gateway::Gateway(Dependencies dependencies, EtcdAccess access, std::string user_agent)
    : clock_(dependencies.clock),
      files_(dependencies.files),
      login_(std::move(access.login)),
      user_agent_(std::move(user_agent)) {
  for (http::Origin& origin : access.endpoints) {
    endpoints_.push_back(
        std::make_unique<http::Client>(dependencies.dialer, dependencies.clock, std::move(origin), kLimits));
  }
}

Task<Result<json::Object>> Gateway::call(CallKind kind, std::string_view path, std::string_view body,
                                         BootTime deadline) {
  http::Request request = post(path, body);
  for (std::size_t left = endpoints_.size();; --left) {
    const std::size_t endpoint = current_;
    const BootTime share = clock_.now() + (deadline - clock_.now()) / static_cast<int>(left);
    Attempt attempt = co_await try_endpoint(*endpoints_[endpoint], kind, request, share);
    if (attempt.answer || !is_about_endpoint(attempt.answer.error().code())) co_return std::move(attempt.answer);
    leave(endpoint);
    const bool may_be_written = kind == CallKind::write && attempt.progress == Attempt::Progress::sent;
    if (may_be_written || left == 1) co_return std::move(attempt.answer);
  }
}

Task<Gateway::Attempt> Gateway::try_endpoint(http::Client& endpoint, CallKind kind, http::Request& request,
                                             BootTime deadline) {
  using enum Attempt::Progress;
  for (int attempt = 1;; ++attempt) {
    Result<> ready = co_await authorize(endpoint, request, deadline);
    http::Call call(endpoint);
    if (ready) ready = co_await call.begin(request, deadline);
    if (!ready) co_return Attempt{nothing_sent, not_connected(ready.error())};
    Result<http::Response> answer = co_await finish(call, request);
    if (!answer) co_return Attempt{sent, std::unexpected(std::move(answer).error())};
    if (answer->status == 200) co_return Attempt{sent, read_answer(answer->body)};
    const Refusal refusal = read_refusal(answer->status, answer->body);
    const bool retries = login_ && wants_login(refusal) && attempt == 1;
    if (!retries) co_return Attempt{sent, refused(refusal, kind, request)};
    forget_login();
  }
}

Task<Result<>> Gateway::authorize(http::Client& endpoint, http::Request& request, BootTime deadline) {
  if (!login_) co_return Result<>();
  if (!token_) CO_TRY(co_await log_in(endpoint, deadline));
  if (!token_->empty()) request.fields.set("Authorization", *token_);
  co_return Result<>();
}

Task<Result<>> Gateway::log_in(http::Client& endpoint, BootTime deadline) {
  Result<std::string> password = files_.read(login_->password_file, kPasswordBytesMax);
  if (!password) co_return fail(Errc::unauthorized, "-etcd-password-file: {}", password.error().message());
  while (password->ends_with('\n') || password->ends_with('\r')) password->pop_back();
  const http::Request request = post("/v3/auth/authenticate", login_request(login_->user, *password));
  CO_TRY_ASSIGN(const http::Response answer, co_await endpoint.send(request, deadline));
  if (answer.status != 200) {
    const Refusal refusal = read_refusal(answer.status, answer.body);
    if (refusal.message.contains(kAuthenticationIsOff)) {
      token_ = "";
      co_return Result<>();
    }
    co_return std::unexpected(to_error(refusal, CallKind::read, user(), {*password})
                                  .with_context(fmt::format("log in to etcd as {}", login_->user)));
  }
  CO_TRY_ASSIGN(const json::Object object, read_answer(answer.body));
  CO_TRY_ASSIGN(token_, read_token(object));
  co_return Result<>();
}

Task<Result<>> Gateway::stream(std::string_view path, std::string_view body, json::LineReader::OnObject on_object,
                               Duration silence_max) {
  const std::size_t endpoint = current_;
  http::Client& client = *endpoints_[endpoint];
  http::Request request = post(path, body);
  CO_TRY(co_await authorize(client, request, clock_.now() + kLoginTime));
  int status = 0;
  std::string refusal;
  json::LineReader lines(kAnswerBytesMax);
  Result<> received = co_await client.receive(
      request,
      [&](const http::Response& head) -> Result<> {
        status = head.status;
        return {};
      },
      [&](std::string_view piece) -> Result<> {
        if (status == 200) return lines.take(piece, on_object);
        if (refusal.size() + piece.size() <= kAnswerBytesMax) refusal.append(piece);
        return {};
      },
      silence_max);
  if (!received && is_about_endpoint(received.error().code())) leave(endpoint);
  if (!received) co_return received;
  if (status == 200) co_return fail(Errc::closed, "etcd ended the stream");
  const Refusal why = read_refusal(status, refusal);
  if (wants_login(why)) forget_login();
  co_return refused(why, CallKind::read, request);
}

http::Request Gateway::post(std::string_view path, std::string_view body) const {
  http::Request request;
  request.method = "POST";
  request.target = path;
  request.body = body;
  request.fields.add("Content-Type", "application/json");
  request.fields.add("Content-Length", std::to_string(body.size()));
  request.fields.add("User-Agent", user_agent_);
  return request;
}

std::unexpected<Error> Gateway::refused(const Refusal& refusal, CallKind kind, const http::Request& request) const {
  return std::unexpected(to_error(refusal, kind, user(), http::credentials_of(request.fields)));
}

// Another call may have left it already.
void Gateway::leave(std::size_t endpoint) {
  if (current_ == endpoint) current_ = (endpoint + 1) % endpoints_.size();
}

}  // namespace promfleet::election::etcd
