#include "election/stores/lease_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/json/writer.h"

namespace promfleet::election {
namespace {

using ::testing::HasSubstr;

// As client-go writes it, with what an API server and another controller add.
constexpr std::string_view kOfClientGo = R"({
  "apiVersion": "coordination.k8s.io/v1",
  "kind": "Lease",
  "metadata": {
    "name": "prometheus", "namespace": "infra", "uid": "5b7b0d0f", "resourceVersion": "1187",
    "labels": {"team": "observability"},
    "annotations": {"example.com/note": "keep me"},
    "ownerReferences": [{"kind": "StatefulSet", "name": "prometheus", "controller": true}],
    "managedFields": [{"manager": "elector", "fieldsV1": {"f:spec": {"f:holderIdentity": {}}}}]
  },
  "spec": {
    "acquireTime": "2026-01-02T03:04:05.678901Z",
    "holderIdentity": "prometheus-0",
    "leaseDurationSeconds": 15,
    "leaseTransitions": 4,
    "renewTime": "2026-01-02T03:05:05.000000Z",
    "preferredHolder": "prometheus-1"
  }
})";

const LeaseTime kAcquired =
    std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 4min + 5s + std::chrono::microseconds(678901);
const LeaseTime kRenewed = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 5min + 5s;

json::Object document(std::string_view text) {
  return parse_document(text).value();
}

LeaseRecord ours() {
  return {.spec = {.holder = "a",
                   .duration = 15s,
                   .acquire_time = kAcquired,
                   .renew_time = kRenewed,
                   .transitions = 1,
                   .acquired_by = ProcessNumber(9'223'372'036'854'775'807)},
          .notes = {.released_term = kAcquired, .next_holder = "b", .progress = "at 7"}};
}

TEST(LeaseDocument, ReadsWhatClientGoWrites) {
  const StoredLease stored = read_stored(document(kOfClientGo)).value();
  EXPECT_EQ(stored.revision, LeaseRevision(1187));
  EXPECT_EQ(stored.record.spec, (LeaseSpec{.holder = "prometheus-0",
                                           .duration = 15s,
                                           .acquire_time = kAcquired,
                                           .renew_time = kRenewed,
                                           .transitions = 4}));
  EXPECT_EQ(stored.record.notes, LeaseNotes{});
}

TEST(LeaseDocument, WritesTheFieldsOfClientGo) {
  json::Object written;
  write_record(ours(), written);
  EXPECT_EQ(json::write(written), R"({"metadata":{"annotations":{"promfleet.io/acquired-by":"9223372036854775807",)"
                                  R"("promfleet.io/released-term":"2026-01-02T03:04:05.678901Z",)"
                                  R"("promfleet.io/next-holder":"b","promfleet.io/progress":"at 7"}},)"
                                  R"("spec":{"holderIdentity":"a","leaseDurationSeconds":15,)"
                                  R"("acquireTime":"2026-01-02T03:04:05.678901Z",)"
                                  R"("renewTime":"2026-01-02T03:05:05.000000Z","leaseTransitions":1}})");
}

TEST(LeaseDocument, RecordComesBackAsItWasWritten) {
  json::Object written;
  write_record(ours(), written);
  EXPECT_EQ(read_record(written).value(), ours());
}

TEST(LeaseDocument, KeepsWhatIsOthers) {
  json::Object changed = document(kOfClientGo);
  write_record(ours(), changed);
  const json::Object& metadata = changed.at("metadata").as_object();
  const json::Object before = document(kOfClientGo).at("metadata").as_object();
  for (const char* key : {"uid", "labels", "ownerReferences", "managedFields", "resourceVersion"}) {
    EXPECT_EQ(metadata.at(key), before.at(key)) << key;
  }
  EXPECT_EQ(metadata.at("annotations").at("example.com/note"), "keep me");
  EXPECT_EQ(changed.at("spec").at("preferredHolder"), "prometheus-1");
  EXPECT_EQ(read_record(changed).value(), ours());
}

