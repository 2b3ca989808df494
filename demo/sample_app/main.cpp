// A web application with three counters: what users of Prometheus instrument first.
//
//   sample-app -listen-address=127.0.0.1:8080
//
// GET /hello succeeds, any other method on it fails; /metrics tells how many of each there were.
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "app/flags/flag_set.h"
#include "core/telemetry/metrics.h"
#include "core/telemetry/process_metrics.h"
#include "net/http/router.h"
#include "net/service/http_service.h"

namespace promfleet {
namespace {

class SampleApp {
 public:
  SampleApp() {
    register_process_metrics(metrics_, service_.clock());
    router_.add_prefix("/hello", [this](http::Exchange& exchange) { return greet(exchange); });
    router_.add("GET", "/metrics", [this](http::Exchange& exchange) { return show_metrics(exchange); });
  }

  // Serves until SIGINT or SIGTERM.
  Result<> run(std::string address) {
    return service_.run(std::move(address), router_.handler(), [](std::uint16_t) {});
  }

 private:
  Task<> greet(http::Exchange& exchange) {
    const bool is_get = exchange.request().method == "GET";
    requests_.increment();
    (is_get ? successes_ : failures_).increment();
    http::Response response{.status = is_get ? 200 : 405, .body = is_get ? "hello!!!\n" : "only GET says hello\n"};
    [[maybe_unused]] const Result<> sent = co_await exchange.respond(std::move(response));
  }

  Task<> show_metrics(http::Exchange& exchange) {
    http::Response response{.body = metrics_.render()};
    response.fields.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    [[maybe_unused]] const Result<> sent = co_await exchange.respond(std::move(response));
  }

  net::HttpService service_;
  Registry metrics_;
  Counter& requests_ = metrics_.counter("http_request_total", "Requests to /hello.");
  Counter& successes_ = metrics_.counter("http_request_success_total", "Requests to /hello that succeeded.");
  Counter& failures_ = metrics_.counter("http_request_fail_total", "Requests to /hello that failed.");
  http::Router router_;
};

}  // namespace
}  // namespace promfleet

int main(int argc, char** argv) {
  std::string address = ":8080";
  promfleet::FlagSet flags;
  flags.add("listen-address", address, "HTTP listen address");
  const auto parsed = flags.parse(std::vector<std::string>(argv + 1, argv + argc));
  if (!parsed) {
    std::fprintf(stderr, "sample-app: %s\n", parsed.error().message().c_str());
    return 2;
  }
  if (parsed->help_requested) {
    std::fputs(flags.help().c_str(), stdout);
    return 0;
  }
  const promfleet::Result<> served = promfleet::SampleApp().run(address);
  if (served) return 0;
  std::fprintf(stderr, "sample-app: %s\n", served.error().message().c_str());
  return 1;
}
