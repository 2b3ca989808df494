#include "elector/gate/gate_preflight.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

auto finding(const std::string& id, const std::string& words) {
  return AllOf(Field(&Finding::id, id), Field(&Finding::message, HasSubstr(words)));
}

GateEntry entry(std::string path = "/api/v1/write") {
  return {.name = "hub", .path = std::move(path)};
}

GateConfig gate_of(std::vector<GateEntry> entries) {
  return {.entries = std::move(entries)};
}

// What fits the entry above.
WriterConfig fitting() {
  return {.queues = {{.url = "http://127.0.0.1:9096/api/v1/write", .min_shards = "1", .max_shards = "1"}},
          .slowest_job = SlowestJob{.name = "app", .interval = 60s, .timeout = 10s}};
}

std::vector<Finding> findings_in(const WriterConfig& config, const GateConfig& gate = gate_of({entry()}),
                                 LeaderAdds adds = LeaderAdds::no_remote_write) {
  return gate_preflight(config, gate, GateAddress("127.0.0.1:9096"), adds);
}

TEST(GatePreflight, NothingToSayWhenEverythingFits) {
  EXPECT_THAT(findings_in(fitting()), IsEmpty());
}

TEST(GatePreflight, EntryThatPrometheusDoesNotWriteToIsTold) {
  WriterConfig config = fitting();
  config.queues[0].url = "http://127.0.0.1:9096/api/v1/other";
  EXPECT_THAT(findings_in({}),
              ElementsAre(finding("gate_queue_missing", "url http://127.0.0.1:9096/api/v1/write, in every member")));
  EXPECT_THAT(findings_in(config), ElementsAre(finding("gate_queue_missing", "`promfleet elector gate-values`"),
                                               finding("gate_bypassed", "http://127.0.0.1:9096")));
}

TEST(GatePreflight, CrowdIsToldByItsFirst) {
  WriterConfig config = fitting();
  for (int i = 0; i < 1000; ++i) config.queues.push_back({.url = fmt::format("http://hub-{}/write", i)});
  const std::vector<Finding> findings = findings_in(config);
  ASSERT_EQ(findings.size(), 9u);
  EXPECT_THAT(findings[7], finding("gate_bypassed", "http://hub-7"));
  EXPECT_THAT(findings[8], finding("gate_bypassed", "and 992 more like the 8 before"));
}

TEST(GatePreflight, EntryThatTwoQueuesWriteToIsTold) {
  WriterConfig config = fitting();
  config.queues.push_back(config.queues[0]);
  EXPECT_THAT(findings_in(config), ElementsAre(finding("gate_queue_twice", "2 remote_write sections")));
}

TEST(GatePreflight, MoreThanOneShardIsTold) {
  WriterConfig config = fitting();
  config.queues[0].max_shards = "50";
  EXPECT_THAT(findings_in(config), ElementsAre(finding("gate_queue_shards", "(now 1 and 50)")));
  config.queues[0].max_shards.reset();
  EXPECT_THAT(findings_in(config), ElementsAre(finding("gate_queue_shards", "(now 1 and its default)")));
  config.queues[0] = fitting().queues[0];
  config.queues[0].min_shards = "2";
  EXPECT_THAT(findings_in(config), ElementsAre(finding("gate_queue_shards", "(now 2 and 1)")));
  config.queues[0].min_shards.reset();
  EXPECT_THAT(findings_in(config), IsEmpty());
}

TEST(GatePreflight, TimeoutThatIsNotAboveTheHoldIsTold) {
  WriterConfig config = fitting();
  config.queues[0].remote_timeout = 25001ms;
  EXPECT_THAT(findings_in(config), IsEmpty());
  config.queues[0].remote_timeout = 25s;
  EXPECT_THAT(findings_in(config), ElementsAre(finding("gate_queue_timeout", "for up to 25s")));
}

TEST(GatePreflight, LatenessBelowWhatScrapesAndBatchesTakeIsTold) {
  GateConfig gate = gate_of({entry()});
  gate.entries[0].lateness = 77s;
  EXPECT_THAT(findings_in(fitting(), gate), IsEmpty());
  gate.entries[0].lateness = 76999ms;
  EXPECT_THAT(findings_in(fitting(), gate),
              ElementsAre(finding("gate_lateness_too_short", "must keep 77s (job app: scrape_interval 60s")));
  WriterConfig idle = fitting();
  idle.slowest_job.reset();
  EXPECT_THAT(findings_in(idle, gate), IsEmpty());
}

TEST(GatePreflight, LatenessBelowTheIntervalOfRulesIsTold) {
  GateConfig gate = gate_of({entry()});
  WriterConfig config = fitting();
  config.evaluation_interval = 83s;
  EXPECT_THAT(findings_in(config, gate), IsEmpty());
  config.evaluation_interval = 5min;
  EXPECT_THAT(findings_in(config, gate),
              ElementsAre(finding("gate_lateness_too_short", "must keep 307s (rules: evaluation_interval 300s,")));
  config.slowest_job.reset();
  EXPECT_THAT(findings_in(config, gate), ElementsAre(finding("gate_lateness_too_short", "must keep 307s")));
}

