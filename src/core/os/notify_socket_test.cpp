#include "core/os/notify_socket.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/notify_socket_testing.h"
#include "core/os/temporary_folder.h"

namespace promfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class NotifySocketTest : public testing::Test {
 protected:
  NotifySocket open(const std::string& address) { return NotifySocket::open(executor_, address).value(); }

  asio::io_context io_;
  Executor executor_ = io_.get_executor();
  TemporaryFolder folder_;
};

TEST_F(NotifySocketTest, EachMessageIsOneDatagram) {
  NotifyListener manager(executor_, folder_.path() + "/notify");
  NotifySocket socket = open(folder_.path() + "/notify");
  ASSERT_TRUE(socket.send("READY=1\nSTATUS=leads"));
  ASSERT_TRUE(socket.send("WATCHDOG=1"));
  EXPECT_THAT(manager.heard(), ElementsAre("READY=1\nSTATUS=leads", "WATCHDOG=1"));
}

TEST_F(NotifySocketTest, AbstractSocketIsReached) {
  const std::string address = "@promfleet-test-" + std::to_string(getpid());
  NotifyListener manager(executor_, address);
  ASSERT_TRUE(open(address).send("READY=1"));
  EXPECT_THAT(manager.heard(), ElementsAre("READY=1"));
}

TEST_F(NotifySocketTest, ManagerThatIsBackHearsWhatComesThen) {
  const std::string path = folder_.path() + "/notify";
  NotifySocket socket = open(path);
  EXPECT_EQ(socket.send("READY=1").error().code(), Errc::not_found);
  NotifyListener manager(executor_, path);
  ASSERT_TRUE(socket.send("READY=1"));
  EXPECT_THAT(manager.heard(), ElementsAre("READY=1"));
}

TEST_F(NotifySocketTest, ManagerThatDoesNotReadIsNotWaitedFor) {
  NotifyListener manager(executor_, folder_.path() + "/notify");
  NotifySocket socket = open(folder_.path() + "/notify");
  Result<> sent;
  while (sent) sent = socket.send("WATCHDOG=1");
  EXPECT_EQ(sent.error().code(), Errc::unavailable);
  EXPECT_FALSE(manager.heard().empty());
  EXPECT_TRUE(socket.send("WATCHDOG=1"));
}

TEST_F(NotifySocketTest, AddressOfAnotherKindIsRefused) {
  for (const char* address : {"", "/", "@", "notify", "vsock:2:1234"}) {
    const Result<NotifySocket> socket = NotifySocket::open(executor_, address);
    ASSERT_FALSE(socket) << address;
    EXPECT_EQ(socket.error().code(), Errc::invalid_input) << address;
  }
  const Result<NotifySocket> socket = NotifySocket::open(executor_, "/" + std::string(107, 'x'));
  ASSERT_FALSE(socket);
  EXPECT_THAT(socket.error().message(), HasSubstr("longer than"));
}

}  // namespace
}  // namespace promfleet
