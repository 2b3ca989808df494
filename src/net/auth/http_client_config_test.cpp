#include "net/auth/http_client_config.h"

#include <gmock/gmock.h>

#include "codec/base64/base64.h"
#include "core/base/try.h"
#include "core/os/simulated_file_system.h"
#include "net/auth/secret_fields.h"

namespace promfleet::auth {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class HttpClientConfigTest : public testing::Test {
 protected:
  HttpClientConfigTest() {
    put("/etc/token", "t0ken\n");
    put("/etc/secrets/password", "  hunter2\r\n");
  }

  void put(const std::string& path, const std::string& text) { EXPECT_TRUE(files_.replace(path, text, 0600)); }

  Result<HttpClientConfig> load(const std::string& text, net::Transport transport = net::Transport::tcp) {
    put("/etc/http.yml", text);
    Sources sources(files_);
    return load_http_client_config(sources, "/etc/http.yml", transport, {});
  }

  std::string error_of(const std::string& text) {
    const Result<HttpClientConfig> config = load(text);
    return config ? "no error" : config.error().message();
  }

  // The Authorization that a request leaves with.
  std::string authorization(const std::string& text) {
    const Result<HttpClientConfig> config = load(text);
    if (!config) return config.error().message();
    http::Request request;
    config->apply_to(request);
    return std::string(request.fields.find("Authorization").value_or("none"));
  }

