#include "core/telemetry/stderr_sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/assert.h"
#include "core/os/simulated_clock.h"

namespace promfleet {
namespace {

using ::testing::HasSubstr;

// A pipe in the place of standard error.
class StderrSinkTest : public ::testing::Test {
 protected:
  StderrSinkTest() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  ~StderrSinkTest() override {
    for (const int end : ends) ::close(end);
  }

  StderrSink& open(Duration flush_max = 1min) {
    return sink.emplace(clock, LogFormat::logfmt,
                        StderrSink::Options{.descriptor = ends[1], .queued_bytes_max = 1000, .flush_max = flush_max});
  }

  // Until not a byte more fits; returns how many did.
  std::size_t fill_pipe() const {
    const int flags = ::fcntl(ends[1], F_GETFL);
    ::fcntl(ends[1], F_SETFL, flags | O_NONBLOCK);
    std::size_t bytes = 0;
    while (::write(ends[1], "x", 1) == 1) ++bytes;
    ::fcntl(ends[1], F_SETFL, flags);
    return bytes;
  }

  std::string read(std::size_t bytes) const {
    std::string text(bytes, '\0');
    const ssize_t count = ::read(ends[0], text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }

  std::string read_until(std::string_view word) const {
    std::string text;
    while (!text.contains(word)) text += read(4096);
    return text;
  }

  std::array<int, 2> ends{};
  SimulatedClock clock;
  std::optional<StderrSink> sink;
};

TEST_F(StderrSinkTest, LastLinesComeOutBeforeItEnds) {
  open().write("one\n");
  sink->write("two\n");
  sink.reset();
  EXPECT_EQ(read_until("two\n"), "one\ntwo\n");
}

TEST_F(StderrSinkTest, PipeThatIsFullHoldsNobodyUpAndTellsAfterwardsHowManyLinesWereLost) {
  std::size_t filled = fill_pipe();
  open();
  const std::string line = std::string(99, '-') + "\n";
  for (int i = 0; i < 30; ++i) sink->write(line);
  const std::uint64_t lost = sink->lost();
  EXPECT_GE(lost, 10u) << "two blocks of ten lines are kept";
  while (filled > 0) filled -= read(filled).size();
  const std::string told = read_until("lines=" + std::to_string(lost) + "\n");
  EXPECT_THAT(told, HasSubstr("msg=\"lines were lost: nobody read standard error\""));
  EXPECT_EQ(sink->lost(), lost);
  sink->write("after it\n");
  EXPECT_EQ(read_until("after it\n"), "after it\n") << "told once";
}

TEST_F(StderrSinkTest, EndsThoughNobodyReads) {
  const std::size_t filled = fill_pipe();
  open(0s).write("never seen\n");
  sink.reset();
  EXPECT_EQ(read(filled).size(), filled);
}

TEST_F(StderrSinkTest, DescriptorThatTakesNothingIsCountedAndNoReasonToStop) {
  std::array<int, 2> read_only{};
  ASSERT_EQ(::pipe2(read_only.data(), O_CLOEXEC), 0);
  StderrSink broken(clock, LogFormat::logfmt, {.descriptor = read_only[0]});
  broken.write("lost\n");
  while (broken.lost() < 1) std::this_thread::yield();
  EXPECT_EQ(broken.lost(), 1u);
  for (const int end : read_only) ::close(end);
}

TEST(StderrSinkDeathTest, LinesBeforeAFailedAssertionComeOut) {
  const auto crash = [] {
    const SimulatedClock clock;
    StderrSink sink(clock, LogFormat::logfmt);
    sink.write("said before\n");
    ASSERT(sink.lost() > 0);
  };
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(crash(), "said before");
}

TEST(StderrSinkDeathTest, AssertionThatNobodyReadsEndsTheProcessAllTheSame) {
  const auto crash = [] {
    std::array<int, 2> ends{};
    ::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK);
    while (::write(ends[1], "x", 1) == 1) continue;
    ::fcntl(ends[1], F_SETFL, ::fcntl(ends[1], F_GETFL) & ~O_NONBLOCK);
    ::dup2(ends[1], STDERR_FILENO);
    ASSERT(ends[0] < 0);
  };
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(crash(), ::testing::KilledBySignal(SIGALRM), "");
}

}  // namespace
}  // namespace promfleet
