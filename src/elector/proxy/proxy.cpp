#include "elector/proxy/proxy.h"

#include <string_view>
#include <utility>

#include "elector/proxy/admin_paths.h"
#include "elector/proxy/passage.h"

namespace promfleet::elector {
namespace {

constexpr std::string_view kAdminRefused =
    "this would stop or change the leader's Prometheus; -api-proxy-allow-admin allows it";

}  // namespace

Proxy::Proxy(const Parts& parts, ProxyOptions options)
    : clock_(parts.clock),
      leaders_(parts.leaders),
      metrics_(parts.metrics),
      credentials_(parts.credentials),
      options_(std::move(options)),
      upstreams_(parts.dialer, parts.clock, options_.upstreams),
      in_flight_(parts.metrics.gauge("promfleet_elector_proxy_requests_in_flight",
                                     "Requests that the proxy is passing on.")) {}

http::Handler Proxy::handler() {
  return [this](http::Exchange& exchange) { return serve(exchange); };
}

Task<> Proxy::serve(http::Exchange& exchange) {
  const std::string& target = exchange.request().target;
  if (options_.admin_access == AdminAccess::refused && is_administration(target)) {
    return refuse(exchange, {.status = 403, .sentence = std::string(kAdminRefused)});
  }
  return Passage::run(*this, exchange);
}

Task<> Proxy::refuse(http::Exchange& exchange, Failure failure) {
  count(failure.status, Answerer::none);
  static_cast<void>(co_await exchange.respond(response_of(failure, exchange.request().target)));  // who left, left
}

void Proxy::count(int status, Answerer answerer) {
  Counter*& counter = answers_[{status, answerer}];
  if (counter == nullptr) {
    const char* upstream = answerer == Answerer::self ? "self" : answerer == Answerer::remote ? "remote" : "none";
    counter = &metrics_.counter("promfleet_elector_proxy_requests_total",
                                "Requests answered, by status code and by whose Prometheus answered.",
                                {{"code", std::to_string(status)}, {"upstream", upstream}});
  }
  counter->increment();
}

}  // namespace promfleet::elector
