#include "kube/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::kube {
namespace {

using ::testing::HasSubstr;

const ObjectName kLease{.type = kLeases, .name_space = "infra", .name = "prometheus"};

Error error_of(Verb verb, int code, std::string_view body) {
  return to_error(verb, kLease, read_status(code, body, {}));
}

TEST(KubeStatus, ForbiddenByRbacSaysWhoNeedsWhat) {
  const Error error = error_of(
      Verb::create, 403,
      R"({"kind": "Status", "message": "leases.coordination.k8s.io is forbidden: User \"system:serviceaccount:infra:x\" )"
      R"(cannot create resource \"leases\" in API group \"coordination.k8s.io\" in the namespace \"infra\"",)"
      R"( "reason": "Forbidden", "code": 403})");
  EXPECT_EQ(error, Error(Errc::forbidden,
                         "create leases/prometheus in namespace infra: RBAC denies it to "
                         "system:serviceaccount:infra:x; its Role needs the verb create on leases of "
                         "coordination.k8s.io (all that is used: get, list, watch, create, update)"));
}

TEST(KubeStatus, ForbiddenByAnybodyElseSaysWhatTheServerSays) {
  const Error error =
      error_of(Verb::create, 403, R"({"kind": "Status", "reason": "Forbidden", "message": "the namespace is ending"})");
  EXPECT_EQ(error.message(), "create leases/prometheus in namespace infra: the namespace is ending");
}

TEST(KubeStatus, NotFoundIsAboutTheObjectItself) {
  const auto not_found = [](std::string_view kind, std::string_view name) {
    return error_of(Verb::get, 404,
                    fmt::format(R"({{"kind": "Status", "reason": "NotFound", "message": "{0} \"{1}\" not found",
                                   "details": {{"kind": "{0}", "name": "{1}"}}}})",
                                kind, name))
        .code();
  };
  EXPECT_EQ(not_found("leases", "prometheus"), Errc::not_found);
  EXPECT_EQ(not_found("namespaces", "infra"), Errc::protocol);
  EXPECT_EQ(error_of(Verb::get, 404, "404 page not found\n").code(), Errc::protocol) << "another server";
}

TEST(KubeStatus, FailedWriteMayHaveBeenStored) {
  EXPECT_EQ(error_of(Verb::get, 500, "").code(), Errc::unavailable);
  EXPECT_EQ(error_of(Verb::update, 500, "").code(), Errc::unreachable);
  EXPECT_EQ(error_of(Verb::update, 504, "").code(), Errc::unreachable);
  EXPECT_EQ(error_of(Verb::update, 429, "").code(), Errc::unavailable) << "was not even begun";
}

TEST(KubeStatus, EachAnswerHasItsCode) {
  EXPECT_EQ(error_of(Verb::get, 401, "").code(), Errc::unauthorized);
  EXPECT_EQ(error_of(Verb::update, 409, "").code(), Errc::conflict);
  EXPECT_EQ(error_of(Verb::create, 422, "").code(), Errc::invalid_input);
  EXPECT_EQ(error_of(Verb::get, 302, "").code(), Errc::protocol);
}

TEST(KubeStatus, TextOfAProxyIsShownByItsFirstLine) {
  EXPECT_THAT(error_of(Verb::get, 502, "<html>\n<body>").message(), HasSubstr("502 Bad Gateway: <html>"));
  EXPECT_THAT(error_of(Verb::get, 503, R"({"kind":"Status","message":"etcd is slow"})").message(),
              HasSubstr(": 503: etcd is slow"));
  EXPECT_LT(error_of(Verb::get, 502, std::string(100'000, 'x')).message().size(), 700u);
}

TEST(KubeStatus, PathsAreEscaped) {
  EXPECT_EQ(object_path(kLease), "/apis/coordination.k8s.io/v1/namespaces/infra/leases/prometheus");
  EXPECT_EQ(percent_encoded("a/../b?c d"), "a%2F..%2Fb%3Fc%20d");
}

}  // namespace
}  // namespace promfleet::kube
