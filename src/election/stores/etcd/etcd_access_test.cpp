#include "election/stores/etcd/etcd_access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/simulated_file_system.h"

namespace promfleet::election {
namespace {

using ::testing::HasSubstr;

class EtcdAccessTest : public testing::Test {
 protected:
  EtcdAccessTest() {
    for (const char* path : {"/ca", "/cert", "/key"}) EXPECT_TRUE(files_.replace(path, path, 0600));
  }

  std::string error_of(const EtcdFlags& flags) {
    const Result<EtcdAccess> access = read_etcd_access(files_, flags);
    return access ? "no error" : access.error().message();
  }

  SimulatedFileSystem files_;
};

TEST_F(EtcdAccessTest, TakesSeveralEndpoints) {
  const EtcdAccess access = read_etcd_access(files_, {.endpoints = "http://a:2379,https://[::1]:2380"}).value();
  EXPECT_EQ(access.endpoints, (std::vector<http::Origin>{{.is_tls = false, .host = "a", .port = 2379},
                                                         {.is_tls = true, .host = "::1", .port = 2380}}));
  EXPECT_FALSE(access.login);
}

TEST_F(EtcdAccessTest, ReadsCertificatesAndNotThePassword) {
  const EtcdAccess access = read_etcd_access(files_, {.endpoints = "https://a:2379",
                                                      .cacert = "/ca",
                                                      .cert = "/cert",
                                                      .key = "/key",
                                                      .user = "elector",
                                                      .password_file = "/not/yet"})
                                .value();
  EXPECT_EQ(access.tls.ca->text, "/ca");
  EXPECT_EQ(access.tls.identity->key.text, "/key");
  EXPECT_EQ(access.login->password_file, "/not/yet");
}

TEST_F(EtcdAccessTest, NamesTheFlagThatIsWrong) {
  EXPECT_THAT(error_of({}), HasSubstr("-etcd-endpoints is missing"));
  EXPECT_THAT(error_of({.endpoints = "a:2379"}), HasSubstr("-etcd-endpoints: the URL \"a:2379\""));
  EXPECT_THAT(error_of({.endpoints = "http://a:2379/v3"}), HasSubstr("has a path"));
  EXPECT_THAT(error_of({.endpoints = "http://a", .cacert = "/ca"}), HasSubstr("https://"));
  EXPECT_THAT(error_of({.endpoints = "https://a", .cert = "/cert"}), HasSubstr("-etcd-key"));
  EXPECT_THAT(error_of({.endpoints = "https://a", .user = "u"}), HasSubstr("-etcd-password-file"));
  EXPECT_THAT(error_of({.endpoints = "https://a", .cacert = "/gone"}), HasSubstr("-etcd-cacert: open /gone"));
}

}  // namespace
}  // namespace promfleet::election
