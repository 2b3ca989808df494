#include "kube/in_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/simulated_file_system.h"

namespace promfleet::kube {
namespace {

using ::testing::HasSubstr;

TEST(InCluster, UsesTheServiceAccountOfThePod) {
  SimulatedFileSystem files;
  ASSERT_TRUE(files.replace("/sa/ca.crt", "CA", 0600));
  const PodEnvironment pod{.service_host = "10.0.0.1", .service_port = "443", .service_account_folder = "/sa"};
  const Access access = in_cluster(files, pod).value();
  EXPECT_EQ(access.server, (http::Origin{.is_tls = true, .host = "10.0.0.1", .port = 443}));
  EXPECT_EQ(access.tls.ca->text, "CA");
  EXPECT_EQ(access.credentials, Credentials(TokenFile{"/sa/token"}));
}

TEST(InCluster, HostMayBeAnIPv6Address) {
  SimulatedFileSystem files;
  ASSERT_TRUE(files.replace("/sa/ca.crt", "CA", 0600));
  for (const char* host : {"fd00::1", "[fd00::1]"}) {
    const Access access =
        in_cluster(files, {.service_host = host, .service_port = "6443", .service_account_folder = "/sa"}).value();
    EXPECT_EQ(access.server, (http::Origin{.is_tls = true, .host = "fd00::1", .port = 6443}));
  }
}

TEST(InCluster, OutsideOfAPodItSaysWhatToGive) {
  SimulatedFileSystem files;
  const Error nowhere = in_cluster(files, {.service_host = "", .service_port = ""}).error();
  EXPECT_EQ(nowhere.code(), Errc::invalid_input);
  EXPECT_THAT(nowhere.message(), HasSubstr("-kubeconfig"));
  const Error no_account = in_cluster(files, {.service_host = "10.0.0.1", .service_port = "443"}).error();
  EXPECT_THAT(no_account.message(), HasSubstr("serviceaccount/ca.crt"));
  EXPECT_FALSE(in_cluster(files, {.service_host = "10.0.0.1", .service_port = "https"}));
}

}  // namespace
}  // namespace promfleet::kube
