#include "election/stores/etcd/etcd_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/base64/base64.h"
#include "codec/json/writer.h"
#include "core/os/simulated_file_system.h"
#include "election/stores/lease_document.h"
#include "net/http/played_server_testing.h"

namespace promfleet::election {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const LeaseRecord kRecord = {.spec = {.holder = "a", .duration = 15s}};
// Base64 of /promfleet/leases/infra/prometheus.
constexpr std::string_view kKey = "L3Byb21mbGVldC9sZWFzZXMvaW5mcmEvcHJvbWV0aGV1cw==";

std::string key_at(int revision, std::string_view extra = "") {
  json::Object document;
  write_record(kRecord, document);
  if (!extra.empty()) document["extra"] = extra;
  return fmt::format(R"({{"key":"{}","mod_revision":"{}","value":"{}"}})", kKey, revision,
                     base64::encode(json::write(document)));
}

std::string range_of(std::string_view key_value) {
  return fmt::format(R"({{"header":{{"revision":"20"}},"kvs":[{}]}})", key_value);
}

class EtcdStoreTest : public testing::Test {
 protected:
  ~EtcdStoreTest() override { server.close(); }

  BootTime soon() { return server.clock.now() + 4s; }
  void read() {
    server.start([this]() -> Task<> { read_answer = co_await store.read(soon()); });
  }
  void create() {
    server.start([this]() -> Task<> { write_answer = co_await store.create(kRecord, soon()); });
  }
  void update(std::uint64_t expected) {
    server.start([this, expected]() -> Task<> {
      write_answer = co_await store.update(kRecord, LeaseRevision(expected), soon());
    });
  }
  void watch() {
    server.start([this]() -> Task<> {
      watch_end = co_await store.watch(
          [this](const std::optional<StoredLease>& lease) { told.push_back(lease ? lease->revision.value() : 0); });
    });
  }
  void with_login() {
    ASSERT_TRUE(files.replace("/password", "secret\n", 0600));
    access.login = {.user = "elector", .password_file = "/password"};
    gateway.emplace(dependencies(), access, "promfleet/test");
  }
  etcd::Gateway::Dependencies dependencies() { return {.dialer = server, .clock = server.clock, .files = files}; }

