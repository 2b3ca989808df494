// Sidecars whose Prometheus writes to a gate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/remote_write/write_request.h"
#include "elector/gate/narrowing.h"
#include "elector/sidecar_testing.h"
#include "net/http/server.h"
#include "net/stream/memory_stream.h"

namespace promfleet::elector {
namespace {

using election::Reason;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A receiver that fences whoever asks, and answers writes when the test lets it.
class Hub {
 public:
  Hub(asio::io_context& io, Clock& clock, Log log)
      : released_(io.get_executor()),
        server(io.get_executor(), clock, std::move(log), [this](http::Exchange& exchange) { return serve(exchange); }),
        dialer(clock, [this](std::unique_ptr<net::Stream> stream) { server.serve(std::move(stream)); }) {}

  void hold() { is_held_ = true; }
  void release() {
    is_held_ = false;
    released_.notify();
  }

  std::vector<std::string> tokens;  // of the writes that arrived

 private:
  Task<> serve(http::Exchange& exchange) {
    static_cast<void>(co_await exchange.read_body(1 << 20));
    const auto token = exchange.request().fields.find("X-Promfleet-Token");
    if (!token) {
      static_cast<void>(co_await exchange.respond(http::text_response(404, "no fences here")));
      co_return;
    }
    tokens.emplace_back(*token);
    while (is_held_) {
      if (!co_await released_.wait()) co_return;
    }
    static_cast<void>(co_await exchange.respond({.status = 204}));
  }

  bool is_held_ = false;
  Signal released_;

 public:
  http::Server server;
  net::MemoryDialer dialer;
};

// A follower that holds so much lacks nothing.
constexpr std::chrono::seconds kFullOverlap{60};

class SidecarWithGate : public testing::Test {
 protected:
  SidecarWithGate() {
    for (const char* name : {"a", "b"}) {
      Replica& replica = group_.added(name);
      replica.put_config("follower: {global: {}}\n");
      replica.use_gate(hub_.dialer, "- {url: 'http://hub/w', lateness: 90s, path: /w}\n");
      replica.start();
      replicas_.push_back(&replica);
      pass(0s);
    }
    pass(15s);
  }
  ~SidecarWithGate() override {
    hub_.release();
    for (Replica* replica : replicas_) {
      if (replica->is_running()) replica->sidecar().gate()->stop();
    }
    for (const auto& [replica, server] : gates_) closing_.spawn(server->stop(0s));
    pass(0s);
    for (Replica* replica : replicas_) replica->kill();
    closing_.spawn(hub_.server.stop(0s));
    pass(0s);
  }

  Replica& a() { return *replicas_[0]; }
  Replica& b() { return *replicas_[1]; }
  void pass(Duration time) { group_.pass(time); }

  // Its Prometheus writes one sample of now, or of before; the status of the answer, 0 as long as there is none.
  const int& write(Replica& replica, std::chrono::seconds ago = 0s) {
    std::unique_ptr<http::Server>& gate = gates_[&replica];
    if (!gate) {
      gate = std::make_unique<http::Server>(group_.io().get_executor(), group_.clock, log_,
                                            replica.sidecar().gate()->handler());
    }
    auto dialer = std::make_shared<net::MemoryDialer>(
        group_.clock, [&server = *gate](std::unique_ptr<net::Stream> stream) { server.serve(std::move(stream)); });
    int& status = answers_.emplace_back(0);
    closing_.spawn([](std::shared_ptr<net::MemoryDialer> to, Clock& clock, std::string body, int& into) -> Task<> {
      http::Client client(*to, clock, {.host = "gate"});
      http::Request request{.method = "POST", .target = "/w", .body = std::move(body)};
      const Result<http::Response> answer = co_await client.send(request, kNever);
      into = answer ? answer->status : -1;
    }(dialer, group_.clock, body_of(ago), status));
    pass(0s);
    return status;
  }