TEST(LeaseDocument, RemovesWhatTheRecordDoesNotHave) {
  json::Object changed = document(kOfClientGo);
  write_record(ours(), changed);
  write_record({.spec = {.duration = 1s}}, changed);
  const json::Object& spec = changed.at("spec").as_object();
  for (const char* key : {"holderIdentity", "acquireTime", "renewTime"}) EXPECT_FALSE(spec.contains(key)) << key;
  EXPECT_EQ(spec.at("leaseDurationSeconds"), 1);
  EXPECT_EQ(json::write(changed.at("metadata").at("annotations")), R"({"example.com/note":"keep me"})");
}

TEST(LeaseDocument, BlankLeaseIsARecordWithoutHolder) {
  EXPECT_EQ(read_record(document("{}")).value(), LeaseRecord{});
  EXPECT_EQ(read_record(document(R"({"spec": {"holderIdentity": null, "renewTime": null}})")).value(), LeaseRecord{});
}

TEST(LeaseDocument, StrangeNumbersAreReadAsTheNearestThatKubernetesKeeps) {
  const auto duration_of = [](std::string_view seconds) {
    return read_record(document(fmt::format(R"({{"spec": {{"leaseDurationSeconds": {}}}}})", seconds)))
        .value()
        .spec.duration;
  };
  EXPECT_EQ(duration_of("-3"), -3s);
  EXPECT_EQ(duration_of("9467280000"), std::chrono::seconds(2147483647)) << "300 years";
}

TEST(LeaseDocument, ReadsTimesInThePrecisionOfOthers) {
  const LeaseSpec spec = read_record(document(R"({"spec": {"acquireTime": "2026-01-02T03:04:05Z",)"
                                              R"( "renewTime": "2026-01-02T05:05:05.000000999+02:00"}})"))
                             .value()
                             .spec;
  EXPECT_EQ(spec.acquire_time, std::chrono::floor<std::chrono::seconds>(kAcquired));
  EXPECT_EQ(spec.renew_time, kRenewed);
}

TEST(LeaseDocument, StrategyOfACoordinatedElectionIsSeenAndKept) {
  json::Object coordinated = document(R"({"spec": {"strategy": "OldestEmulationVersion"}})");
  EXPECT_EQ(read_record(coordinated).value().spec.strategy, "OldestEmulationVersion");
  write_record(ours(), coordinated);
  EXPECT_EQ(coordinated.at("spec").at("strategy"), "OldestEmulationVersion");
}

TEST(LeaseDocument, NoteThatCannotBeReadCountsAsAbsent) {
  const json::Object edited = document(
      R"({"metadata": {"annotations": {"promfleet.io/released-term": "yesterday", "promfleet.io/next-holder": 3,)"
      R"( "promfleet.io/progress": {}, "promfleet.io/acquired-by": "7th"}}})");
  EXPECT_EQ(read_record(edited).value(), LeaseRecord{});
}

TEST(LeaseDocument, SpecOfTheWrongTypeIsNoLease) {
  const auto error_of = [](std::string_view text) { return read_record(document(text)).error(); };
  EXPECT_EQ(error_of(R"({"spec": []})"), Error(Errc::protocol, "the lease's spec: spec is an array, not an object"));
  EXPECT_EQ(error_of(R"({"spec": {"holderIdentity": 7}})").message(),
            "the lease's spec: holderIdentity is a number, not a string");
  EXPECT_THAT(error_of(R"({"spec": {"renewTime": "soon"}})").message(), HasSubstr("renewTime"));
  EXPECT_EQ(parse_document("[]").error().code(), Errc::protocol);
  EXPECT_EQ(parse_document("").error().code(), Errc::protocol);
}

TEST(LeaseDocument, RevisionIsANumber) {
  json::Object written;
  write_revision(LeaseRevision(18446744073709551615u), written);
  EXPECT_EQ(read_revision(written).value(), LeaseRevision(18446744073709551615u));
  for (const char* text : {R"({})", R"({"metadata": {}})", R"({"metadata": {"resourceVersion": "12x"}})",
                           R"({"metadata": {"resourceVersion": ""}})", R"({"metadata": {"resourceVersion": 12}})"}) {
    EXPECT_EQ(read_revision(document(text)).error().code(), Errc::protocol) << text;
  }
}

}  // namespace
}  // namespace promfleet::election
