#include "elector/status/status_json.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/json/value.h"
#include "elector/status/view_testing.h"

namespace promfleet::elector {
namespace {

using testing::ElementsAre;

json::Value status_of(const StatusView& view) {
  return json::parse(status_json(view)).value();
}

std::vector<std::string> names_in(const json::Object& object) {
  std::vector<std::string> names;
  for (const auto& member : object) names.emplace_back(member.key());
  return names;
}

TEST(StatusJson, TellsAllOfALeader) {
  EXPECT_EQ(status_of(sound_leader()), json::parse(R"({
    "version": "1.2.3", "time": "2026-11-21T09:42:00.000000Z",
    "member": "prometheus-0", "role": "leader", "state": "leading", "state_in_words": "leads",
    "leader": "prometheus-0", "leader_since": "2026-11-21T06:30:00.000000Z",
    "authority_left_seconds": 9.5, "paused": false, "demotion_overruns": 0,
    "term": {"token": 80042, "acquire_time": "2026-11-21T06:30:00.000000Z"},
    "lease": {
      "name": "kubernetes: monitoring/prometheus", "holder": "prometheus-0",
      "acquire_time": "2026-11-21T06:30:00.000000Z", "renew_time": "2026-11-21T09:41:59.000000Z",
      "duration_seconds": 15, "transitions": 4, "revision": 81215,
      "refused": false, "store_error": null, "store_latency_seconds": 0.004},
    "prometheus": {"ready": true, "fit_to_lead": true, "error": null},
    "reconciler": {
      "wanted": "leader", "confirmed": "leader", "arrived": true,
      "reload_running_seconds": null, "reload_late": false, "last_reload_time": "2026-11-21T06:30:01.000000Z",
      "last_reload_duration_seconds": 0.32, "last_reload_error": null, "file_error": null, "foreign_writes": 0},
    "config": {"error": null, "leader_additions":
      "remote_write:\n  - url: https://storage.example/api/v1/write\n",
      "web_config_error": null, "http_config_error": null, "gate_config_error": null},
    "gate": null,
    "service": {"name": "prometheus", "addresses": ["10.1.0.7", "10.1.0.8"]},
    "preflight": [],
    "members": [
      {"name": "prometheus-0", "leader": true, "self": true},
      {"name": "prometheus-1", "leader": false, "self": false}],
    "problems": [],
    "history": [
      {"time": "2026-11-21T06:29:20.000000Z", "holder": "prometheus-1", "reason": "acquired"},
      {"time": "2026-11-21T06:29:59.000000Z", "holder": null, "reason": "released"},
      {"time": "2026-11-21T06:30:00.000000Z", "holder": "prometheus-0", "reason": "acquired"}]})")
                                           .value());
}

TEST(StatusJson, TellsWhatIsWrong) {
  const json::Value status = status_of(troubled_follower());
  EXPECT_EQ(status.at("role"), "follower");
  EXPECT_EQ(status.at("state"), "demoting");
  EXPECT_EQ(status.at("term"), nullptr);
  EXPECT_EQ(status.at("paused"), true);
  EXPECT_EQ(status.at("lease").at("store_error"), "PUT leases/prometheus: connection refused");
  EXPECT_EQ(status.at("prometheus").at("fit_to_lead"), false);
  EXPECT_EQ(status.at("reconciler").at("reload_running_seconds"), 7);
  EXPECT_EQ(status.at("reconciler").at("foreign_writes"), 3);
  EXPECT_EQ(status.at("config").at("error"), "elector.yaml: line 7, column 1: unknown key \"oops\"");
  EXPECT_EQ(status.at("preflight").at(0).at("id"), "lifecycle_disabled");
  EXPECT_EQ(status.at("problems").as_array().size(), 11u);
  EXPECT_NE(status.at("problems").at(0).at("advice"), nullptr);
  EXPECT_EQ(status.at("problems").at(10).at("advice"), nullptr);
}

TEST(StatusJson, TellsAllOfAGate) {
  StatusView view = sound_leader_with_gate();
  view.gate->outlets[0].held_requests = 1;
  view.gate->outlets[0].held_bytes = 4096;
  view.gate->outlets[0].counts = {
      .covered_samples = 120, .duplicate_samples = 2, .fenced = 1, .refused_samples = {{400, 3}, {422, 1}}};
  view.gate->outlets[0].problem = "out of order sample";
  view.gate->clock_difference_ms = -1500;
  view.gate->handicap = 7500ms;
  EXPECT_EQ(status_of(view).at("gate"), json::parse(R"({
    "source_start_time": "2026-11-20T08:00:00Z", "clock_difference_seconds": -1.5, "handicap_seconds": 7.5,
    "destinations": [{
      "name": "hub", "path": "/api/v1/write", "origin": "https://hub.example", "group": "monitoring/prometheus",
      "receiver": "fencing", "state": "open", "state_in_words": "open: the destination keeps former leaders out",
      "held_requests": 1, "held_bytes": 4096,
      "watermark_time": "2026-11-21T09:41:57.000000Z", "watermark_age_seconds": 3,
      "covered_samples": 120, "duplicate_samples": 2, "times_fenced": 1,
      "refused_samples": {"400": 3, "422": 1}, "problem": "out of order sample"}]})")
                                            .value());
}

