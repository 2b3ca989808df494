// A proxy between clients and Prometheus servers that a test plays, all in memory and in simulated time.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/async/task_scope.h"
#include "core/async/testing.h"
#include "core/base/try.h"
#include "core/os/simulated_clock.h"
#include "core/os/simulated_file_system.h"
#include "core/os/simulated_file_watcher.h"
#include "core/telemetry/log_testing.h"
#include "elector/proxy/proxy.h"
#include "net/http/server.h"
#include "net/stream/memory_stream.h"

namespace promfleet::elector {

class SetLeaders final : public LeaderDirectory {
 public:
  SetLeaders(Executor executor, Clock& clock) : clock_(clock), changed_(executor) {}

  void set(std::optional<std::string> member, bool self = false) {
    member_ = std::move(member);
    is_self_ = self;
    changed_.notify();
  }

  std::optional<Leader> current() const override {
    if (!member_) return std::nullopt;
    return Leader{.member = *member_, .is_self = is_self_};
  }
  Task<Result<>> wait_for_change(BootTime deadline) override { return wait_until(changed_, clock_, deadline); }

 private:
  Clock& clock_;
  Signal changed_;
  std::optional<std::string> member_;
  bool is_self_ = false;
};

// Servers by "host:port", reached through memory; anywhere else nobody listens.
class Network final : public net::Dialer {
 public:
  Network(asio::io_context& io, Clock& clock, Log log) : io_(io), clock_(clock), log_(std::move(log)) {}

  void serve(const std::string& address, http::Handler handler) {
    servers_[address] = std::make_unique<http::Server>(io_.get_executor(), clock_, log_, std::move(handler));
  }
  // Dialling it takes as long as one is patient.
  void make_silent(const std::string& address) { silent_ = address; }
  // It accepts connections and says nothing on them, until they are reset.
  void hold(const std::string& address) { held_address_ = address; }
  void reset_held() { held_.clear(); }

  std::unique_ptr<net::Stream> connect(const std::string& address) {
    auto [near, far] = net::memory_stream_pair(io_.get_executor(), clock_, 16 * 1024);
    servers_.at(address)->serve(std::move(far));
    return std::move(near);
  }

  Task<Result<std::unique_ptr<net::Stream>>> dial(const net::Endpoint& endpoint, BootTime deadline) override {
    const std::string address = to_string(endpoint);
    dialled.push_back(address);
    if (address == silent_) {
      CO_TRY(co_await sleep_until(clock_, deadline));
      co_return fail(Errc::timed_out, "{} does not answer", address);
    }
    if (address == held_address_) {
      auto [near, far] = net::memory_stream_pair(io_.get_executor(), clock_);
      held_.push_back(std::move(far));
      co_return std::move(near);
    }
    if (!servers_.contains(address)) co_return fail(Errc::refused, "{}: Connection refused", address);
    co_return connect(address);
  }

  Task<> stop() {
    for (auto& [address, server] : servers_) co_await server->stop(0s);
  }

  std::vector<std::string> dialled;

 private:
  asio::io_context& io_;
  Clock& clock_;
  Log log_;
  std::map<std::string, std::unique_ptr<http::Server>> servers_;
  std::string silent_;
  std::string held_address_;
  std::vector<std::unique_ptr<net::Stream>> held_;
};

// Reads what it is sent and answers with `body`.
inline http::Handler answering(std::string body, std::vector<http::Request>* received = nullptr) {
  return [body, received](http::Exchange& exchange) -> Task<> {
    http::Request request = exchange.request();
    request.body = (co_await exchange.read_body(1 << 20)).value_or("broken");
    if (received != nullptr) received->push_back(std::move(request));
    static_cast<void>(co_await exchange.respond(http::text_response(200, body)));
  };
}

class ProxyTest : public testing::Test {
 protected:
  static constexpr const char* kLocal = "localhost:9090";
  static constexpr const char* kRemote = "b.fleet:9090";
  static constexpr const char* kProxy = "proxy:9095";

  ProxyTest() { leaders_.set("a", true); }

  ~ProxyTest() override {
    for (auto& client : clients_) client->close();
    run_until_done(io_, [this]() -> Task<> {
      co_await tasks_.close();
      co_await network_.stop();
    });
  }

  void start(ProxyOptions options = {}) {
    options.member = "a";
    options.upstreams.service_name = "fleet";
    proxy_.emplace(Proxy::Parts{clock_, network_, leaders_, metrics_, credentials_.get()}, options);
    network_.serve(kProxy, proxy_->handler());
  }

  // Lets everything happen that needs no time to pass.
  void settle() { clock_.advance(io_, 0s); }

  struct Asked {
    std::optional<Result<http::Response>> answer;

    int status() const { return answer && *answer ? (*answer)->status : 0; }
    std::string body() const { return answer && *answer ? (*answer)->body : "none"; }
  };

  // The answer is there when it took no time.
  Asked& ask(http::Request request) {
    Asked& asked = asked_.emplace_back();
    tasks_.spawn([](ProxyTest& test, http::Request sent, Asked& into) -> Task<> {
      into.answer = co_await test.client_.send(sent, kNever);
    }(*this, std::move(request), asked));
    settle();
    return asked;
  }
  Asked& get(std::string target) { return ask({.target = std::move(target)}); }
  Asked& post(std::string target, std::string body) {
    return ask({.method = "POST", .target = std::move(target), .body = std::move(body)});
  }

  // A client that speaks for itself, byte by byte.
  net::Stream& connect_and_send(std::string_view text) {
    clients_.push_back(network_.connect(kProxy));
    send(*clients_.back(), text);
    return *clients_.back();
  }
  void send(net::Stream& client, std::string_view text) {
    std::vector<asio::const_buffer> buffers{{text.data(), text.size()}};
    ASSERT_EQ(client.try_write(buffers), text.size());
    settle();
  }
  std::string received(net::Stream& client) {
    std::string text(64 * 1024, '\0');
    text.resize(client.try_read(text).value_or(0));
    return text;
  }

  asio::io_context io_;
  SimulatedClock clock_;
  MemorySink sink_;
  Log log_{sink_, clock_, LogFormat::logfmt, LogLevel::error};
  Registry metrics_;
  SimulatedFileSystem files_;
  SetLeaders leaders_{io_.get_executor(), clock_};
  Network network_{io_, clock_, log_};
  CpuPool pool_{0};
  SimulatedFileWatcher watcher_;
  std::unique_ptr<auth::FollowedConfig<auth::HttpClientConfig>> credentials_;
  std::optional<Proxy> proxy_;
  http::Client client_{network_, clock_, {.host = "proxy", .port = 9095}};
  std::list<Asked> asked_;
  std::list<std::unique_ptr<net::Stream>> clients_;
  TaskScope tasks_{io_.get_executor()};
};

}  // namespace promfleet::elector