  SimulatedFileSystem files_;
};

TEST_F(HttpClientConfigTest, EmptyFileLeavesRequestsAsTheyAre) {
  http::Request request;
  request.fields.add("Authorization", "Basic client");
  load("")->apply_to(request);
  EXPECT_EQ(request.fields.find("Authorization"), "Basic client");
}

TEST_F(HttpClientConfigTest, ConfiguredCredentialsReplaceTheClients) {
  http::Request request;
  request.fields.add("authorization", "Basic client");
  load("authorization: {credentials: abc}")->apply_to(request);
  EXPECT_EQ(request.fields.find("Authorization"), "Bearer abc");
  EXPECT_EQ(request.fields.size(), 1u);
}

TEST_F(HttpClientConfigTest, EachWayToGiveCredentialsIsRead) {
  EXPECT_EQ(authorization("basic_auth: {username: alice, password: secret}"),
            "Basic " + base64::encode("alice:secret"));
  EXPECT_EQ(authorization("basic_auth: {username: alice, password_file: secrets/password}"),
            "Basic " + base64::encode("alice:hunter2"));
  EXPECT_EQ(authorization("basic_auth: {username_file: /etc/token}"), "Basic " + base64::encode("t0ken:"));
  EXPECT_EQ(authorization("authorization: {credentials_file: token}"), "Bearer t0ken");
  EXPECT_EQ(authorization("authorization: {type: ' Token ', credentials: abc}"), "Token abc");
  EXPECT_EQ(authorization("bearer_token: abc"), "Bearer abc");
  EXPECT_EQ(authorization("bearer_token_file: token"), "Bearer t0ken");
  EXPECT_EQ(authorization("authorization: {}"), "none");
}

TEST_F(HttpClientConfigTest, TwoWaysAtOnceAreRefused) {
  EXPECT_THAT(error_of("bearer_token: a\nbasic_auth: {username: a}"), HasSubstr("only one of"));
  EXPECT_THAT(error_of("authorization: {credentials: a, credentials_file: token}"),
              HasSubstr("line 1, column 33: give credentials or credentials_file, not both"));
  EXPECT_THAT(error_of("authorization: {type: basic, credentials: a}"), HasSubstr("basic_auth"));
}

TEST_F(HttpClientConfigTest, WhatIsNotSupportedIsRefusedByName) {
  EXPECT_THAT(error_of("oauth2: {client_id: x}"), HasSubstr("line 1, column 1: oauth2 is not supported"));
  for (const std::string key : {"proxy_url", "no_proxy", "proxy_from_environment", "proxy_connect_header"}) {
    EXPECT_THAT(error_of("follow_redirects: true\n" + key + ": x"), HasSubstr("line 2, column 1: " + key));
  }
}

TEST_F(HttpClientConfigTest, WhatChangesNothingIsAccepted) {
  EXPECT_EQ(error_of("follow_redirects: false\nenable_http2: true"), "no error");
  EXPECT_THAT(error_of("enable_http2: maybe"), HasSubstr("expected true or false"));
}

TEST_F(HttpClientConfigTest, HeadersAreSetFromValuesSecretsAndFiles) {
  const Result<HttpClientConfig> config = load(R"(
http_headers:
  X-Scope-OrgID: {values: [a, b]}
  X-Key: {secrets: [s3cret], files: [token]}
)");
  ASSERT_TRUE(config) << config.error().message();
  http::Request request;
  request.fields.add("x-key", "the client's");
  config->apply_to(request);
  std::vector<std::string> fields;
  for (const http::Field field : request.fields)
    fields.push_back(std::string(field.name) + "=" + std::string(field.value));
  EXPECT_THAT(fields, testing::ElementsAre("X-Scope-OrgID=a", "X-Scope-OrgID=b", "X-Key=s3cret", "X-Key=t0ken"));
}

TEST_F(HttpClientConfigTest, HeadersThatBelongToHttpAreRefused) {
  EXPECT_THAT(error_of("http_headers: {host: {values: [a]}}"), HasSubstr("host cannot be set here"));
  EXPECT_THAT(error_of("http_headers: {Transfer-Encoding: {values: [chunked]}}"), HasSubstr("cannot be set here"));
  EXPECT_THAT(error_of("http_headers: {x-promfleet-token: {values: [a]}}"), HasSubstr("cannot be set here"));
  EXPECT_THAT(error_of("http_headers: {'a b': {values: [a]}}"), HasSubstr("not the name of a header field"));
}

TEST_F(HttpClientConfigTest, SecretWithALineBreakIsRefused) {
  put("/etc/token", "one\ntwo\n");
  EXPECT_THAT(error_of("bearer_token_file: token"), HasSubstr("/etc/token has a line break"));
}

TEST_F(HttpClientConfigTest, MissingFileIsNamed) {
  EXPECT_THAT(error_of("bearer_token_file: nowhere"),
              AllOf(HasSubstr("/etc/http.yml"), HasSubstr("bearer_token_file"), HasSubstr("/etc/nowhere")));
}

TEST_F(HttpClientConfigTest, NoErrorRepeatsASecret) {
  for (const std::string text :
       {"basic_auth: {username: a, password:hunter2}", "basic_auth: {username: a, hunter2: b}",
        "basic_auth: {password: !hunter2 x}", "basic_auth: {password: [hunter2]}", "basic_auth: hunter2",
        "bearer_token: {hunter2: 1}", "bearer_token: 'hunter2", "bearer_token: *hunter2",
        "authorization: {type: hunter2 x}", "authorization: {credentials: \"hunter2\\n.\"}",
        "http_headers: {X: {secrets: [\"hunter2\\0\"]}}", "http_headers: {X: {secrets: [!hunter2 a]}}",
        "http_headers: {'hunter 2 hunter2': {}}", "basic_auth: {hunter2: 1, hunter2: 2}"}) {
    EXPECT_THAT(error_of(text), AllOf(Not(HasSubstr("hunter2")), Not("no error"))) << text;
  }
}

TEST_F(HttpClientConfigTest, TlsSectionIsReadStrictly) {
  EXPECT_EQ(error_of("tls_config: {insecure_skip_verify: true, server_name: x, min_version: TLS12}"), "no error");
  EXPECT_THAT(error_of("tls_config: {min_version: TLS9}"), HasSubstr("min_version is one of TLS10"));
  EXPECT_THAT(error_of("tls_config: {min_version: TLS13, max_version: TLS12}"), HasSubstr("above max_version"));
  EXPECT_THAT(error_of("tls_config: {cert: x}"), HasSubstr("needs its key"));
  EXPECT_THAT(error_of("tls_config: {key: x}"), HasSubstr("needs its cert"));
  EXPECT_THAT(error_of("tls_config: {ca_file: x, ca: y}"), HasSubstr("give ca or ca_file"));
  EXPECT_THAT(error_of("tls_config: {next_protos: [h2]}"), HasSubstr("unknown key"));
}

TEST_F(HttpClientConfigTest, ContextIsMadeForTlsOnly) {
  EXPECT_FALSE(load("tls_config: {insecure_skip_verify: true}")->tls);
  const Result<HttpClientConfig> broken = load("tls_config: {ca: no certificate}", net::Transport::tls);
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message(), HasSubstr("/etc/http.yml"));
}

