#include "app/service_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/task_scope.h"
#include "core/async/testing.h"
#include "core/os/notify_socket_testing.h"
#include "core/os/simulated_clock.h"
#include "core/os/temporary_folder.h"
#include "core/telemetry/log_testing.h"
#include "elector/status/view_testing.h"

namespace promfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kPid = 4711;

ProcessEnvironment environment_of(std::vector<std::string> variables) {
  std::vector<char*> pointers;
  for (std::string& variable : variables) pointers.push_back(variable.data());
  pointers.push_back(nullptr);
  return ProcessEnvironment(pointers.data());
}

std::optional<Duration> timeout_of(std::vector<std::string> variables) {
  return watchdog_timeout(environment_of(std::move(variables)), kPid).value();
}

TEST(WatchdogTimeout, IsGivenInMicroseconds) {
  EXPECT_EQ(timeout_of({"WATCHDOG_USEC=10000000"}), 10s);
  EXPECT_EQ(timeout_of({"WATCHDOG_USEC=500000", "WATCHDOG_PID=4711"}), 500ms);
}

TEST(WatchdogTimeout, IsNoneWhereNoneIsGivenOrItIsForAnotherProcess) {
  EXPECT_EQ(timeout_of({}), std::nullopt);
  EXPECT_EQ(timeout_of({"WATCHDOG_USEC=500000", "WATCHDOG_PID=4712"}), std::nullopt);
}

TEST(WatchdogTimeout, NonsenseIsAnError) {
  for (const char* text : {"0", "-5", "5s", "99999999999999999999", "86400000001"}) {
    EXPECT_FALSE(watchdog_timeout(environment_of({std::string("WATCHDOG_USEC=") + text}), kPid)) << text;
  }
}

TEST(ServiceStatus, TellsWhoLeadsAndWhatDoesNotWork) {
  elector::StatusView view = elector::sound_leader();
  EXPECT_EQ(service_status(view), "leads");
  view.election.has_authority = false;
  view.election.leader = "prometheus-1";
  view.config_error = "elector.yaml: line 3:\nno such key";
  EXPECT_EQ(service_status(view), "follows prometheus-1; configuration: elector.yaml: line 3: no such key");
}

TEST(ServiceStatus, TellsThatNobodyLeads) {
  elector::StatusView view = elector::sound_leader();
  view.election.has_authority = false;
  view.election.leader = "";
  EXPECT_THAT(service_status(view), testing::StartsWith("waits for a leader; nobody leads"));
}

// A report to a manager that listens, on a clock that tests move.
class ServiceReportTest : public testing::Test {
 protected:
  ~ServiceReportTest() override {
    run_until_done(io_, [this]() -> Task<> { co_await tasks_.close(); });
  }

  void start(std::vector<std::string> variables = {}) {
    variables.push_back("NOTIFY_SOCKET=" + address_);
    report_ = ServiceReport::create(io_.get_executor(), clock_, Log(sink_, clock_, LogFormat::logfmt, LogLevel::info),
                                    environment_of(std::move(variables)), kPid)
                  .value();
    tasks_.spawn(report_->follow([this] { return state_; }));
    pass(0s);
  }
  void pass(Duration duration) { clock_.advance(io_, duration); }

  asio::io_context io_;
  SimulatedClock clock_;
  MemorySink sink_;
  TemporaryFolder folder_;
  std::string address_ = folder_.path() + "/notify";
  ServiceState state_{.is_ready = true, .status = "leads"};
  std::unique_ptr<ServiceReport> report_;
  TaskScope tasks_{io_.get_executor()};
};

TEST_F(ServiceReportTest, ThereIsNoneWhereNobodyListens) {
  const auto report =
      ServiceReport::create(io_.get_executor(), clock_, Log(sink_, clock_, LogFormat::logfmt, LogLevel::info),
                            environment_of({"WATCHDOG_USEC=1000"}), kPid);
  ASSERT_TRUE(report);
  EXPECT_EQ(*report, nullptr);
}

TEST_F(ServiceReportTest, ReadinessIsToldOnceAndTheStatusWheneverItChanges) {
  NotifyListener manager(io_.get_executor(), address_);
  state_ = {.is_ready = false, .status = "waits"};
  start();
  EXPECT_THAT(manager.heard(), ElementsAre("STATUS=waits"));
  state_ = {.is_ready = true, .status = "leads"};
  pass(1s);
  EXPECT_THAT(manager.heard(), ElementsAre("READY=1\nSTATUS=leads"));
  pass(10s);
  EXPECT_THAT(manager.heard(), IsEmpty());
  state_ = {.is_ready = false, .status = "follows b"};
  pass(1s);
  EXPECT_THAT(manager.heard(), ElementsAre("STATUS=follows b"));
}

TEST_F(ServiceReportTest, SignOfLifeComesTwiceInTheTimeThatTheManagerWaits) {
  NotifyListener manager(io_.get_executor(), address_);
  start({"WATCHDOG_USEC=1000000"});
  EXPECT_THAT(manager.heard(), ElementsAre("READY=1\nSTATUS=leads", "WATCHDOG=1"));
  pass(1s);
  EXPECT_THAT(manager.heard(), ElementsAre("WATCHDOG=1", "WATCHDOG=1"));
}

TEST_F(ServiceReportTest, ProcessThatEndsSaysSoAndStillShowsThatItLives) {
  NotifyListener manager(io_.get_executor(), address_);
  start({"WATCHDOG_USEC=2000000"});
  manager.heard();
  report_->stopping();
  state_.status = "follows b";
  pass(1s);
  EXPECT_THAT(manager.heard(), ElementsAre("STOPPING=1\nSTATUS=demotes, then releases the lease", "WATCHDOG=1"));
}

TEST_F(ServiceReportTest, ManagerThatIsAwayIsReportedOnceAndHearsAllThatCountsWhenItIsBack) {
  start();
  pass(5s);
  EXPECT_THAT(sink_.text, HasSubstr("the service manager does not hear us"));
  EXPECT_EQ(std::ranges::count(sink_.text, '\n'), 1);
  NotifyListener manager(io_.get_executor(), address_);
  pass(1s);
  EXPECT_THAT(manager.heard(), ElementsAre("READY=1\nSTATUS=leads"));
}

}  // namespace
}  // namespace promfleet
