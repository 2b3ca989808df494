#include "kube/authorization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/simulated_file_system.h"

namespace promfleet::kube {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;

class AuthorizationTest : public testing::Test {
 protected:
  void write(std::string_view token) { ASSERT_TRUE(files_.replace("/token", token, 0600)); }

  SimulatedFileSystem files_;
};

TEST_F(AuthorizationTest, EachKindOfCredentialsHasItsField) {
  EXPECT_EQ(Authorization(files_, NoCredentials{}).field().value(), std::nullopt);
  EXPECT_THAT(Authorization(files_, BearerToken{"abc"}).field().value(), Optional<std::string>("Bearer abc"));
  EXPECT_THAT(Authorization(files_, UserPassword{"a", "b"}).field().value(), Optional<std::string>("Basic YTpi"));
}

TEST_F(AuthorizationTest, RotatedTokenIsUsedAtOnce) {
  Authorization authorization(files_, TokenFile{"/token"});
  write("one\n");
  EXPECT_THAT(authorization.field().value(), Optional<std::string>("Bearer one"));
  write("two\n");
  EXPECT_THAT(authorization.field().value(), Optional<std::string>("Bearer two"));
}

TEST_F(AuthorizationTest, TokenFileThatIsBrokenForAMomentChangesNothing) {
  Authorization authorization(files_, TokenFile{"/token"});
  write("one");
  ASSERT_TRUE(authorization.field());
  write("");
  EXPECT_THAT(authorization.field().value(), Optional<std::string>("Bearer one"));
  files_.fail_reads("/token", Error(Errc::io_failed, "read /token: Input/output error"));
  EXPECT_THAT(authorization.field().value(), Optional<std::string>("Bearer one"));
}

TEST_F(AuthorizationTest, WithoutAnyTokenTheFileIsNamed) {
  Authorization authorization(files_, TokenFile{"/token"});
  EXPECT_EQ(authorization.field().error().code(), Errc::unauthorized);
  EXPECT_THAT(authorization.field().error().message(), HasSubstr("/token"));
  write("hunter2\r\nX-Injected: 1");
  EXPECT_THAT(authorization.field().error().message(), AllOf(HasSubstr("/token"), Not(HasSubstr("hunter2"))));
}

}  // namespace
}  // namespace promfleet::kube
