#include "elector/status/api.h"

#include <algorithm>

#include "codec/json/writer.h"
#include "elector/status/page.h"
#include "elector/status/status_json.h"

namespace promfleet::elector {

namespace {

// Nobody has more to say to our own endpoints.
constexpr std::size_t kBodyBytesMax = 1024 * 1024;

http::Response text_response(int status, std::string_view type, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  response.fields.set("Content-Type", type);
  response.fields.set("Cache-Control", "no-store");
  return response;
}

http::Response json_response(int status, std::string body) {
  return text_response(status, "application/json", std::move(body) + "\n");
}

http::Response message_response(int status, std::string_view message) {
  std::string body;
  json::Writer(body).begin_object().member("message", message).end_object();
  return json_response(status, std::move(body));
}

int status_of(const Error& error) {
  switch (error.code()) {
    case Errc::invalid_input:
    case Errc::protocol: return 400;
    case Errc::timed_out: return 408;
    case Errc::unsupported: return 409;
    case Errc::limit_exceeded: return 413;
    default: return 500;
  }
}

// The value of `name` in the query of `target`; member names need no decoding.
std::string query_value(std::string_view target, std::string_view name) {
  std::string_view query = target.substr(std::min(target.find('?'), target.size()));
  while (!query.empty()) {
    query.remove_prefix(1);  // '?' or '&'
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(pair.size());
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
      return std::string(pair.substr(name.size() + 1));
    }
  }
  return "";
}

}  // namespace

void Api::add_routes(http::Router& router) {
  router.add("GET", "/_elector/leader", [this](http::Exchange& exchange) { return show_leader(exchange); });
  router.add("GET", "/_elector/healthz", [this](http::Exchange& exchange) { return show_health(exchange); });
  router.add("GET", "/_elector/ready", [this](http::Exchange& exchange) { return show_readiness(exchange); });
  router.add("GET", "/_elector/metrics", [this](http::Exchange& exchange) { return show_metrics(exchange); });
  router.add("GET", "/_elector/is-leader",
             [this](http::Exchange& exchange) { return show_role(exchange, Role::leader); });
  router.add("GET", "/_elector/is-follower",
             [this](http::Exchange& exchange) { return show_role(exchange, Role::follower); });
  router.add("GET", "/_elector/status", [this](http::Exchange& exchange) { return show_status(exchange); });
  router.add("GET", "/_elector/history", [this](http::Exchange& exchange) { return show_history(exchange); });
  router.add("GET", "/_elector/", [this](http::Exchange& exchange) { return show_page(exchange); });
  router.add("GET", "/_elector", [this](http::Exchange& exchange) {
    http::Response redirect = http::text_response(308, "/_elector/");
    redirect.fields.set("Location", "/_elector/");
    return answer(exchange, std::move(redirect));
  });
  // Never the proxy's, which may take what is left.
  router.add_prefix("/_elector/", [this](http::Exchange& exchange) {
    return answer(exchange, message_response(404, "there is no such path; /_elector/ is the status page"));
  });
  const auto add_operation = [&](std::string_view path, Operation operation) {
    router.add("POST", path, [this, operation](http::Exchange& exchange) { return operate(exchange, operation); });
  };
  add_operation("/_elector/step-down", &Api::step_down);
  add_operation("/_elector/switchover", &Api::switch_over);
  add_operation("/_elector/pause", &Api::pause);
  add_operation("/_elector/resume", &Api::resume);
}

Task<> Api::answer(http::Exchange& exchange, http::Response response) const {
  // A client that has left needs no answer.
  [[maybe_unused]] const Result<> sent = co_await exchange.respond(std::move(response));
}

Task<> Api::show_leader(http::Exchange& exchange) const {
  const election::ElectionStatus status = parts_.sidecar.election().status();
  std::string body;
  json::Writer(body)
      .begin_object()
      .member("is_leader", status.has_authority)
      .member("current_leader", status.leader)
      .end_object();
  co_await answer(exchange, json_response(200, std::move(body)));
}

// 200 as long as this process can recover by itself, which it can from all that it knows of: restarting it would only
// cost a failover. The body tells what does not work.
Task<> Api::show_health(http::Exchange& exchange) const {
  const std::vector<Problem> found = problems(parts_.view());
  std::string body;
  json::Writer out(body);
  out.begin_object().member("status", found.empty() ? "ok" : "degraded").key("problems").begin_array();
  for (const Problem& problem : found) out.value(problem.what);
  out.end_array().end_object();
  co_await answer(exchange, json_response(200, std::move(body)));
}

Task<> Api::show_readiness(http::Exchange& exchange) {
  const std::optional<std::string> why_not = readiness_.why_not(parts_.view());
  co_await answer(exchange,
                  text_response(why_not ? 503 : 200, "text/plain; charset=utf-8", why_not.value_or("ready") + "\n"));
}

Task<> Api::show_role(http::Exchange& exchange, Role role) const {
  const Role present = parts_.sidecar.election().has_authority() ? Role::leader : Role::follower;
  co_await answer(exchange, text_response(present == role ? 200 : 503, "text/plain; charset=utf-8",
                                          fmt::format("{}\n", to_string(present))));
}

Task<> Api::show_metrics(http::Exchange& exchange) const {
  status_metrics_.show(parts_.view());
  co_await answer(exchange, text_response(200, "text/plain; version=0.0.4; charset=utf-8", parts_.metrics.render()));
}

Task<> Api::show_status(http::Exchange& exchange) const {
  co_await answer(exchange, json_response(200, status_json(parts_.view())));
}

Task<> Api::show_history(http::Exchange& exchange) const {
  co_await answer(exchange, json_response(200, history_json(parts_.sidecar.election().history().transitions())));
}

Task<> Api::show_page(http::Exchange& exchange) const {
  http::Response page = text_response(200, "text/html; charset=utf-8", status_page(parts_.view()));
  page.fields.set("Content-Security-Policy", kPagePolicy);
  page.fields.set("X-Content-Type-Options", "nosniff");
  co_await answer(exchange, std::move(page));
}

Task<> Api::operate(http::Exchange& exchange, Operation operation) {
  co_await answer(exchange, co_await operation_answer(exchange, operation));
}

Task<http::Response> Api::operation_answer(http::Exchange& exchange, Operation operation) {
  // A browser names the page that asks; ours asks for nothing, so it is somebody else's, open on an operator's machine.
  if (exchange.request().fields.find("Origin")) co_return message_response(403, "not for web pages");
  if (!parts_.may_operate(exchange)) {
    co_return message_response(403, "only from loopback, or with authentication (-web.config.file)");
  }
  const Result<std::string> body = co_await exchange.read_body(kBodyBytesMax);
  if (!body) co_return message_response(status_of(body.error()), body.error().message());
  const Result<> done = (this->*operation)(exchange.request());
  co_return done ? message_response(200, "ok") : message_response(status_of(done.error()), done.error().message());
}

Result<> Api::step_down(const http::Request&) {
  return parts_.sidecar.election().step_down();
}

Result<> Api::switch_over(const http::Request& request) {
  return parts_.sidecar.election().switch_over(query_value(request.target, "to"));
}

Result<> Api::pause(const http::Request&) {
  parts_.sidecar.election().pause();
  return {};
}

Result<> Api::resume(const http::Request&) {
  parts_.sidecar.election().resume();
  return {};
}

}  // namespace promfleet::elector
