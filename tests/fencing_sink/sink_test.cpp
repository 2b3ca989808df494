#include "tests/fencing_sink/sink.h"

#include <filesystem>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/json/value.h"
#include "codec/remote_write/encode.h"
#include "codec/snappy/block.h"
#include "core/os/simulated_clock.h"
#include "core/os/temporary_folder.h"
#include "core/telemetry/log_testing.h"
#include "tests/fencing_sink/account_json.h"

namespace promfleet::remote_write {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1'795'180'839'552;
constexpr double kStale = std::bit_cast<double>(kStaleMarkerBits);

WallTime wall(std::int64_t unix_ms) {
  return WallTime(std::chrono::milliseconds(unix_ms));
}

// A body that is built sample by sample.
class Body {
 public:
  Body& sample(std::string_view name, std::int64_t timestamp_ms, double value = 1) {
    request_.begin_series(std::vector<Label>{{"__name__", name}});
    request_.add_sample({timestamp_ms, value});
    return *this;
  }
  Body& series(std::vector<Label> labels) {
    request_.begin_series(labels);
    return *this;
  }

  std::string encode(Version version = Version::v1) const {
    std::string body;
    std::string block;
    EXPECT_TRUE(version == Version::v1 ? encode_v1(request_, body) : encode_v2(request_, body));
    snappy::compress(body, block);
    return block;
  }

 private:
  WriteRequest request_;
};

class SinkTest : public testing::Test {
 protected:
  SinkTest() { start(); }

  // Whatever was in memory is gone.
  void start() {
    sink_.reset();
    sink_ = open(folder_.path() + "/journal");
    ASSERT_TRUE(sink_);
  }

  std::unique_ptr<Sink> open(const std::string& path) {
    Result<std::unique_ptr<Sink>> sink = Sink::open(path, log_);
    EXPECT_TRUE(sink) << to_string(sink.error());
    return sink ? *std::move(sink) : nullptr;
  }

  int fence(std::uint64_t token, std::string source = "") {
    return sink_->fence("ns/a", format_fence_request({FencingToken(token), std::move(source)}), wall(kNow)).status;
  }

  http::Response write(const Body& body, std::string_view token, std::string_view stream = "s",
                       Version version = Version::v1) {
    const std::string block = body.encode(version);
    return sink_->write({version, {.group = "ns%2Fa", .token = token, .stream = stream}, block}, wall(kNow));
  }

  http::Response write_unfenced(const Body& body) { return sink_->write({.body = body.encode()}, wall(kNow)); }

  std::string account() const { return format_account(sink_->account()); }
  std::string totals() const { return format_totals(sink_->account()); }
  std::string group() const { return sink_->show("ns/a").body; }
  const TemporaryFolder& folder() const { return folder_; }
  Sink& sink() { return *sink_; }