TEST(GatePreflight, SchemeThatTheGateDoesNotSpeakIsToldWithTheUrlThatFits) {
  WriterConfig config = fitting();
  EXPECT_THAT(
      gate_preflight(config, gate_of({entry()}), GateAddress("127.0.0.1:9096", {.transport = net::Transport::tls}),
                     LeaderAdds::no_remote_write),
      ElementsAre(finding("gate_queue_scheme", "make its url https://127.0.0.1:9096/api/v1/write")));
  config.queues[0].url = "https://127.0.0.1:9096/api/v1/write";
  EXPECT_THAT(findings_in(config),
              ElementsAre(finding("gate_queue_scheme", "make its url http://127.0.0.1:9096/api/v1/write")));
}

TEST(GatePreflight, QueuesThatGoPastTheGateAreToldWithoutTheirSecrets) {
  WriterConfig config = fitting();
  config.queues.push_back({.url = "https://hub.example/write?key=hush"});
  config.queues.push_back({.name = "archive", .url = "https://user:hush@archive.example/"});
  config.queues.push_back({.url = "https://user:hush@archive.example/"});
  EXPECT_THAT(findings_in(config), ElementsAre(finding("gate_bypassed", "writes to https://hub.example past"),
                                               finding("gate_bypassed", "writes to archive past"),
                                               finding("gate_bypassed", "writes to somewhere else past")));
  for (const Finding& found : findings_in(config)) EXPECT_THAT(found.message, Not(HasSubstr("hush")));
}

TEST(GatePreflight, RemoteWriteAmongTheLeadersAdditionsIsTold) {
  EXPECT_THAT(findings_in(fitting(), gate_of({entry()}), LeaderAdds::remote_write),
              ElementsAre(finding("gate_leader_remote_write", "remove it there")));
}

TEST(GatePreflight, EachEntryIsLookedAtByItself) {
  GateConfig gate = gate_of({entry(), entry("/b")});
  gate.entries[1].name = "archive";
  EXPECT_THAT(findings_in(fitting(), gate), ElementsAre(finding("gate_queue_missing", "entry archive")));
}

TEST(GateLabels, ToldAreThoseThatSomeEntryLetsThrough) {
  GateConfig gate = gate_of({entry(), entry("/b")});
  gate.entries[0].drop_labels = {"replica", "zone"};
  gate.entries[1].drop_labels = {"replica"};
  EXPECT_THAT(told_labels({{"cluster", "a"}, {"replica", "r0"}, {"zone", "z"}}, gate),
              ElementsAre(Pair("cluster", "a"), Pair("zone", "z")));
}

TEST(GateLabels, ThatDifferAreNamedWithBothValues) {
  EXPECT_EQ(compare_labels({{"cluster", "a"}}, {{"cluster", "a"}}, gate_of({entry()})), std::nullopt);
  EXPECT_THAT(compare_labels({{"cluster", "a"}, {"ours", "1"}, {"zone", "z"}},
                             {{"cluster", "b"}, {"theirs", "2"}, {"zone", "z"}}, gate_of({entry()})),
              testing::Optional(finding("gate_external_labels",
                                        "(cluster is \"a\" here and \"b\" there, ours is \"1\" here and missing there, "
                                        "theirs is missing here and \"2\" there)")));
}

TEST(GateLabels, ThatAnEntryDropsMayDiffer) {
  GateConfig gate = gate_of({entry()});
  gate.entries[0].drop_labels = {"replica"};
  EXPECT_EQ(compare_labels({{"replica", "r0"}}, {}, gate), std::nullopt);
  EXPECT_EQ(compare_labels({}, {{"replica", "r1"}}, gate), std::nullopt);
  gate.entries.push_back(entry("/b"));
  EXPECT_THAT(compare_labels({{"replica", "r0"}}, {{"replica", "r1"}}, gate),
              testing::Optional(finding("gate_external_labels", "replica is \"r0\" here and \"r1\" there")));
}

TEST(GateDestinations, EntryThatLeadsElsewhereThanTheLeadersIsTold) {
  GateEntry ours = entry();
  ours.url = {.origin = {.host = "hub"}, .target = "/write"};
  GateEntry theirs = ours;
  const auto compared = [&] {
    return compare_destinations({.watermarks_ms = {{progress_key(theirs), 1}}}, gate_of({ours}));
  };
  EXPECT_EQ(compared(), std::nullopt);
  theirs.group = "other";
  EXPECT_THAT(compared(), testing::Optional(finding("gate_destination_differs", "entry hub leads elsewhere")));
  theirs.name = "archive";
  EXPECT_EQ(compared(), std::nullopt) << "of an entry that it has not delivered for, a leader tells nothing";
  theirs.name = "hub@example";
  EXPECT_EQ(compared(), std::nullopt);
}

}  // namespace
}  // namespace promfleet::elector
