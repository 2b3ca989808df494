// What people and other members are told of a gate.
#include <gmock/gmock.h>

#include "elector/gate/gate_testing.h"

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;

constexpr std::string_view kFenced = R"({"code": "fenced", "token": 9, "error": "a later leader"})";

class GateStatusTest : public GateTest {
 protected:
  OutletStatus outlet() const { return gate_->status().outlets.at(0); }

  // What the gate finds in a Prometheus with these external labels and a queue that fits.
  std::vector<Finding> inspect(ExternalLabels labels) {
    const WriterConfig config{
        .queues = {{.url = "http://127.0.0.1:9096/api/v1/write", .min_shards = "1", .max_shards = "1"}},
        .external_labels = std::move(labels)};
    return gate_->inspect(config, GateAddress("127.0.0.1:9096"), LeaderAdds::no_remote_write);
  }
  void hear_labels(ExternalLabels labels) {
    gate_->heard(format_progress({.sent_ms = now_ms(), .external_labels = std::move(labels)}));
  }
};

TEST_F(GateStatusTest, WhatTheDestinationLeftOutIsCounted) {
  start();
  lead();
  heard(0);
  write({-10});
  receiver_.answer(0, 204, "", "X-Promfleet-Covered: 3\r\nX-Promfleet-Duplicates: 1\r\n");
  write({-5});
  receiver_.answer(0, 204, "", "X-Promfleet-Covered: 2\r\nX-Promfleet-Duplicates: 0\r\n");
  EXPECT_EQ(outlet().counts.covered_samples, 5u);
  EXPECT_EQ(outlet().counts.duplicate_samples, 1u);
  EXPECT_THAT(metrics_.render(),
              AllOf(HasSubstr("promfleet_gate_covered_samples_total{destination=\"/api/v1/write\"} 5\n"),
                    HasSubstr("promfleet_gate_duplicate_samples_total{destination=\"/api/v1/write\"} 1\n")));
}

TEST_F(GateStatusTest, AnswersOfALaterLeaderAreCountedWhateverWasAsked) {
  start();
  open();
  receiver_.answer(0, 412, kFenced);
  close();
  lead();
  write({-10});
  receiver_.answer(0, 412, kFenced);
  EXPECT_EQ(outlet().counts.fenced, 2u);
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_gate_fenced_total{destination=\"/api/v1/write\"} 2\n"));
}

TEST_F(GateStatusTest, RefusedSamplesAreCountedByStatus) {
  start();
  lead();
  std::int64_t time_ms = -10;
  for (const int status : {400, 422, 400}) {
    write({time_ms++});
    receiver_.answer(0, status, "no");
  }
  EXPECT_THAT(outlet().counts.refused_samples, ElementsAre(Pair(400, 2u), Pair(422, 1u)));
}

TEST_F(GateStatusTest, WhatTheDestinationSaidLastIsAProblemOfTheTermAlone) {
  start();
  lead();
  write({-10});
  receiver_.answer(0, 503, "disk is full");
  EXPECT_EQ(outlet().problem, "disk is full");
  close();
  EXPECT_EQ(outlet().problem, "");
}

TEST_F(GateStatusTest, LeadersClockIsComparedWithNobodys) {
  start();
  hear(0);
  gate_->heard(format_progress({.sent_ms = now_ms() - 2'500, .watermarks_ms = {}}));
  EXPECT_THAT(metrics_.render(), HasSubstr("\npromfleet_gate_clock_difference_seconds 2.5\n"));
  open();
  EXPECT_EQ(gate_->status().clock_difference_ms, std::nullopt);
  EXPECT_THAT(metrics_.render(), HasSubstr("\npromfleet_gate_clock_difference_seconds 0\n"));
}

TEST_F(GateStatusTest, ClocksOfTwoLeadersAreNotMixed) {
  start();
  hear(0);
  gate_->heard(format_progress({.sent_ms = now_ms() - 500, .watermarks_ms = {}}));
  leader_ = "c";
  gate_->heard(format_progress({.sent_ms = now_ms() - 4000, .watermarks_ms = {}}));
  EXPECT_EQ(gate_->status().clock_difference_ms, 4000);
}

TEST_F(GateStatusTest, HandicapIsExported) {
  start();
  hear(0);
  EXPECT_THAT(metrics_.render(), HasSubstr("\npromfleet_gate_handicap_seconds 15\n"));
}

TEST_F(GateStatusTest, FollowerFindsLabelsThatDifferFromTheLeaders) {
  start();
  EXPECT_THAT(inspect({{"cluster", "a"}}), IsEmpty()) << "nobody has told any";
  hear_labels({{"cluster", "b"}});
  EXPECT_THAT(inspect({{"cluster", "a"}}), ElementsAre(AllOf(Field(&Finding::id, "gate_external_labels"),
                                                             Field(&Finding::message, HasSubstr("cluster is \"a\"")))));
  EXPECT_THAT(inspect({{"cluster", "b"}}), IsEmpty());
}

TEST_F(GateStatusTest, FollowerFindsThatTheLeaderWritesElsewhere) {
  start();
  gate_->heard(format_progress({.sent_ms = now_ms(), .watermarks_ms = {{"/api/v1/write@0123456789abcdef", now_ms()}}}));
  EXPECT_THAT(inspect({}), ElementsAre(Field(&Finding::id, "gate_destination_differs")));
  hear(0);
  EXPECT_THAT(inspect({}), IsEmpty());
}

TEST_F(GateStatusTest, LeaderComparesItsLabelsWithNobodys) {
  start();
  hear_labels({{"cluster", "b"}});
  open();
  EXPECT_THAT(inspect({{"cluster", "a"}}), IsEmpty());
}

TEST_F(GateStatusTest, LabelsThatEveryEntryDropsAreNotTold) {
  put_config("- {url: 'http://hub/api/v1/write', group: g, drop_labels: [replica]}\n");
  start();
  hear(0);
  EXPECT_EQ(parse_progress(gate_->to_tell().value())->external_labels, std::nullopt) << "they are not known yet";
  inspect({{"cluster", "a"}, {"replica", "r0"}});
  EXPECT_THAT(parse_progress(gate_->to_tell().value())->external_labels, Optional(ElementsAre(Pair("cluster", "a"))));
}

}  // namespace
}  // namespace promfleet::elector
