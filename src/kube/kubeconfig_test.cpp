#include "kube/kubeconfig.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/simulated_file_system.h"

namespace promfleet::kube {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Kubeconfig : public testing::Test {
 protected:
  Kubeconfig() {
    write("/etc/k/ca.pem", "CA");
    write("/etc/k/user.pem", "CERTIFICATE");
    write("/etc/k/user.key", "KEY");
  }

  void write(const std::string& path, std::string_view text) { EXPECT_TRUE(files_.replace(path, text, 0600)); }

  Result<Access> load(std::string_view text) {
    write("/etc/k/config", text);
    return load_kubeconfig(files_, "/etc/k/config");
  }

  // One cluster, one user with these lines, one context.
  Result<Access> with(std::string_view cluster_lines, std::string_view user_lines) {
    return load(fmt::format(R"(
apiVersion: v1
kind: Config
current-context: main
contexts: [{{name: main, context: {{cluster: c, user: u, namespace: infra}}}}]
clusters:
- name: c
  cluster: {{server: "https://api.example:6443", {}}}
users:
- name: u
  user: {{{}}}
)",
                            cluster_lines, user_lines));
  }

  std::string error_of(const Result<Access>& access) { return access ? "no error" : access.error().message(); }

  SimulatedFileSystem files_;
};

TEST_F(Kubeconfig, ReadsServerAuthorityAndCertificateFromFilesBesideIt) {
  const Access access = with("certificate-authority: ca.pem, tls-server-name: kubernetes",
                             "client-certificate: user.pem, client-key: /etc/k/user.key")
                            .value();
  EXPECT_EQ(access.server, (http::Origin{.is_tls = true, .host = "api.example", .port = 6443}));
  EXPECT_EQ(access.base_path, "");
  EXPECT_EQ(access.tls.ca->text, "CA");
  EXPECT_EQ(access.tls.server_name, "kubernetes");
  EXPECT_EQ(access.tls.verification, net::PeerVerification::required);
  EXPECT_EQ(access.tls.identity->certificates.text, "CERTIFICATE");
  EXPECT_EQ(access.tls.identity->key.text, "KEY");
  EXPECT_EQ(access.credentials, Credentials(NoCredentials{}));
}

TEST_F(Kubeconfig, InlineDataGoesBeforeAFile) {
  const Access access = with("certificate-authority-data: SU5MSU5F, certificate-authority: missing.pem",
                             "client-certificate-data: SU5MSU5F, client-key-data: SU5MSU5F")
                            .value();
  EXPECT_EQ(access.tls.ca->text, "INLINE");
  EXPECT_EQ(access.tls.identity->key.text, "INLINE");
}

TEST_F(Kubeconfig, TakesAToken) {
  EXPECT_EQ(with("", "token: secret").value().credentials, Credentials(BearerToken{"secret"}));
}

TEST_F(Kubeconfig, TokenFileGoesBeforeATokenAndIsRelativeToTheKubeconfig) {
  EXPECT_EQ(with("", "token: old, tokenFile: token").value().credentials, Credentials(TokenFile{"/etc/k/token"}));
}

TEST_F(Kubeconfig, TakesAUserWithAPassword) {
  EXPECT_EQ(with("", "username: a, password: b").value().credentials, Credentials(UserPassword{"a", "b"}));
}

TEST_F(Kubeconfig, ContextWithoutUserIsNobody) {
  const Access access = load(R"(
current-context: main
contexts: [{name: main, context: {cluster: c}}]
clusters: [{name: c, cluster: {server: "http://127.0.0.1:8080/base/"}}])")
                            .value();
  EXPECT_EQ(access.server, (http::Origin{.is_tls = false, .host = "127.0.0.1", .port = 8080}));
  EXPECT_EQ(access.base_path, "/base");
  EXPECT_EQ(access.credentials, Credentials(NoCredentials{}));
}

TEST_F(Kubeconfig, CurrentContextChoosesAmongSeveral) {
  const Access access = load(R"(
current-context: two
contexts:
- {name: one, context: {cluster: a, user: a}}
- {name: two, context: {cluster: b, user: b}}
clusters:
- {name: a, cluster: {server: "https://a"}}
- {name: b, cluster: {server: "https://b"}}
users:
- {name: a, user: {token: a}}
- {name: b, user: {token: b}})")
                            .value();
  EXPECT_EQ(access.server.host, "b");
  EXPECT_EQ(access.credentials, Credentials(BearerToken{"b"}));
}

