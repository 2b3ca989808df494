// What a program stands on that only serves HTTP: the demo's application, a receiver of tests.
//
// The elector is not one: its end has an order of its own.
//
// Thread safety: none; everything runs on the thread that calls run().
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/async/task.h"
#include "core/base/error.h"
#include "core/os/system_clock.h"
#include "core/telemetry/log.h"
#include "core/telemetry/stderr_sink.h"
#include "net/http/exchange.h"
#include "net/resolver/host_lookup.h"
#include "net/resolver/resolver.h"

namespace promfleet::net {

class HttpService {
 public:
  // Serves until SIGINT or SIGTERM; what is being answered then has another second. `address` as listen() takes it;
  // `serving` is called with the port, once connections are accepted. Fails as listen() does. Once.
  Result<> run(std::string address, http::Handler handler, std::function<void(std::uint16_t)> serving);

  Executor executor() { return io_.get_executor(); }
  Clock& clock() { return clock_; }
  const Log& log() const { return log_; }
  Resolver& resolver() { return resolver_; }

 private:
  Task<Result<>> serve(std::string address, http::Handler handler, std::function<void(std::uint16_t)> serving);

  asio::io_context io_{1};
  SystemClock clock_{io_};
  StderrSink sink_{clock_, LogFormat::logfmt};
  Log log_{sink_, clock_, LogFormat::logfmt, LogLevel::info};
  SystemHostLookup lookup_{1};
  Resolver resolver_{io_.get_executor(), clock_, lookup_};
};

}  // namespace promfleet::net
