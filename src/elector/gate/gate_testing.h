// A gate between a Prometheus and a receiver that a test plays, all in memory and in simulated time.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/remote_write/encode.h"
#include "codec/snappy/block.h"
#include "core/async/task_scope.h"
#include "core/os/simulated_file_system.h"
#include "core/os/simulated_file_watcher.h"
#include "core/telemetry/log_testing.h"
#include "elector/gate/gate.h"
#include "elector/gate/narrowing.h"
#include "elector/gate/progress_text.h"
#include "elector/prometheus/prometheus_testing.h"
#include "net/http/played_server_testing.h"
#include "net/http/server.h"
#include "net/stream/memory_stream.h"

namespace promfleet::elector {

inline constexpr std::string_view kGateConfig = "- {url: 'http://hub/api/v1/write', group: g, lateness: 90s}\n";

class GateTest : public testing::Test, public GateListener {
 protected:
  using Version = remote_write::Version;

  explicit GateTest(std::size_t pool_threads = 0) : pool_(pool_threads) { put_config(kGateConfig); }

  ~GateTest() override {
    if (gate_) gate_->stop();
    receiver_.start([this]() -> Task<> {
      if (server_) co_await server_->stop(0s);
      if (gate_) co_await gate_->close_tasks();
      co_await tasks_.close();
    });
    pass();
    receiver_.close();
  }

  void put_config(std::string_view text) { ASSERT_TRUE(files_.replace("/gate.yaml", text, 0600)); }

  void start() {
    const auto load = [](auth::Sources& sources) { return load_gate_config(sources, "/gate.yaml", "ns/name", {}); };
    config_ = auth::FollowedConfig<GateConfig>::create({.executor = receiver_.io.get_executor(),
                                                        .files = files_,
                                                        .pool = pool_,
                                                        .clock = receiver_.clock,
                                                        .metrics = metrics_,
                                                        .log = log_},
                                                       "/gate.yaml", load)
                  .value();
    std::vector<net::Dialer*> dialers(config_->current()->entries.size(), &receiver_);
    gate_ = std::make_unique<Gate>(Gate::Parts{.executor = receiver_.io.get_executor(),
                                               .clock = receiver_.clock,
                                               .dialers = dialers,
                                               .config = *config_,
                                               .prometheus = prometheus_,
                                               .origin_file = origin_file_,
                                               .listener = *this,
                                               .member = "a",
                                               .leader = [this] { return leader_; },
                                               .has_authority = [this] { return has_authority_; },
                                               .metrics = metrics_,
                                               .log = log_},
                                   15s);
    server_.emplace(receiver_.io.get_executor(), receiver_.clock, log_, gate_->handler(),
                    http::ServerLimits{.body_time_max = 10s});
    gate_->start();
    gate_->close(election::Reason::starting);
    pass();
    told_.clear();
  }

  void open(std::uint64_t token = 7, election::Reason reason = election::Reason::acquired) {
    has_authority_ = true;
    gate_->open({.acquire_time = {}, .token = election::FencingToken(token)}, reason);
    pass();
  }
  void close(election::Reason reason = election::Reason::stepped_down) {
    has_authority_ = false;
    gate_->close(reason);
    pass();
  }
  // Opens the gate to a receiver that fences, on connection 0.
  void lead() {
    open();
    receiver_.heard(0);
    receiver_.answer(0, 200, R"({"token": 7, "watermarks": {}})");
  }

  // The lease shows that the leader has come to this time, from now in milliseconds.
  void hear(std::int64_t watermark_ms, std::size_t entry = 0) {
    const std::string key = progress_key(config_->current()->entries[entry]);
    gate_->heard(format_progress({.sent_ms = now_ms(), .watermarks_ms = {{key, now_ms() + watermark_ms}}}));
    pass();
  }

  void pass(Duration time = 0s) { receiver_.pass(time); }
  std::int64_t now_ms() const {
    return std::chrono::floor<std::chrono::milliseconds>(receiver_.clock.wall_now().time_since_epoch()).count();
  }

