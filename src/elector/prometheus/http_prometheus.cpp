#include "elector/prometheus/http_prometheus.h"

#include "codec/json/value.h"
#include "core/base/try.h"
#include "elector/prometheus/error_text.h"
#include "elector/prometheus/running_queues.h"

namespace promfleet::elector {

namespace {

constexpr std::string_view kReloadPath = "/-/reload";

// Prometheus answers a reload after all its queues were flushed, a minute each by default. Longer than this is no
// Prometheus any more but a connection that nobody told us is gone.
constexpr Duration kReloadAnswerMax = 15min;
constexpr Duration kApiTimeout = 5s;

bool is_success(const http::Response& response) {
  return response.status / 100 == 2;
}

}  // namespace

HttpPrometheus::HttpPrometheus(Parts parts, PrometheusUrls urls, Timeouts timeouts)
    : parts_(std::move(parts)),
      timeouts_(timeouts),
      reload_method_(std::move(urls.reload_method)),
      reload_(endpoint(urls.reload)) {
  if (urls.reload.target.ends_with(kReloadPath)) {
    base_ = urls.reload.target.substr(0, urls.reload.target.size() - kReloadPath.size());
  }
  if (urls.ready) {
    ready_ = endpoint(*urls.ready);
  } else if (base_) {
    ready_ = endpoint({.origin = urls.reload.origin, .target = *base_ + "/-/ready"});
  }
  if (urls.healthy) healthy_ = endpoint(*urls.healthy);
}

std::unique_ptr<HttpPrometheus::Endpoint> HttpPrometheus::endpoint(const http::Url& url) const {
  return std::unique_ptr<Endpoint>(
      new Endpoint{.client = http::Client(parts_.dialer, parts_.clock, url.origin), .target = url.target});
}

Result<> HttpPrometheus::authorize(http::Request& request) {
  TRY(parts_.authorize(request));
  credentials_ = http::credentials_of(request.fields);
  return {};
}

std::string HttpPrometheus::detail_of(const http::Response& response) const {
  const std::string text = shown_error(http::without_secrets(response.body, credentials_));
  return fmt::format("{} {}{}{}", response.status, http::reason_phrase(response.status), text.empty() ? "" : ": ",
                     text);
}

Task<Result<http::Response>> HttpPrometheus::get(Endpoint& endpoint, std::string target, Duration timeout) {
  http::Request request{.method = "GET", .target = std::move(target), .fields = {}, .body = {}};
  CO_TRY(authorize(request));
  co_return co_await endpoint.client.send(request, after(parts_.clock.now(), timeout));
}

Task<ReloadAnswer> HttpPrometheus::reload() {
  using Kind = ReloadAnswer::Kind;
  http::Request request{.method = reload_method_, .target = reload_->target, .fields = {}, .body = {}};
  if (const Result<> authorized = authorize(request); !authorized) {
    co_return ReloadAnswer{.kind = Kind::refused, .detail = authorized.error().message()};
  }
  const auto answer = co_await reload_->client.send(request, parts_.clock.now() + kReloadAnswerMax);
  if (!answer) {
    const Kind kind = answer.error().code() == Errc::refused ? Kind::not_listening : Kind::unanswered;
    co_return ReloadAnswer{.kind = kind, .detail = answer.error().message()};
  }
  if (is_success(*answer)) co_return ReloadAnswer{};
  co_return ReloadAnswer{.kind = answer->status >= 500 ? Kind::rejected : Kind::refused, .detail = detail_of(*answer)};
}

Task<Readiness> HttpPrometheus::readiness() {
  if (!ready_) co_return Readiness::ready;
  const auto answer = co_await get(*ready_, ready_->target, timeouts_.ready);
  if (answer) co_return is_success(*answer) ? Readiness::ready : Readiness::not_ready;
  co_return answer.error().code() == Errc::refused ? Readiness::not_listening : Readiness::not_ready;
}

Task<Result<>> HttpPrometheus::health() {
  if (!healthy_) co_return Result<>();
  CO_TRY_ASSIGN(const http::Response answer, co_await get(*healthy_, healthy_->target, timeouts_.healthy));
  if (!is_success(answer)) co_return fail(Errc::unavailable, "{}", detail_of(answer));
  co_return Result<>();
}

Task<Result<std::vector<RunningQueue>>> HttpPrometheus::remote_write_queues() {
  if (!base_) co_return fail(Errc::unsupported, "the reload URL does not end in {}", kReloadPath);
  CO_TRY_ASSIGN(const http::Response answer, co_await get(*reload_, *base_ + "/metrics", kApiTimeout));
  if (!is_success(answer)) co_return fail(Errc::unavailable, "{}", detail_of(answer));
  co_return parse_running_queues(answer.body);
}

Task<Result<PrometheusFlags>> HttpPrometheus::flags() {
  if (!base_) co_return fail(Errc::unsupported, "the reload URL does not end in {}", kReloadPath);
  CO_TRY_ASSIGN(const http::Response answer, co_await get(*reload_, *base_ + "/api/v1/status/flags", kApiTimeout));
  if (!is_success(answer)) co_return fail(Errc::unavailable, "{}", detail_of(answer));
  co_return parse_flags(answer.body);
}

Task<Result<std::string>> HttpPrometheus::ask_status(std::string_view topic, std::string_view key) {
  if (!base_) co_return fail(Errc::unsupported, "the reload URL does not end in {}", kReloadPath);
  CO_TRY_ASSIGN(const http::Response answer,
                co_await get(*reload_, fmt::format("{}/api/v1/status/{}", *base_, topic), kApiTimeout));
  if (!is_success(answer)) co_return fail(Errc::unavailable, "{}", detail_of(answer));
  CO_TRY_ASSIGN(const json::Value document, json::parse(answer.body));
  CO_TRY_ASSIGN(const json::Object* root, json::as_object(document));
  CO_TRY_ASSIGN(const json::Object* data, json::require_object(*root, "data"));
  CO_TRY_ASSIGN(const std::string_view text, json::require_string(*data, key));
  co_return std::string(text);
}

Task<Result<std::string>> HttpPrometheus::config_yaml() {
  co_return co_await ask_status("config", "yaml");
}

Task<Result<std::string>> HttpPrometheus::started_at() {
  co_return co_await ask_status("runtimeinfo", "startTime");
}

}  // namespace promfleet::elector
