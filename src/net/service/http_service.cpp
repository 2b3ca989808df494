#include "net/service/http_service.h"

#include <csignal>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>

#include "net/http/server.h"
#include "net/stream/listener.h"

namespace promfleet::net {

Result<> HttpService::run(std::string address, http::Handler handler, std::function<void(std::uint16_t)> serving) {
  Result<> result;
  asio::co_spawn(io_.get_executor(), serve(std::move(address), std::move(handler), std::move(serving)),
                 [&](std::exception_ptr thrown, Result<> served) {
                   if (thrown) std::rethrow_exception(thrown);
                   result = std::move(served);
                 });
  io_.run();
  return result;
}

Task<Result<>> HttpService::serve(std::string address, http::Handler handler,
                                  std::function<void(std::uint16_t)> serving) {
  asio::basic_signal_set<Executor> stop(io_.get_executor(), SIGINT, SIGTERM);
  http::Server server(io_.get_executor(), clock_, log_, std::move(handler));
  Result<> result;
  auto listeners = co_await listen(std::move(address), resolver_, clock_, log_);
  if (!listeners) {
    result = std::unexpected(std::move(listeners).error());
  } else {
    const std::uint16_t port = listeners->front()->port();
    server.serve(*std::move(listeners));
    serving(port);
    co_await stop.async_wait(kAwait);
  }
  co_await server.stop(1s);
  co_await resolver_.close();
  co_return result;
}

}  // namespace promfleet::net
