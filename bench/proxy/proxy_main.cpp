// The elector's proxy alone, as if this member led: what bench/proxy/run measures beside other proxies.
//
//   bench_proxy 127.0.0.1:0 9090      listens there, asks localhost:9090, prints its port
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/os/system_clock.h"
#include "core/telemetry/log.h"
#include "core/telemetry/metrics.h"
#include "elector/proxy/proxy.h"
#include "net/http/server.h"
#include "net/resolver/host_lookup.h"
#include "net/resolver/resolver.h"
#include "net/stream/dialer.h"
#include "net/stream/listener.h"

namespace promfleet {
namespace {

class AlwaysSelf final : public elector::LeaderDirectory {
 public:
  explicit AlwaysSelf(Clock& clock) : clock_(clock) {}
  std::optional<elector::Leader> current() const override { return elector::Leader{.member = "self", .is_self = true}; }
  Task<Result<>> wait_for_change(BootTime deadline) override { return sleep_until(clock_, deadline); }

 private:
  Clock& clock_;
};

void run(const std::string& address, std::uint16_t upstream_port) {
  asio::io_context io(1);
  SystemClock clock(io);
  StderrSink sink;
  const Log log(sink, clock, LogFormat::logfmt, LogLevel::info);
  Registry metrics;
  net::SystemHostLookup lookup(1);
  net::Resolver resolver(io.get_executor(), clock, lookup);
  net::NetworkDialer dialer(clock, resolver);
  AlwaysSelf leaders(clock);
  elector::Proxy proxy({.clock = clock, .dialer = dialer, .leaders = leaders, .metrics = metrics},
                       {.member = "self", .upstreams = {.local_port = upstream_port}});
  http::Server server(io.get_executor(), clock, log, proxy.handler());
  TaskScope tasks(io.get_executor());
  tasks.spawn([](http::Server& started, net::Resolver& names, Clock& time, Log told, std::string where) -> Task<> {
    auto listeners = co_await net::listen(std::move(where), names, time, told);
    if (!listeners) {
      told.error("cannot listen", {{"error", listeners.error()}});
      std::exit(1);
    }
    std::printf("%d\n", listeners->front()->port());
    std::fflush(stdout);
    started.serve(*std::move(listeners));
  }(server, resolver, clock, log, address));
  io.run();
}

}  // namespace
}  // namespace promfleet

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: bench_proxy ADDRESS UPSTREAM_PORT\n", stderr);
    return 2;
  }
  promfleet::run(argv[1], static_cast<std::uint16_t>(std::atoi(argv[2])));
}
