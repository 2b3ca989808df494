// A web application with three counters: what users of Prometheus instrument first.
//
//   sample-app -listen-address=127.0.0.1:8080
//
// GET /hello succeeds, any other method on it fails; /metrics tells how many of each there were.
#include <cstdio>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>

#include "app/flags/flag_set.h"
#include "core/base/try.h"
#include "core/os/system_clock.h"
#include "core/telemetry/log.h"
#include "core/telemetry/metrics.h"
#include "core/telemetry/process_metrics.h"
#include "net/http/router.h"
#include "net/http/server.h"
#include "net/resolver/resolver.h"
#include "net/stream/listener.h"

namespace promfleet {
namespace {

class SampleApp {
 public:
  SampleApp() {
    register_process_metrics(metrics_, clock_);
    router_.add_prefix("/hello", [this](http::Exchange& exchange) { return greet(exchange); });
    router_.add("GET", "/metrics", [this](http::Exchange& exchange) { return show_metrics(exchange); });
  }

  // Serves until SIGINT or SIGTERM.
  Result<> run(const std::string& address) {
    Result<> result;
    asio::co_spawn(io_.get_executor(), serve(address, result), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    io_.run();
    return result;
  }

 private:
  Task<> serve(std::string address, Result<>& result) {
    auto listeners = co_await net::listen(address, resolver_, clock_, log_);
    if (!listeners) {
      result = std::unexpected(std::move(listeners).error());
    } else {
      server_.serve(*std::move(listeners));
      asio::basic_signal_set<Executor> stop(io_.get_executor(), SIGINT, SIGTERM);
      co_await stop.async_wait(kAwait);
    }
    co_await server_.stop(1s);
    co_await resolver_.close();
  }

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

  asio::io_context io_{1};
  SystemClock clock_{io_};
  StderrSink sink_;
  Log log_{sink_, clock_, LogFormat::logfmt, LogLevel::info};
  net::SystemHostLookup lookup_{1};
  net::Resolver resolver_{io_.get_executor(), clock_, lookup_};
  Registry metrics_;
  Counter& requests_ = metrics_.counter("http_request_total", "Requests to /hello.");
  Counter& successes_ = metrics_.counter("http_request_success_total", "Requests to /hello that succeeded.");
  Counter& failures_ = metrics_.counter("http_request_fail_total", "Requests to /hello that failed.");
  http::Router router_;
  http::Server server_{io_.get_executor(), clock_, log_, router_.handler()};
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
