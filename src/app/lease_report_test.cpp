#include "app/lease_report.h"

#include <gtest/gtest.h>

#include "elector/status/status_json.h"
#include "elector/status/view_testing.h"

namespace promfleet {
namespace {

json::Object parsed(const std::string& text) {
  return json::parse(text).value().as_object();
}

TEST(LeaseReport, StatusOfALeader) {
  EXPECT_EQ(status_report(parsed(elector::status_json(elector::sound_leader()))),
            "leader       prometheus-0, since 2026-11-21 06:30:00 UTC, 3h 12m ago\n"
            "this member  prometheus-0 leads\n"
            "authority    9.5s left unless renewed, token 80042\n"
            "paused       no\n"
            "lease        kubernetes: monitoring/prometheus\n"
            "             held by prometheus-0, 15s at a time, renewed 1.0s ago\n"
            "             transitions 4, revision 81215\n"
            "Prometheus   fit to lead\n"
            "             runs the leader's configuration\n"
            "             last reload 3h 11m ago, accepted after 320ms\n"
            "members      prometheus-0, leads, this member\n"
            "             prometheus-1\n"
            "problems     none\n");
}

TEST(LeaseReport, NamesCarryNothingThatATerminalObeys) {
  elector::StatusView view = elector::sound_leader();
  view.election.leader =
      "a\x1b[2J\x7f\xC2\x9B"
      "31m\xC3\x9B\xC2\xA0z";
  EXPECT_TRUE(status_report(parsed(elector::status_json(view))).contains("leader       a [2J  31m\xC3\x9B\xC2\xA0z,"));
}

TEST(LeaseReport, StatusTellsOfEachEntryOfAGate) {
  elector::StatusView view = elector::follower_with_gate();
  view.gate->outlets.push_back(elector::open_outlet());
  view.gate->outlets[1].name = "archive";
  view.gate->outlets[1].watermark_ms.reset();
  const std::string report = status_report(parsed(elector::status_json(view)));
  EXPECT_TRUE(
      report.contains("\ngate         hub: held: this member follows, and keeps what the leader may still lose; "
                      "arrived up to 3.0s ago; requests waiting: 1\n"
                      "             archive: open: the destination keeps former leaders out; requests waiting: 0\n"
                      "members "))
      << report;
}

TEST(LeaseReport, StatusOfAMemberInTrouble) {
  const std::string report = status_report(parsed(elector::status_json(elector::troubled_follower())));
  EXPECT_TRUE(report.contains("\npaused       yes\n")) << report;
  EXPECT_TRUE(report.contains("is to run the follower's configuration; confirmed: the leader's\n"));
  EXPECT_TRUE(report.contains("reloads for 7.0s\n"));
  EXPECT_TRUE(report.contains("failed after 2.0s\n"));
  EXPECT_TRUE(report.contains("\nproblems\n  lease: PUT leases/prometheus: connection refused\n      Is the lease"));
  EXPECT_FALSE(report.contains("authority "));
}

TEST(LeaseReport, StatusOfAMemberThatKnowsNothingYet) {
  const std::string report = status_report(parsed(elector::status_json(elector::newcomer())));
  EXPECT_TRUE(report.starts_with("leader       nobody, as far as this member knows\n")) << report;
  EXPECT_TRUE(report.contains("\nmembers      prometheus-0, this member\n"));
}

TEST(LeaseReport, AnswerOfAnotherVersionMayHaveLessOrElse) {
  EXPECT_TRUE(status_report(parsed(R"({"leader": 7, "lease": [], "problems": [1, {"what": 2}]})")).contains("leader"));
  EXPECT_EQ(history_report(parsed(R"({"history": [{"time": 5}, null]})")), "-  nobody\n-  nobody\n");
}

TEST(LeaseReport, NamesThatOthersWroteCannotCommandTheTerminal) {
  const std::string report =
      history_report(parsed(R"({"history": [{"holder": "a\u001b[2J\nb", "reason": "acquired"}]})"));
  EXPECT_EQ(report, "-  a [2J b  acquired\n");
}

TEST(LeaseReport, HistoryIsOneLineATransition) {
  EXPECT_EQ(history_report(parsed(elector::history_json(elector::sound_leader().history))),
            "2026-11-21 06:29:20 UTC  prometheus-1  acquired\n"
            "2026-11-21 06:29:59 UTC  nobody        released\n"
            "2026-11-21 06:30:00 UTC  prometheus-0  acquired\n");
  EXPECT_EQ(history_report(parsed(R"({"history": []})")), "nothing has happened yet\n");
}

}  // namespace
}  // namespace promfleet
