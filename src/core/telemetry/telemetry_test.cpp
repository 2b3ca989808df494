#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/simulated_clock.h"
#include "core/telemetry/log.h"
#include "core/telemetry/log_testing.h"
#include "core/telemetry/metrics.h"
#include "core/telemetry/process_metrics.h"

namespace promfleet {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

struct LogTest : testing::Test {
  Log log(LogFormat format, LogLevel level = LogLevel::info) { return Log(sink, clock, format, level); }

  SimulatedClock clock;
  MemorySink sink;
};

TEST_F(LogTest, LogfmtQuotesOnlyWhatNeedsIt) {
  log(LogFormat::logfmt)
      .component("election")
      .warn("lease lost", {{"lease", "ns/x"}, {"why", "a=\"b\"\n"}, {"after", 1500ms}});
  EXPECT_EQ(sink.text,
            "ts=2026-01-01T00:00:00.000Z level=warn component=election msg=\"lease lost\" lease=ns/x "
            "why=\"a=\\\"b\\\"\\n\" after=1.5s\n");
}

TEST_F(LogTest, JsonIsOneObjectALine) {
  log(LogFormat::json).info("started", {{"port", 9095}, {"proxy", true}, {"text", "\x01"}, {"ratio", 0.5}});
  EXPECT_EQ(sink.text,
            "{\"ts\":\"2026-01-01T00:00:00.000Z\",\"level\":\"info\",\"msg\":\"started\",\"port\":9095,"
            "\"proxy\":true,\"text\":\"\\u0001\",\"ratio\":0.5}\n");
}

TEST_F(LogTest, BytesThatAreNoUtf8AreReplacedInEitherFormat) {
  log(LogFormat::logfmt).info("told", {{"err", "\xC3(\xFF"}, {"name", "é€😀"}});
  log(LogFormat::json).info("told", {{"e\xC3rr", "a\xED\xA0\x80z"}, {"name", "é€😀"}});
  EXPECT_EQ(sink.text,
            "ts=2026-01-01T00:00:00.000Z level=info msg=told err=\"\uFFFD(\uFFFD\" name=\"é€😀\"\n"
            "{\"ts\":\"2026-01-01T00:00:00.000Z\",\"level\":\"info\",\"msg\":\"told\","
            "\"e\uFFFDrr\":\"a\uFFFD\uFFFD\uFFFDz\",\"name\":\"é€😀\"}\n");
}

TEST_F(LogTest, LinesBelowTheLevelAreDropped) {
  log(LogFormat::logfmt, LogLevel::warn).info("chatter");
  EXPECT_EQ(sink.text, "");
}

TEST(LogSettings, UnknownWordsAreRefusedWithTheKnownOnes) {
  EXPECT_EQ(parse_log_level("loud").error().message(), "\"loud\" is not a log level: use debug, info, warn or error");
  EXPECT_EQ(parse_log_format("xml").error().message(), "\"xml\" is not a log format: use logfmt or json");
  EXPECT_EQ(parse_log_format("json"), LogFormat::json);
}

TEST(Registry, RendersFamiliesByNameWithEscapedTexts) {
  Registry registry;
  registry.gauge("z_gauge", "last\\ of\nall").set(0.25);
  registry.counter("a_total", "first", {{"path", "a\"b\\c\nd"}}).increment(2);
  EXPECT_EQ(registry.render(),
            "# HELP a_total first\n# TYPE a_total counter\na_total{path=\"a\\\"b\\\\c\\nd\"} 2\n"
            "# HELP z_gauge last\\\\ of\\nall\n# TYPE z_gauge gauge\nz_gauge 0.25\n");
}

TEST(Registry, SameNameAndLabelsAreTheSameMetric) {
  Registry registry;
  registry.counter("a_total", "a", {{"code", "200"}}).increment();
  registry.counter("a_total", "a", {{"code", "200"}}).increment();
  registry.counter("a_total", "a", {{"code", "500"}}).increment();
  EXPECT_THAT(registry.render(), HasSubstr("a_total{code=\"200\"} 2\na_total{code=\"500\"} 1\n"));
}

TEST(Registry, HistogramBucketsAreCumulativeAndBoundsInclusive) {
  Registry registry;
  Histogram& histogram = registry.histogram("h", "h", {0.1, 1});
  for (const double value : {0.1, 0.5, 7.0}) histogram.observe(value);
  EXPECT_THAT(registry.render(), HasSubstr("h_bucket{le=\"0.1\"} 1\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\n"
                                           "h_sum 7.6\nh_count 3\n"));
}

TEST(Registry, GaugesAreRefreshedBeforeEachRendering) {
  Registry registry;
  Gauge& gauge = registry.gauge("g", "g");
  registry.before_render([&] { gauge.add(1); });
  EXPECT_THAT(registry.render(), HasSubstr("g 1\n"));
  EXPECT_THAT(registry.render(), HasSubstr("g 2\n"));
}

TEST(ProcessMetrics, ShowThisProcess) {
  Registry registry;
  SimulatedClock clock;
  register_process_metrics(registry, clock);
  const std::string text = registry.render();
  EXPECT_THAT(text, ContainsRegex("process_resident_memory_bytes [1-9]"));
  EXPECT_THAT(text, ContainsRegex("process_open_fds [1-9]"));
  EXPECT_THAT(text, HasSubstr("process_start_time_seconds 1767225600\n"));
}

}  // namespace
}  // namespace promfleet