  Group group_;
  MemorySink sink_;
  Log log_{sink_, group_.clock, LogFormat::logfmt, LogLevel::error};
  Hub hub_{group_.io(), group_.clock, log_};
  std::vector<Replica*> replicas_;
  std::map<Replica*, std::unique_ptr<http::Server>> gates_;
  std::list<int> answers_;
  TaskScope closing_{group_.io().get_executor()};

 private:
  std::string body_of(std::chrono::seconds ago) const {
    remote_write::WriteRequest request;
    const std::vector<remote_write::Label> labels = {{"__name__", "m"}};
    request.begin_series(labels);
    const auto now = std::chrono::floor<std::chrono::milliseconds>(group_.clock.wall_now().time_since_epoch());
    request.add_sample({.timestamp_ms = (now - ago).count(), .value = 1});
    return encode_body(remote_write::Version::v1, request).value();
  }
};

TEST_F(SidecarWithGate, PromotionNeedsNoReloadWhereBothRolesHaveTheSameConfiguration) {
  EXPECT_TRUE(a().leads());
  EXPECT_THAT(a().prometheus.loads, SizeIs(1)) << "as a follower, at the start";
  EXPECT_EQ(write(a()), 204);
  EXPECT_THAT(hub_.tokens, SizeIs(1));
}

TEST_F(SidecarWithGate, FollowersWriteIsPassedOnTheMomentItLeads) {
  const int& status = write(b());
  EXPECT_EQ(status, 0);
  a().sidecar().election().step_down().value();
  pass(0s);
  EXPECT_TRUE(b().leads());
  EXPECT_EQ(status, 204);
}

TEST_F(SidecarWithGate, LeaseIsReleasedWhenNothingIsOnItsWayAnyMore) {
  write(b(), kFullOverlap);
  hub_.hold();
  const int& status = write(a());
  a().sidecar().election().step_down().value();
  pass(999ms);
  EXPECT_FALSE(b().leads());
  hub_.release();
  pass(0s);
  EXPECT_EQ(status, 204);
  EXPECT_TRUE(b().leads());
}

TEST_F(SidecarWithGate, LateDemotionIsNoErrorWhereNothingPassesTheGate) {
  a().change_config("follower: {global: {}}\nleader: {rule_files: [leaders.yml]}\n");
  a().prometheus.takes = 6s;
  a().store.set_network(election::SimulatedLeaseStore::Network::black_hole);
  pass(30s);
  EXPECT_EQ(a().sidecar().election().status().demotion_overruns, 1);
  EXPECT_THAT(a().sink.text,
              HasSubstr("level=warn msg=\"the lease has expired, and the demotion is still not confirmed; "
                        "the gate has passed nothing on since this member lost authority\""));
}

TEST_F(SidecarWithGate, ReleaseTellsTheNextLeaderUpToWhereSamplesHaveArrived) {
  EXPECT_EQ(write(a()), 204);
  a().sidecar().election().step_down().value();
  pass(0s);
  const auto outlets = b().sidecar().gate()->status().outlets;
  EXPECT_EQ(outlets[0].watermark_ms, a().sidecar().gate()->status().outlets[0].watermark_ms);
  EXPECT_TRUE(outlets[0].watermark_ms);
}

TEST_F(SidecarWithGate, LeaderWhosePrometheusWasRestartedMakesWay) {
  EXPECT_EQ(write(a()), 204);
  const int& held_by_b = write(b(), kFullOverlap);
  a().prometheus.start_time = std::string("2026-01-01T01:00:00Z");
  const int& of_the_new_process = write(a());
  EXPECT_THAT(a().reasons(), Contains(Reason::source_restarted));
  EXPECT_TRUE(b().leads());
  EXPECT_EQ(held_by_b, 204);
  EXPECT_EQ(of_the_new_process, 0) << "held, as a follower's";
}

}  // namespace
}  // namespace promfleet::elector
