#include "election/stores/kubernetes/kubernetes_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/json/writer.h"
#include "core/os/simulated_file_system.h"
#include "election/stores/lease_document.h"
#include "net/http/played_server_testing.h"

namespace promfleet::election {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kNotFound =
    R"({"kind":"Status","reason":"NotFound","message":"no","details":{"kind":"leases","name":"prometheus"}})";

const LeaseRecord kRecord = {.spec = {.holder = "a", .duration = 15s}};

std::string lease_at(int revision, std::string_view holder = "a") {
  return fmt::format(R"({{"metadata":{{"name":"prometheus","resourceVersion":"{}","labels":{{"team":"x"}}}},)"
                     R"("spec":{{"holderIdentity":"{}","leaseDurationSeconds":15,"leaseTransitions":0}}}})",
                     revision, holder);
}

class KubernetesStoreTest : public testing::Test {
 protected:
  ~KubernetesStoreTest() override { server.close(); }

  BootTime soon() { return server.clock.now() + 5s; }
  void read() {
    server.start([this]() -> Task<> { read_answer = co_await store.read(soon()); });
  }
  void create() {
    server.start([this]() -> Task<> { write_answer = co_await store.create(kRecord, soon()); });
  }
  void update(int expected) {
    const LeaseRevision revision(static_cast<std::uint64_t>(expected));
    server.start([this, revision]() -> Task<> { write_answer = co_await store.update(kRecord, revision, soon()); });
  }

  http::PlayedServer server;
  SimulatedFileSystem files;
  kube::Client client{{.dialer = server, .clock = server.clock, .files = files},
                      {.server = {.is_tls = false, .host = "api", .port = 80},
                       .base_path = "",
                       .tls = {},
                       .credentials = kube::NoCredentials{}},
                      "promfleet/test"};
  KubernetesStore store{client, "infra", "prometheus"};
  std::optional<Result<std::optional<StoredLease>>> read_answer;
  std::optional<Result<StoredLease>> write_answer;
};

TEST_F(KubernetesStoreTest, CreateSendsAWholeLease) {
  create();
  EXPECT_THAT(server.heard(0),
              AllOf(StartsWith("POST /apis/coordination.k8s.io/v1/namespaces/infra/leases HTTP/1.1\r\n"),
                    HasSubstr(R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease",)"
                              R"("metadata":{"name":"prometheus","namespace":"infra"},)"
                              R"("spec":{"holderIdentity":"a","leaseDurationSeconds":15,"leaseTransitions":0}})")));
  server.answer(0, 201, lease_at(7));
  EXPECT_EQ(write_answer->value(), (StoredLease{.record = kRecord, .revision = LeaseRevision(7)}));
}

TEST_F(KubernetesStoreTest, UpdateSendsWhatWasReadWithOurFieldsOverIt) {
  read();
  server.answer(0, 200, lease_at(7, "b"));
  server.heard(0);
  update(7);
  EXPECT_THAT(server.heard(0), AllOf(StartsWith("PUT "), HasSubstr(R"("resourceVersion":"7")"),
                                     HasSubstr(R"("labels":{"team":"x"})"), HasSubstr(R"("holderIdentity":"a")")));
  server.answer(0, 200, lease_at(8));
  EXPECT_EQ(write_answer->value().revision, LeaseRevision(8));
}

TEST_F(KubernetesStoreTest, RenewalIsOneRequest) {
  create();
  server.answer(0, 201, lease_at(7));
  for (int revision = 7; revision < 10; ++revision) {
    server.heard(0);
    update(revision);
    EXPECT_THAT(server.heard(0), StartsWith("PUT "));
    server.answer(0, 200, lease_at(revision + 1));
    EXPECT_TRUE(write_answer->has_value());
  }
}

TEST_F(KubernetesStoreTest, UpdateAtARevisionThatWasNotSeenReadsFirst) {
  update(7);
  EXPECT_THAT(server.heard(0), StartsWith("GET "));
  server.answer(0, 200, lease_at(7));
  EXPECT_THAT(server.heard(0), StartsWith("PUT "));
  server.answer(0, 200, lease_at(8));
  EXPECT_TRUE(write_answer->has_value());
  update(7);
  server.answer(0, 200, lease_at(8));
  EXPECT_EQ(write_answer->error().code(), Errc::conflict);
  update(9);
  server.answer(0, 404, kNotFound);
  EXPECT_EQ(write_answer->error().code(), Errc::not_found);
}

TEST_F(KubernetesStoreTest, ConflictOverADeletedLeaseIsNotFound) {
  create();
  server.answer(0, 201, lease_at(7));
  update(7);
  server.answer(0, 409, R"({"kind":"Status","reason":"Conflict","message":"precondition failed"})");
  EXPECT_THAT(server.heard(0), HasSubstr("GET "));
  server.answer(0, 404, kNotFound);
  EXPECT_EQ(write_answer->error().code(), Errc::not_found);
}

TEST_F(KubernetesStoreTest, ConflictIsAConflictThoughReadingFails) {
  create();
  server.answer(0, 201, lease_at(7));
  update(7);
  server.answer(0, 409, "");
  server.answer(0, 500, "");
  EXPECT_EQ(write_answer->error().code(), Errc::conflict);
}

TEST_F(KubernetesStoreTest, RevisionThatIsNoNumberIsAProtocolErrorThatNamesTheLease) {
  read();
  server.answer(0, 200, R"({"metadata":{"resourceVersion":"a1"},"spec":{}})");
  EXPECT_EQ(read_answer->error(), Error(Errc::protocol,
                                        "leases/prometheus in namespace infra: the lease's resourceVersion is "
                                        "\"a1\", not a number"));
}

TEST_F(KubernetesStoreTest, LateEventOfTheWatchDoesNotMakeTheNextRenewalReadFirst) {
  std::vector<std::uint64_t> told;
  server.start([this, &told]() -> Task<> {
    (void)co_await store.watch(
        [&told](const std::optional<StoredLease>& lease) { told.push_back(lease ? lease->revision.value() : 0); });
  });
  server.answer(0, 200, fmt::format(R"({{"metadata":{{"resourceVersion":"7"}},"items":[{}]}})", lease_at(7)));
  server.heard(0);
  server.begin(0);
  update(7);
  EXPECT_THAT(server.heard(1), AllOf(StartsWith("PUT "), HasSubstr(R"("kind":"Lease")")));
  server.answer(1, 200, lease_at(9));
  server.piece(0, fmt::format("{{\"type\":\"MODIFIED\",\"object\":{}}}\n", lease_at(8)));
  EXPECT_THAT(told, ElementsAre(7, 8));
  update(9);
  EXPECT_THAT(server.heard(1), StartsWith("PUT "));
}

}  // namespace
}  // namespace promfleet::election