  // A body with one sample of one series at each time, from now in milliseconds.
  std::string body_of(std::initializer_list<std::int64_t> times_ms, Version version = Version::v1) {
    remote_write::WriteRequest request;
    std::vector<std::string> values;
    values.reserve(times_ms.size());
    for (const std::int64_t time_ms : times_ms) {
      values.push_back(std::to_string(time_ms));
      const std::vector<remote_write::Label> labels = {{"__name__", "m"}, {"replica", "a"}, {"time", values.back()}};
      request.begin_series(labels);
      request.add_sample({.timestamp_ms = now_ms() + time_ms, .value = 1});
    }
    return encode_body(version, request).value();
  }

  struct Written {
    std::optional<Result<http::Response>> answer;

    int status() const { return answer && *answer ? (*answer)->status : 0; }  // 0: none yet
    std::string text() const { return answer && *answer ? (*answer)->body : "none"; }
    std::string field(std::string_view name) const {
      return std::string((*answer)->fields.find(name).value_or("none"));
    }
  };

  // Prometheus writes, and waits for the answer.
  Written& write_body(std::string body, Version version = Version::v1, std::string target = "/api/v1/write") {
    http::Request request{.method = "POST", .target = std::move(target), .body = std::move(body)};
    request.fields.add("Content-Encoding", "snappy");
    request.fields.add("Content-Type", version == Version::v1
                                           ? "application/x-protobuf"
                                           : "application/x-protobuf;proto=io.prometheus.write.v2.Request");
    return send(std::move(request));
  }
  Written& write(std::initializer_list<std::int64_t> times_ms) { return write_body(body_of(times_ms)); }
  Written& send(http::Request request) {
    Written& written = written_.emplace_back();
    tasks_.spawn([](GateTest& test, http::Request sent, Written& into) -> Task<> {
      into.answer = co_await test.prometheus_client().send(sent, kNever);
    }(*this, std::move(request), written));
    pass();
    return written;
  }
  // As a Prometheus whose connection the test holds in its hand.
  void say(net::Stream& connection, const std::string& body) {
    const std::string request =
        fmt::format("POST /api/v1/write HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
    const std::array buffers{asio::const_buffer(request.data(), request.size())};
    ASSERT_TRUE(connection.try_write(buffers));
    pass();
  }
  // What it writes from now on comes over new connections, as after a restart.
  void restart_prometheus(std::string start_time) {
    prometheus_.start_time = std::move(start_time);
    connect_anew();
  }
  void connect_anew() {
    clients_.push_back(std::make_unique<http::Client>(to_gate_, receiver_.clock, http::Origin{.host = "gate"}));
  }

  // What the receiver heard on connection `number` since it was asked last.
  std::string heard(std::size_t number) { return receiver_.heard(number); }
  static std::string body_in(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }

  void on_gate_closed() override { told_.push_back("closed"); }
  void on_gate_yields(election::Reason reason) override { told_.push_back("yields " + std::string(to_string(reason))); }
  void on_handicap(Duration handicap) override { handicaps_.push_back(handicap); }

  http::Client& prometheus_client() {
    if (clients_.empty()) connect_anew();
    return *clients_.back();
  }

  http::PlayedServer receiver_;
  MemorySink sink_;
  Log log_{sink_, receiver_.clock, LogFormat::logfmt, LogLevel::debug};
  Registry metrics_;
  SimulatedFileSystem files_;
  SimulatedFileWatcher watcher_;
  CpuPool pool_;
  SimulatedPrometheus prometheus_{receiver_.io, receiver_.clock, files_, "/prometheus.yml"};
  OriginFile origin_file_{files_, pool_, "/gate-state"};
  std::string leader_ = "b";
  bool has_authority_ = false;
  std::vector<std::string> told_;
  std::vector<Duration> handicaps_;
  std::unique_ptr<auth::FollowedConfig<GateConfig>> config_;
  std::unique_ptr<Gate> gate_;
  std::optional<http::Server> server_;
  net::MemoryDialer to_gate_{receiver_.clock,
                             [this](std::unique_ptr<net::Stream> stream) { server_->serve(std::move(stream)); }};
  std::vector<std::unique_ptr<http::Client>> clients_;
  std::list<Written> written_;
  TaskScope tasks_{receiver_.io.get_executor()};
};

}  // namespace promfleet::elector