TEST_F(Kubeconfig, IsReadAsJsonToo) {
  const Access access = load(R"({"current-context": "m", "contexts": [{"name": "m", "context": {"cluster": "c"}}],
                                 "clusters": [{"name": "c", "cluster": {"server": "https://[::1]:6443"}}]})")
                            .value();
  EXPECT_EQ(access.server.host, "::1");
}

TEST_F(Kubeconfig, SkipsVerificationOnlyWhereItSaysSo) {
  EXPECT_EQ(with("insecure-skip-tls-verify: true", "")->tls.verification, net::PeerVerification::skipped);
  EXPECT_EQ(with("insecure-skip-tls-verify: false", "")->tls.verification, net::PeerVerification::required);
  EXPECT_THAT(error_of(with("insecure-skip-tls-verify: true, certificate-authority: ca.pem", "")),
              HasSubstr("contradict one another"));
}

TEST_F(Kubeconfig, ExecPluginIsRefusedByNameWithWhatToUseInstead) {
  const Result<Access> access = with("", "exec: {command: aws, apiVersion: client.authentication.k8s.io/v1}");
  EXPECT_EQ(access.error(), Error(Errc::unsupported,
                                  "/etc/k/config: user \"u\": exec: exec plugins are not run; use a client "
                                  "certificate, a token or a tokenFile, such as a service account's"));
}

TEST_F(Kubeconfig, WhatWouldChangeWhoOrWhereWeAreIsRefused) {
  EXPECT_THAT(error_of(with("", "auth-provider: {name: gcp}")), HasSubstr("auth-provider"));
  EXPECT_THAT(error_of(with("", "token: t, as: admin")), HasSubstr("impersonation"));
  EXPECT_THAT(error_of(with("proxy-url: 'http://proxy'", "")), HasSubstr("proxy-url"));
}

TEST_F(Kubeconfig, NameThatIsMissingOrDoubledIsNamed) {
  EXPECT_THAT(error_of(load("clusters: []")), HasSubstr("current-context is not set"));
  EXPECT_THAT(error_of(load("{current-context: x, contexts: [{name: a}, {name: b}]}")),
              HasSubstr("there is no context \"x\": there are a, b"));
  EXPECT_THAT(error_of(load("{current-context: x, contexts: [{name: x, context: {cluster: c}}]}")),
              HasSubstr("there is no cluster \"c\": there are none"));
  EXPECT_THAT(error_of(load("{current-context: x, contexts: [{name: x, context: {user: u}}]}")),
              HasSubstr("names no cluster"));
  EXPECT_THAT(error_of(load("current-context: x\ncontexts:\n- name: x\n- name: x\n")),
              HasSubstr("line 4, column 3: a second context \"x\""));
  EXPECT_THAT(error_of(load("{current-context: x, contexts: [{context: {}}]}")), HasSubstr("without a name"));
}

TEST_F(Kubeconfig, HalfACertificateOrTwoWaysToLogInAreErrors) {
  EXPECT_THAT(error_of(with("", "client-certificate: user.pem")), HasSubstr("one is missing"));
  EXPECT_THAT(error_of(with("", "token: t, username: a")), HasSubstr("give one of them"));
  EXPECT_THAT(error_of(with("", "password: a")), HasSubstr("without a username"));
}

TEST_F(Kubeconfig, FilesThatAreMissingAreNamed) {
  EXPECT_THAT(error_of(with("certificate-authority: gone.pem", "")), HasSubstr("/etc/k/gone.pem"));
  EXPECT_EQ(load_kubeconfig(files_, "/nowhere").error().code(), Errc::not_found);
}

TEST_F(Kubeconfig, SecretsAreNeverRepeatedInErrors) {
  for (const char* user : {"client-key-data: '%hunter2'", "hunter2: 1, hunter2: 2", "token: !hunter2 x",
                           "token: [hunter2]", "password: hunter2"}) {
    EXPECT_THAT(error_of(with("", user)), AllOf(Not(HasSubstr("hunter2")), Not("no error"))) << user;
  }
}

TEST_F(Kubeconfig, BrokenYamlIsAnErrorWithItsPosition) {
  EXPECT_THAT(error_of(load("clusters: [\n")), HasSubstr("/etc/k/config: line "));
  EXPECT_THAT(error_of(load("- a")), HasSubstr("expected a mapping"));
}

}  // namespace
}  // namespace promfleet::kube