// An entry of a list that has keys of its own beside those of the client.
class HttpClientEntryTest : public testing::Test {
 protected:
  HttpClientEntryTest() { EXPECT_TRUE(files_.replace("/etc/token", "t0ken\n", 0600)); }

  Result<HttpClientConfig> read(const std::string& text) {
    TRY_ASSIGN(const yaml::Node document, parse_secretive(text));
    TRY_ASSIGN(const yaml::Fields entry, yaml::Fields::of(document));
    TRY(check_http_client_keys(entry, {"url", "headers"}));
    Sources sources(files_);
    TRY_ASSIGN(HttpClientConfig config,
               parse_http_client_config(entry, {.sources = sources, .folder = "/etc"}, net::Transport::tcp, {}));
    TRY_ASSIGN(const yaml::Fields headers, entry.fields("headers"));
    TRY(add_plain_headers(headers, config));
    return config;
  }

  std::string error_of(const std::string& text) {
    const Result<HttpClientConfig> config = read(text);
    return config ? "no error" : config.error().message();
  }

  SimulatedFileSystem files_;
};

TEST_F(HttpClientEntryTest, ClientsPartIsReadBesideOtherKeys) {
  const Result<HttpClientConfig> config = read(R"(
url: http://hub/write
bearer_token_file: token
headers: {X-Scope-OrgID: team, X-Number: 7}
)");
  ASSERT_TRUE(config) << config.error().message();
  http::Request request;
  config->apply_to(request);
  EXPECT_EQ(request.fields.find("Authorization"), "Bearer t0ken");
  EXPECT_EQ(request.fields.find("X-Scope-OrgID"), "team");
  EXPECT_EQ(request.fields.find("X-Number"), "7");
}

TEST_F(HttpClientEntryTest, KeyThatNeitherKnowsIsRefusedAndAllAreNamed) {
  EXPECT_EQ(error_of("url: x\nhunter2: y"),
            "line 2, column 1: unknown key; known are url, headers, basic_auth, authorization, bearer_token, "
            "bearer_token_file, tls_config, http_headers, follow_redirects, enable_http2");
  EXPECT_THAT(error_of("url: x\noauth2: {}"), HasSubstr("line 2, column 1: oauth2 is not supported"));
}

TEST_F(HttpClientEntryTest, PlainHeadersThatBelongToOthersAreRefused) {
  for (const std::string name : {"authorization", "Content-Type", "X-Prometheus-Remote-Write-Version",
                                 "X-Promfleet-Group", "x-promfleet-anything"}) {
    EXPECT_EQ(error_of("headers: {" + name + ": a}"), "line 1, column 11: " + name + " cannot be set here");
  }
  EXPECT_THAT(error_of("headers: {'a b': c}"), HasSubstr("not the name of a header field"));
}

TEST_F(HttpClientEntryTest, PlainHeadersAreReadStrictlyAndNeverRepeated) {
  for (const std::string text : {"headers: [hunter2]", "headers: {X: [hunter2]}", "headers: {X: !hunter2 a}",
                                 "headers: {X: {hunter2: a}}", "headers: {X: \"hunter2\\n.\"}", "headers: hunter2"}) {
    EXPECT_THAT(error_of(text), AllOf(Not(HasSubstr("hunter2")), Not("no error"))) << text;
  }
}

}  // namespace
}  // namespace promfleet::auth
