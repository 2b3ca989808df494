#include "net/stream/deadline.h"

#include <gtest/gtest.h>

#include "core/os/simulated_clock.h"

namespace promfleet::net {
namespace {

class DeadlineTest : public ::testing::Test {
 protected:
  void pass(Duration time) { clock.advance(io, time); }
  BootTime in(Duration time) { return clock.now() + time; }

  asio::io_context io;
  SimulatedClock clock;
  int expiries = 0;
  Deadline deadline{clock, [this] { ++expiries; }};
};

TEST_F(DeadlineTest, ExpiresDuringAWait) {
  deadline.move_to(in(10s));
  const Deadline::Wait waiting(deadline);
  pass(9s);
  EXPECT_FALSE(deadline.expired());
  pass(1s);
  EXPECT_TRUE(deadline.expired());
  EXPECT_EQ(expiries, 1);
}

TEST_F(DeadlineTest, WaitsForTheLaterTimeWhenItIsMovedOn) {
  deadline.move_to(in(10s));
  const Deadline::Wait waiting(deadline);
  pass(9s);
  deadline.move_to(in(10s));
  pass(9s);
  EXPECT_EQ(expiries, 0);
  pass(1s);
  EXPECT_EQ(expiries, 1);
}

TEST_F(DeadlineTest, TakesAnEarlierTimeToo) {
  deadline.move_to(in(300s));
  const Deadline::Wait waiting(deadline);
  deadline.move_to(in(10s));
  pass(10s);
  EXPECT_EQ(expiries, 1);
}

TEST_F(DeadlineTest, DoesNotCountBetweenWaits) {
  deadline.move_to(in(10s));
  {
    const Deadline::Wait waiting(deadline);
  }
  pass(20s);
  EXPECT_FALSE(deadline.expired());
  const Deadline::Wait waiting(deadline);
  pass(0s);
  EXPECT_TRUE(deadline.expired());
}

TEST_F(DeadlineTest, AMoveForgivesAndNeverLifts) {
  deadline.move_to(in(10s));
  const Deadline::Wait waiting(deadline);
  pass(10s);
  deadline.move_to(kNever);
  EXPECT_FALSE(deadline.expired());
  pass(1000s);
  EXPECT_EQ(expiries, 1);
}

}  // namespace
}  // namespace promfleet::net