 private:
  TemporaryFolder folder_;
  SimulatedClock clock_;
  MemorySink lines_;
  Log log_{lines_, clock_, LogFormat::logfmt, LogLevel::info};
  std::unique_ptr<Sink> sink_;
};

TEST_F(SinkTest, StoredSampleHasItsBitsAndItsToken) {
  EXPECT_EQ(fence(7), 200);
  EXPECT_EQ(write(Body().sample("up", kNow, 1).sample("up", kNow + 1, kStale), "7").status, 204);
  EXPECT_THAT(account(), HasSubstr(R"({"group":"ns/a","labels":{"__name__":"up"},"samples":[)"
                                   R"([1795180839552,"3ff0000000000000",7],[1795180839553,"7ff0000000000002",7]]})"));
}

TEST_F(SinkTest, OldLeadersWriteIsRefusedAndCountedAndNotStored) {
  fence(7);
  fence(9);
  const http::Response answer = write(Body().sample("up", kNow), "7");
  EXPECT_EQ(answer.status, 412);
  EXPECT_THAT(answer.body, HasSubstr(R"("code":"fenced","token":9)"));
  EXPECT_THAT(totals(), HasSubstr(R"("stored":0,"duplicates":0,"covered":0,"refused":{"fenced":1},"unfenced":0)"));
}

TEST_F(SinkTest, WriteOfAGroupThatNobodyFencedIsToBeFencedFirst) {
  EXPECT_EQ(write(Body().sample("up", kNow), "7").status, 428);
  EXPECT_THAT(totals(), HasSubstr(R"("refused":{"fence_first":1})"));
}

TEST_F(SinkTest, LowerFenceIsRefusedAndChangesNothing) {
  fence(9);
  EXPECT_EQ(fence(7), 412);
  EXPECT_THAT(group(), HasSubstr(R"("token":9)"));
}

TEST_F(SinkTest, WhatANewLeaderRepeatsIsCoveredAndTheRestStored) {
  fence(7);
  write(Body().sample("up", kNow - 5'000), "7");
  const http::Response repeated = write(Body().sample("up", kNow - 5'000), "7");
  fence(9);
  const http::Response continued = write(Body().sample("up", kNow - 4'000).sample("up", kNow - 2'900), "9");
  EXPECT_EQ(repeated.fields.find("X-Promfleet-Duplicates"), "1");
  EXPECT_EQ(repeated.fields.find("X-Promfleet-Covered"), "0");
  EXPECT_EQ(continued.fields.find("X-Promfleet-Duplicates"), "0");
  EXPECT_EQ(continued.fields.find("X-Promfleet-Covered"), "1");
  EXPECT_THAT(totals(), HasSubstr(R"("stored":2,"duplicates":1,"covered":1)"));
  EXPECT_THAT(account(), HasSubstr(R"([1795180834552,"3ff0000000000000",7],[1795180836652,"3ff0000000000000",9])"));
}

TEST_F(SinkTest, WriteWithoutTheFencesFieldsIsStoredAndCountedAsUnfenced) {
  EXPECT_EQ(write_unfenced(Body().sample("up", kNow)).status, 204);
  EXPECT_EQ(write_unfenced(Body().sample("up", kNow)).status, 204);
  EXPECT_THAT(totals(), HasSubstr(R"("stored":2,"duplicates":0,"covered":0,"refused":{},"unfenced":2)"));
  EXPECT_THAT(account(), HasSubstr(R"({"group":null,"labels":{"__name__":"up"},"samples":[)"
                                   R"([1795180839552,"3ff0000000000000",null],[)"));
}

TEST_F(SinkTest, WriteWithSomeOfTheFencesFieldsIsRefused) {
  const std::string block = Body().sample("up", kNow).encode();
  EXPECT_EQ(sink().write({.fields = {.token = "7"}, .body = block}, wall(kNow)).status, 400);
  EXPECT_THAT(totals(), HasSubstr(R"("stored":0,"duplicates":0,"covered":0,"refused":{"invalid":1})"));
}

TEST_F(SinkTest, LabelsThatAreOutOfOrderOrTwiceOrNamelessAreRefused) {
  const auto status = [this](const std::vector<Label>& labels) { return write_unfenced(Body().series(labels)).status; };
  EXPECT_EQ(status({{"__name__", "up"}, {"a", "1"}}), 204);
  EXPECT_EQ(status({{"a", "1"}, {"__name__", "up"}}), 400);
  EXPECT_EQ(status({{"__name__", "up"}, {"a", "1"}, {"a", "1"}}), 400);
  EXPECT_EQ(status({{"a", "1"}}), 400);
}

TEST_F(SinkTest, DamagedBodyIsRefused) {
  EXPECT_EQ(sink().write({.body = "no snappy"}, wall(kNow)).status, 400);
  EXPECT_THAT(totals(), HasSubstr(R"("refused":{"invalid":1})"));
}

TEST_F(SinkTest, AnswerToVersion2TellsHowMuchWasTaken) {
  fence(7);
  Body body;
  body.sample("up", kNow).sample("down", kNow);
  const http::Response stored = write(body, "7", "s", Version::v2);
  EXPECT_EQ(stored.status, 204);
  EXPECT_EQ(stored.fields.find("X-Prometheus-Remote-Write-Samples-Written"), "2");
  const http::Response refused = write(body, "6", "s", Version::v2);
  EXPECT_EQ(refused.status, 412);
  EXPECT_EQ(refused.fields.find("X-Prometheus-Remote-Write-Samples-Written"), "0");
}

TEST_F(SinkTest, TermTellsWhenItWasFencedAndWrote) {
  fence(7);
  write(Body().sample("up", kNow), "7");
  EXPECT_THAT(totals(), HasSubstr(R"("fenced_unix_ms":1795180839552,"first_accepted_unix_ms":1795180839552,)"
                                  R"("last_accepted_unix_ms":1795180839552,"first_stored_unix_ms":1795180839552)"));
}

TEST_F(SinkTest, TermTellsItsSourceWhichGoesOnBehindItsOwnLastSampleAlsoAfterARestart) {
  fence(7, "a/1");
  write(Body().sample("up", kNow), "7");
  fence(9, "a/1");
  start();
  write(Body().sample("up", kNow + 1), "9");
  EXPECT_THAT(totals(), HasSubstr(R"("stored":2,"duplicates":0,"covered":0)"));
  EXPECT_THAT(totals(), HasSubstr(R"("refused":{},"source":"a/1","fenced_unix_ms")"));
}

TEST_F(SinkTest, ResetLetsAnyTokenFenceAgainInAnotherGeneration) {
  fence(9);
  write(Body().sample("up", kNow), "9");
  EXPECT_EQ(sink().reset("ns/a", wall(kNow)).status, 200);
  EXPECT_EQ(write(Body().sample("up", kNow + 9'000), "9").status, 428);
  EXPECT_EQ(fence(3), 200);
  EXPECT_EQ(write(Body().sample("up", kNow + 1'000).sample("up", kNow + 9'000), "3").status, 204);
  EXPECT_THAT(totals(), HasSubstr(R"({"group":"ns/a","generation":1,"token":3,"stored":1,"duplicates":0,"covered":1)"));
}

// Plays anything that may come, and compares the sink with one that starts with what is on disk at that moment.
TEST_F(SinkTest, WhatIsOnDiskBeforeEachAnswerIsAllThatTheSinkKnows) {
  std::mt19937_64 random(4711);
  const auto below = [&random](std::uint64_t bound) { return random() % bound; };
  const std::vector<std::string> names = {"up", "a_total", "b", "c"};
  for (int step = 0; step < 400; ++step) {
    Body body;
    for (std::uint64_t count = below(5); count > 0; --count) {
      const auto timestamp_ms = kNow + step * 500 - static_cast<std::int64_t>(below(4'000));
      body.sample(names[below(names.size())], timestamp_ms, static_cast<double>(below(9)));
    }
    switch (below(12)) {
      case 0: fence(1 + below(40), below(3) == 0 ? "" : "a/1"); break;
      case 1: sink().reset("ns/a", wall(kNow)); break;
      case 2: write_unfenced(body); break;
      default: {
        const auto document = json::parse(group());
        const auto token = document->as_object().at("token");
        const std::string text = token.is_null() || below(8) == 0 ? "5" : std::to_string(token.to_number<int>());
        write(body, text, below(2) == 0 ? "s" : "t", below(2) == 0 ? Version::v1 : Version::v2);
      }
    }
    const std::string copy = folder().path() + "/copy";
    std::filesystem::copy_file(folder().path() + "/journal", copy, std::filesystem::copy_options::overwrite_existing);
    const std::unique_ptr<Sink> twin = open(copy);
    ASSERT_EQ(format_account(twin->account()), account()) << "step " << step;
    ASSERT_EQ(twin->show("ns/a").body, group()) << "step " << step;
    if (below(10) == 0) start();
  }
  EXPECT_GT(sink().account().groups().at("ns/a").series().size(), 3);
}

TEST_F(SinkTest, StartFindsTheLastSampleOfEachSeriesAndItsTerm) {
  fence(7);
  write(Body().sample("up", kNow), "7");
  start();
  write(Body().sample("up", kNow), "7");
  fence(9);
  write(Body().sample("up", kNow + 1'000), "9");
  EXPECT_THAT(totals(), HasSubstr(R"("stored":1,"duplicates":1,"covered":1)"));
}

}  // namespace
}  // namespace promfleet::remote_write
