#include "elector/config/leader_additions.h"

#include <gtest/gtest.h>

#include "codec/yaml/parse.h"

namespace promfleet::elector {
namespace {

std::string described(std::string_view text) {
  return describe_leader_additions(yaml::parse(text).value());
}

TEST(LeaderAdditions, ShowWhatIsNotSecretAsItWasWritten) {
  constexpr std::string_view kText =
      "remote_write:\n"
      "  - url: https://hub/api/v1/write\n"
      "    remote_timeout: 120s\n"
      "    name: \"on\"\n"
      "    basic_auth:\n"
      "      username: prom\n"
      "      password_file: /etc/password\n"
      "    authorization:\n"
      "      type: Bearer\n"
      "      credentials_file: /etc/token\n"
      "    tls_config:\n"
      "      key_file: /etc/tls.key\n";
  EXPECT_EQ(described(kText), kText);
}

TEST(LeaderAdditions, ValuesOfSecretKeysAreHidden) {
  for (const std::string_view key :
       {"password", "credentials", "bearer_token", "secret_key", "access_key", "oauth_token", "client_secret",
        "api_key", "token", "API-KEY", "passphrase", "key"}) {
    EXPECT_EQ(described(std::string(key) + ": !!str 'hush'"), std::string(key) + ": <secret>\n");
  }
  EXPECT_EQ(described("key: |\n  -----BEGIN PRIVATE KEY-----\n  hush\n"), "key: <secret>\n");
  EXPECT_EQ(described("a: [{password: {b: hush, c: [hush]}}]"),
            "a:\n  - password:\n      b: <secret>\n      c:\n        - <secret>\n");
  EXPECT_EQ(described("password:\nremote_write: null\n"), "password:\nremote_write: null\n");
}

TEST(LeaderAdditions, HeaderValuesAreHidden) {
  EXPECT_EQ(described("headers: {X-Api: hush}\nproxy_connect_header: {X-Api: [hush]}\n"),
            "headers:\n  X-Api: <secret>\nproxy_connect_header:\n  X-Api:\n    - <secret>\n");
  EXPECT_EQ(described("http_headers: {X-Api: {values: [hush], secrets: [hush], files: [/etc/x]}}"),
            "http_headers:\n  X-Api:\n    values:\n      - <secret>\n    secrets:\n      - <secret>\n"
            "    files:\n      - /etc/x\n");
  EXPECT_EQ(described("headers: {files: hush}"), "headers:\n  files: <secret>\n") << "a header of that name";
}

TEST(LeaderAdditions, UserInformationAndQueryOfUrlsAreHidden) {
  EXPECT_EQ(described("url: https://user:hush@hub:8080/write?token=hush"),
            "url: https://<secret>@hub:8080/write?<secret>\n");
  EXPECT_EQ(described("proxy_url: 'http://hush@proxy'"), "proxy_url: 'http://<secret>@proxy'\n");
  EXPECT_EQ(described("targets: ['http://a/?x=hush']"), "targets:\n  - 'http://a/?<secret>'\n");
  EXPECT_EQ(described("url: http://u:hu/sh?hu@sh@hub/x"), "url: http://<secret>@hub/x\n") << "a password not escaped";
  EXPECT_EQ(described("regex: a@b?c"), "regex: a@b?c\n") << "not a URL";
}

}  // namespace
}  // namespace promfleet::elector