TEST(StatusJson, WhatAGateDoesNotKnowIsNullUnderTheSameNames) {
  StatusView view = sound_leader_with_gate();
  const json::Value known = status_of(view).at("gate");
  view.gate->source_started_at = "";
  view.gate->outlets[0].watermark_ms.reset();
  const json::Value unknown = status_of(view).at("gate");
  EXPECT_EQ(names_in(unknown.as_object()), names_in(known.as_object()));
  EXPECT_EQ(unknown.at("source_start_time"), nullptr);
  EXPECT_EQ(unknown.at("clock_difference_seconds"), nullptr);
  const json::Value& destination = unknown.at("destinations").at(0);
  EXPECT_EQ(names_in(destination.as_object()), names_in(known.at("destinations").at(0).as_object()));
  EXPECT_EQ(destination.at("watermark_time"), nullptr);
  EXPECT_EQ(destination.at("watermark_age_seconds"), nullptr);
}

TEST(StatusJson, WatermarkOfAnyNumberIsATime) {
  StatusView view = sound_leader_with_gate();
  for (const std::int64_t number :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    view.gate->outlets[0].watermark_ms = number;
    EXPECT_TRUE(status_of(view).at("gate").at("destinations").at(0).at("watermark_time").is_string()) << number;
  }
}

TEST(StatusJson, WhatIsNotKnownIsNullUnderTheSameNames) {
  const json::Value sound = status_of(sound_leader());
  const json::Value fresh = status_of(newcomer());
  EXPECT_EQ(names_in(fresh.as_object()), names_in(sound.as_object()));
  EXPECT_EQ(names_in(fresh.at("lease").as_object()), names_in(sound.at("lease").as_object()));
  EXPECT_EQ(fresh.at("leader"), nullptr);
  EXPECT_EQ(fresh.at("leader_since"), nullptr);
  EXPECT_EQ(fresh.at("lease").at("holder"), nullptr);
  EXPECT_EQ(fresh.at("lease").at("duration_seconds"), nullptr);
  EXPECT_EQ(fresh.at("reconciler").at("wanted"), nullptr);
}

TEST(StatusJson, LeaseWithADurationOfCenturiesIsToldAsItIs) {
  StatusView view = sound_leader();
  view.election.lease->record.spec.duration = std::chrono::seconds(10'000'000'000);
  EXPECT_EQ(status_of(view).at("lease").at("duration_seconds"), 10'000'000'000);
}

TEST(HistoryJson, IsOldestFirst) {
  const json::Value history = json::parse(history_json(sound_leader().history)).value();
  EXPECT_THAT(names_in(history.as_object()), ElementsAre("history"));
  EXPECT_EQ(history.at("history"), status_of(sound_leader()).at("history"));
}

}  // namespace
}  // namespace promfleet::elector
