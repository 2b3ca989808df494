#include "elector/gate/prometheus_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elector/gate/gate_preflight.h"
#include "elector/gate/writer_config.h"

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const GateAddress kAddress("127.0.0.1:9096");

GateEntry entry(std::string name, std::string path, std::string host = "hub") {
  return {.name = std::move(name),
          .path = std::move(path),
          .url = {.origin = {.host = std::move(host)}, .target = "/api/v1/write"},
          .group = "g"};
}

std::string section_of(std::vector<GateEntry> entries) {
  return prometheus_section({.entries = std::move(entries)}, kAddress);
}

TEST(PrometheusSection, IsWhatPreflightAsksFor) {
  const GateConfig config{.entries = {entry("hub", "/a"), entry("archive: 1, 'main'", "/b", "archive")}};
  const WriterConfig parsed = parse_writer_config(prometheus_section(config, kAddress)).value();
  ASSERT_EQ(parsed.queues.size(), 2u);
  EXPECT_EQ(parsed.queues[0].url, "http://127.0.0.1:9096/a");
  EXPECT_EQ(parsed.queues[1].name, "archive: 1, 'main'");
  EXPECT_THAT(gate_preflight(parsed, config, kAddress, LeaderAdds::no_remote_write), IsEmpty());
}

TEST(PrometheusSection, SaysWhatAProtectedGateAsksFor) {
  const GateConfig config{.entries = {entry("hub", "/a")}};
  const GateAddress with_tls("127.0.0.1:9096", {.transport = net::Transport::tls, .authenticates = true});
  const std::string section = prometheus_section(config, with_tls);
  EXPECT_THAT(section,
              AllOf(HasSubstr("\n    url: https://127.0.0.1:9096/a\n"), HasSubstr("add basic_auth, or cert_file"),
                    HasSubstr("\n    tls_config:\n      insecure_skip_verify: true ")));
  EXPECT_THAT(gate_preflight(parse_writer_config(section).value(), config, with_tls, LeaderAdds::no_remote_write),
              IsEmpty());
  EXPECT_THAT(section_of({entry("hub", "/a")}), AllOf(Not(HasSubstr("tls_config")), Not(HasSubstr("basic_auth"))));
}

TEST(PrometheusSection, TimeoutIsAboveTheHold) {
  GateEntry patient = entry("hub", "/a");
  EXPECT_THAT(section_of({patient}), HasSubstr("\n    remote_timeout: 30s          # above hold (25s)"));
  patient.hold = 90s;
  EXPECT_THAT(section_of({patient}), HasSubstr("\n    remote_timeout: 95s "));
  patient.hold = 25500ms;
  EXPECT_THAT(section_of({patient}), HasSubstr("\n    remote_timeout: 30500ms "));
}

TEST(PrometheusSection, OnlyEntriesOfOneDestinationShareTheSeries) {
  const std::string text =
      section_of({entry("hub-0", "/0"), entry("archive", "/archive", "archive"), entry("hub-1", "/1")});
  const std::size_t archive = text.find("archive");
  const std::size_t second = text.find("hub-1");
  EXPECT_THAT(text.substr(0, archive), AllOf(HasSubstr("modulus: 2\n"), HasSubstr("regex: '0'\n")));
  EXPECT_THAT(text.substr(archive, second - archive), Not(HasSubstr("write_relabel_configs")));
  EXPECT_THAT(text.substr(second), AllOf(HasSubstr("modulus: 2\n"), HasSubstr("regex: '1'\n")));
}

TEST(PrometheusSection, MessageIsNamedWhereTheDestinationIsToGetVersion2) {
  GateEntry modern = entry("hub", "/a");
  EXPECT_THAT(section_of({modern}), Not(HasSubstr("protobuf_message")));
  modern.version = remote_write::Version::v1;
  EXPECT_THAT(section_of({modern}), Not(HasSubstr("protobuf_message")));
  modern.version = remote_write::Version::v2;
  EXPECT_THAT(section_of({modern}), HasSubstr("\n    protobuf_message: io.prometheus.write.v2.Request "));
}

}  // namespace
}  // namespace promfleet::elector
