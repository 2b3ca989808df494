#include "codec/json/line_reader.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::json {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kTwoObjects = "{\"a\":1}\n\n{\"a\":2}\r\n";

Result<> ignore(const Object&) {
  return {};
}

TEST(JsonLineReader, FindsObjectsHoweverTheBytesArrive) {
  for (std::size_t piece_bytes = 1; piece_bytes <= kTwoObjects.size(); ++piece_bytes) {
    LineReader reader(100);
    std::vector<std::int64_t> found;
    for (std::size_t at = 0; at < kTwoObjects.size(); at += piece_bytes) {
      EXPECT_TRUE(reader.take(kTwoObjects.substr(at, piece_bytes), [&](const Object& object) -> Result<> {
        found.push_back(object.at("a").as_int64());
        return {};
      }));
    }
    EXPECT_THAT(found, ElementsAre(1, 2)) << piece_bytes;
  }
}

TEST(JsonLineReader, StopsAtTheFirstObjectThatIsRefused) {
  LineReader reader(100);
  int seen = 0;
  const Result<> taken = reader.take(kTwoObjects, [&](const Object&) -> Result<> {
    ++seen;
    return fail(Errc::unavailable, "enough");
  });
  EXPECT_EQ(taken.error().message(), "enough");
  EXPECT_EQ(seen, 1);
}

TEST(JsonLineReader, RefusesALineThatIsNoObject) {
  for (const char* line : {"nonsense\n", "[]\n", "{\n"}) {
    EXPECT_EQ(LineReader(100).take(line, ignore).error().code(), Errc::protocol) << line;
  }
}

TEST(JsonLineReader, LineHasALimit) {
  LineReader reader(4);
  EXPECT_TRUE(reader.take("   \n    ", ignore));
  EXPECT_EQ(reader.take(" ", ignore).error().code(), Errc::limit_exceeded);
}

}  // namespace
}  // namespace promfleet::json