  http::PlayedServer server;
  SimulatedFileSystem files;
  EtcdAccess access{
      .endpoints = {{.is_tls = false, .host = "one", .port = 2379}, {.is_tls = false, .host = "two", .port = 2379}},
      .tls = {},
      .login = {}};
  std::optional<etcd::Gateway> gateway{std::in_place, dependencies(), access, "promfleet/test"};
  EtcdStore store{*gateway, server.clock, "infra", "prometheus"};
  std::optional<Result<std::optional<StoredLease>>> read_answer;
  std::optional<Result<StoredLease>> write_answer;
  std::optional<Result<>> watch_end;
  std::vector<std::uint64_t> told;
};

TEST_F(EtcdStoreTest, CreateComparesThatTheKeyIsNotThere) {
  create();
  EXPECT_THAT(server.heard(0), AllOf(StartsWith("POST /v3/kv/txn HTTP/1.1\r\n"),
                                     HasSubstr(fmt::format(R"("compare":[{{"key":"{}",)", kKey)),
                                     HasSubstr(R"("target":"CREATE","create_revision":"0"}])")));
  server.answer(0, 200, R"({"header":{"revision":"9007199254740993"},"succeeded":true})");
  EXPECT_EQ(write_answer->value(), (StoredLease{.record = kRecord, .revision = LeaseRevision(9007199254740993u)}));
}

TEST_F(EtcdStoreTest, RenewalIsOneTransactionThatKeepsWhatIsOthers) {
  read();
  server.answer(0, 200, range_of(key_at(7, "keep me")));
  server.heard(0);
  update(7);
  const std::string request = server.heard(0);
  EXPECT_THAT(request, AllOf(StartsWith("POST /v3/kv/txn"), HasSubstr(R"("target":"MOD","mod_revision":"7")")));
  const std::size_t value = request.find(R"("value":")") + 9;
  EXPECT_THAT(base64::decode(request.substr(value, request.find('"', value) - value)).value(),
              HasSubstr(R"("extra":"keep me")"));
}

TEST_F(EtcdStoreTest, FailedComparisonIsAConflictOrNotFound) {
  read();
  server.answer(0, 200, range_of(key_at(7)));
  update(7);
  server.answer(
      0, 200,
      fmt::format(R"({{"header":{{"revision":"21"}},"responses":[{{"response_range":{{"kvs":[{}]}}}}]}})", key_at(8)));
  EXPECT_EQ(write_answer->error().code(), Errc::conflict);
  update(8);
  server.answer(0, 200, R"({"header":{"revision":"22"},"responses":[{"response_range":{}}]})");
  EXPECT_EQ(write_answer->error().code(), Errc::not_found);
}

TEST_F(EtcdStoreTest, ReadGoesToTheNextEndpointWithinItsDeadline) {
  read();
  server.pass(2s);
  EXPECT_THAT(server.heard(1), HasSubstr("Host: two:2379\r\n"));
  server.answer(1, 200, range_of(key_at(7)));
  EXPECT_EQ(read_answer->value()->revision, LeaseRevision(7));
}

TEST_F(EtcdStoreTest, EndpointWithoutQuorumIsLeftForTheNext) {
  read();
  server.answer(0, 503, R"({"code":14,"message":"etcdserver: no leader"})");
  server.answer(1, 503, R"({"code":14,"message":"etcdserver: no leader"})");
  EXPECT_EQ(read_answer->error(), Error(Errc::unavailable,
                                        "read /promfleet/leases/infra/prometheus: "
                                        "etcdserver: no leader"));
}

TEST_F(EtcdStoreTest, WriteThatFailedIsNotRepeatedAndTheNextCallGoesElsewhere) {
  create();
  server.answer(0, 503, R"({"code":14,"message":"etcdserver: request timed out"})");
  EXPECT_EQ(write_answer->error().code(), Errc::unreachable);
  EXPECT_EQ(server.connections(), 1u);
  read();
  EXPECT_THAT(server.heard(1), AllOf(StartsWith("POST /v3/kv/range"), HasSubstr("Host: two:2379\r\n")));
}

TEST_F(EtcdStoreTest, WriteGoesToTheNextEndpointIfNothingWasSent) {
  server.refuse("one", Errc::refused);
  create();
  EXPECT_THAT(server.heard(0), AllOf(StartsWith("POST /v3/kv/txn"), HasSubstr("Host: two:2379\r\n")));
  server.answer(0, 200, R"({"header":{"revision":"7"},"succeeded":true})");
  EXPECT_TRUE(write_answer->has_value());
}

TEST_F(EtcdStoreTest, HostThatDnsDoesNotKnowIsNoMissingKey) {
  for (const char* host : {"one", "two"}) server.refuse(host, Errc::not_found);
  read();
  EXPECT_EQ(read_answer->error().code(), Errc::unreachable);
  with_login();
  read();
  EXPECT_EQ(read_answer->error().code(), Errc::unreachable);
}

TEST_F(EtcdStoreTest, LogsInAndAgainWhenTheTokenEnds) {
  with_login();
  read();
  EXPECT_THAT(server.heard(0),
              AllOf(StartsWith("POST /v3/auth/authenticate "), HasSubstr(R"({"name":"elector","password":"secret"})")));
  server.answer(0, 200, R"({"header":{},"token":"one"})");
  EXPECT_THAT(server.heard(0), AllOf(StartsWith("POST /v3/kv/range "), HasSubstr("Authorization: one\r\n")));
  server.answer(0, 401, R"({"code":16,"message":"etcdserver: invalid auth token"})");
  EXPECT_THAT(server.heard(0), StartsWith("POST /v3/auth/authenticate "));
  server.answer(0, 200, R"({"header":{},"token":"two"})");
  EXPECT_THAT(server.heard(0), AllOf(StartsWith("POST /v3/kv/range "), HasSubstr("Authorization: two\r\n")));
  server.answer(0, 200, range_of(key_at(7)));
  EXPECT_TRUE(read_answer->has_value());
}

TEST_F(EtcdStoreTest, WrongPasswordIsToldWithoutThePassword) {
  with_login();
  read();
  server.answer(0, 400, R"({"code":3,"message":"etcdserver: authentication failed, invalid user ID or password"})");
  EXPECT_EQ(read_answer->error().code(), Errc::unauthorized);
  EXPECT_THAT(read_answer->error().message(), AllOf(HasSubstr("log in to etcd as elector"), Not(HasSubstr("secret"))));
}

TEST_F(EtcdStoreTest, WhatIsRepeatedOfTheCredentialsIsNotTold) {
  with_login();
  read();
  server.answer(0, 400, R"(no way for {"name":"elector","password":"secret"})");
  EXPECT_THAT(read_answer->error().message(), AllOf(HasSubstr("no way for"), Not(HasSubstr(R"("secret")"))));
  read();
  server.answer(0, 200, R"({"header":{},"token":"t0ken"})");
  server.answer(0, 400, "no way for t0ken");
  EXPECT_THAT(read_answer->error().message(), AllOf(HasSubstr("no way for"), Not(HasSubstr("t0ken"))));
}

TEST_F(EtcdStoreTest, LoginWhereEtcdWantsNoneIsLeftOut) {
  with_login();
  read();
  server.answer(0, 400, R"({"code":9,"message":"etcdserver: authentication is not enabled"})");
  EXPECT_THAT(server.heard(0), HasSubstr("/v3/kv/range"));
  server.answer(0, 200, range_of(key_at(7)));
  EXPECT_TRUE(read_answer->has_value());
}

TEST_F(EtcdStoreTest, RefusalsSayWhatIsMissing) {
  read();
  server.answer(0, 400, R"({"code":3,"message":"etcdserver: user name is empty"})");
  EXPECT_EQ(read_answer->error().code(), Errc::unauthorized);
  EXPECT_THAT(read_answer->error().message(), HasSubstr("-etcd-user"));
  read();
  server.answer(0, 404, "404 page not found\n");
  EXPECT_EQ(read_answer->error().code(), Errc::protocol);
  EXPECT_THAT(read_answer->error().message(), HasSubstr("etcd 3.4 or newer"));
  with_login();
  read();
  server.answer(1, 200, R"({"header":{},"token":"one"})");
  server.answer(1, 403, R"({"code":7,"message":"etcdserver: permission denied"})");
  EXPECT_EQ(read_answer->error().code(), Errc::forbidden);
  EXPECT_THAT(read_answer->error().message(),
              HasSubstr("read /promfleet/leases/infra/prometheus: etcd denies it to the user elector"));
}

TEST_F(EtcdStoreTest, ValueThatIsNoLeaseIsAProtocolErrorThatNamesTheKey) {
  for (const char* value : {"", "bm9uc2Vuc2U=", "W10=", "%"}) {
    read();
    server.answer(0, 200, range_of(fmt::format(R"({{"mod_revision":"7","value":"{}"}})", value)));
    EXPECT_EQ(read_answer->error().code(), Errc::protocol) << value;
  }
  read();
  server.answer(0, 200, range_of(R"({"mod_revision":"seven","value":"e30="})"));
  EXPECT_EQ(read_answer->error().code(), Errc::protocol);
}

TEST_F(EtcdStoreTest, WatchBeginsWithTheKeyAsItIsAndFollowsFromThere) {
  watch();
  server.answer(0, 200, range_of(key_at(7)));
  EXPECT_THAT(server.heard(0), HasSubstr(R"("start_revision":"21")"));
  server.begin(0);
  server.piece(0, "{\"result\":{\"header\":{},\"created\":true}}\n");
  server.piece(0, fmt::format("{{\"result\":{{\"events\":[{{\"kv\":{}}}]}}}}\n", key_at(21)));
  server.piece(0, "{\"result\":{\"events\":[{\"type\":\"DELETE\",\"kv\":{\"mod_revision\":\"22\"}}]}}\n");
  EXPECT_THAT(told, ElementsAre(7, 21, 0));
  server.pass(59s);
  EXPECT_FALSE(watch_end);
  server.pass(2s);
  EXPECT_EQ(watch_end->error().code(), Errc::timed_out);
}

TEST_F(EtcdStoreTest, WatchThatEtcdEndsSaysWhy) {
  for (const char* line : {R"({"result":{"canceled":true,"compact_revision":"30"}})",
                           R"({"result":{"created":true,"canceled":true,"cancel_reason":"was compacted"}})",
                           R"({"error":{"grpc_code":14,"message":"was compacted"}})"}) {
    watch_end.reset();
    watch();
    const std::size_t connection = server.connections() - 1;
    server.answer(connection, 200, range_of(key_at(7)));
    server.begin(connection);
    server.piece(connection, std::string(line) + "\n");
    EXPECT_EQ(watch_end->error().code(), Errc::unavailable) << line;
    EXPECT_THAT(watch_end->error().message(), AllOf(StartsWith("watch /promfleet/"), HasSubstr("compacted"))) << line;
  }
}

}  // namespace
}  // namespace promfleet::election
