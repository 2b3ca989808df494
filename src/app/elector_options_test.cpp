#include "app/elector_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet {
namespace {

using testing::HasSubstr;

// The least that the elector starts with, and what a case adds.
Result<std::optional<ElectorOptions>> parse_with(std::vector<std::string> more) {
  std::vector<std::string> arguments = {"-config=in.yaml", "-output=out.yaml", "-lease-name=lease",
                                        "-lease-namespace=ns", "-notify-http-url=http://127.0.0.1:9090/-/reload"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return parse_elector_options(arguments);
}

std::string error_with(std::vector<std::string> more) {
  const auto parsed = parse_with(std::move(more));
  return parsed ? "accepted" : parsed.error().message();
}

TEST(ElectorOptions, DefaultsAreThoseOfPrometheusElectorsReadme) {
  const auto options = parse_with({});
  ASSERT_TRUE(options && *options);
  EXPECT_EQ((*options)->lease_duration, 15s);
  EXPECT_EQ((*options)->lease_renew_deadline, 10s);
  EXPECT_EQ((*options)->lease_retry_period, 2s);
  EXPECT_EQ((*options)->api_listen_address, ":9095");
  EXPECT_EQ((*options)->backend(), LeaseBackend::kubernetes);
  EXPECT_FALSE((*options)->api_proxy_enabled);
}

TEST(ElectorOptions, HelpNamesEveryFlagAndIsNoError) {
  const auto options = parse_elector_options(std::vector<std::string>{"--help"});
  ASSERT_TRUE(options);
  EXPECT_FALSE(*options);
  EXPECT_THAT(elector_help(), HasSubstr("  -lease-duration duration\n"));
  EXPECT_THAT(elector_help(), HasSubstr("(default \":9095\")"));
}

TEST(ElectorOptions, InitNeedsOnlyThePaths) {
  EXPECT_TRUE(parse_elector_options(std::vector<std::string>{"-init", "-config=a", "-output=b"}));
  EXPECT_THAT(parse_elector_options(std::vector<std::string>{"-init", "-config=a"}).error().message(),
              HasSubstr("flag -output is required"));
}

TEST(ElectorOptions, MissingFlagIsNamedWithItsMeaning) {
  const std::vector<std::string> arguments = {"-config=a", "-output=b", "-notify-http-url=http://x/-/reload"};
  EXPECT_EQ(parse_elector_options(arguments).error().message(),
            "flag -lease-name is required: the lease that the members share");
}

TEST(ElectorOptions, LeaseTimesThatDoNotFitOneAnotherAreRefused) {
  EXPECT_EQ(error_with({"-lease-duration=10s"}),
            "flag -lease-renew-deadline: 10s must be less than -lease-duration (10s)");
  EXPECT_EQ(error_with({"-lease-retry-period=9s"}),
            "flag -lease-renew-deadline: 10s must be more than 1.2 times -lease-retry-period (9s)");
  EXPECT_EQ(error_with({"-lease-duration=1500ms"}),
            "flag -lease-duration: 1s500ms must be in whole seconds from 1s to 1h");
  EXPECT_EQ(error_with({"-lease-duration=2h"}), "flag -lease-duration: 2h must be in whole seconds from 1s to 1h");
  EXPECT_EQ(error_with({"-lease-duration=3s", "-lease-renew-deadline=2s", "-lease-retry-period=500ms"}), "accepted");
}

TEST(ElectorOptions, FlagsOfAnotherBackEndAreRefused) {
  EXPECT_EQ(error_with({"-lease-file=/x"}), "flag -lease-file goes with -lease-backend=file, not with kubernetes");
  EXPECT_EQ(error_with({"-lease-backend=etcd", "-kubeconfig=/x", "-etcd-endpoints=http://e"}),
            "flag -kubeconfig goes with -lease-backend=kubernetes, not with etcd");
  EXPECT_EQ(error_with({"-lease-backend=consul"}),
            "flag -lease-backend: \"consul\" is unknown: use kubernetes, etcd or file");
}

TEST(ElectorOptions, EtcdNeedsEndpointsAndPairs) {
  EXPECT_THAT(error_with({"-lease-backend=etcd"}), HasSubstr("flag -etcd-endpoints is required"));
  const std::string etcd = "-lease-backend=etcd";
  const std::string endpoints = "-etcd-endpoints=http://a:2379,https://b:2379";
  EXPECT_THAT(error_with({etcd, endpoints, "-etcd-cert=c"}), HasSubstr("-etcd-cert and -etcd-key go together"));
  EXPECT_THAT(error_with({etcd, endpoints, "-etcd-user=u"}), HasSubstr("go together"));
  EXPECT_EQ(error_with({etcd, endpoints}), "accepted");
}

TEST(ElectorOptions, FileBackEndNeedsNoLeaseName) {
  const std::vector<std::string> arguments = {"-config=a", "-output=b", "-notify-http-url=http://x/-/reload",
                                              "-lease-backend=file", "-lease-file=/x"};
  EXPECT_TRUE(parse_elector_options(arguments));
}

TEST(ElectorOptions, ValuesOutOfRangeAreRefused) {
  EXPECT_THAT(error_with({"-notify-http-url=127.0.0.1:9090"}), HasSubstr("is not an http:// or https:// URL"));
  EXPECT_THAT(error_with({"-notify-timeout=0s"}), HasSubstr("is not a positive duration"));
  EXPECT_THAT(error_with({"-healthcheck-failure-threshold=0"}), HasSubstr("use 1 or more"));
  EXPECT_THAT(error_with({"-api-proxy-enabled"}), HasSubstr("-api-proxy-prometheus-service-name is required"));
  EXPECT_THAT(error_with({"-log.format=xml"}), HasSubstr("use logfmt or json"));
  EXPECT_THAT(error_with({"-api-listen-address=9095"}), HasSubstr("has no port"));
  EXPECT_THAT(error_with({"stray"}), HasSubstr("unexpected argument \"stray\""));
}

TEST(ElectorOptions, RuntimeMetricsIsAccepted) {
  EXPECT_EQ(error_with({"-runtime-metrics"}), "accepted");
}

}  // namespace
}  // namespace promfleet
