#include "net/auth/web_config.h"

#include <gmock/gmock.h>

#include "core/os/simulated_file_system.h"
#include "net/tls/testing.h"

namespace promfleet::auth {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kHash = "$2b$04$pmdJT0TG6ru4MAnrTmY2pur1i.UnxmPw5FfbNsKoLwss1OXJGYKTm";

class WebConfigTest : public testing::Test {
 protected:
  Result<WebConfig> load(const std::string& text) {
    EXPECT_TRUE(files_.replace("/etc/web.yml", text, 0600));
    Sources sources(files_);
    return load_web_config(sources, "/etc/web.yml");
  }

  std::string error_of(const std::string& text) {
    const Result<WebConfig> config = load(text);
    return config ? "no error" : config.error().message();
  }

  SimulatedFileSystem files_;
};

TEST_F(WebConfigTest, EmptyFileProtectsNothing) {
  for (const std::string text : {"", "# nothing\n", "basic_auth_users:\ntls_server_config: {}\n"}) {
    const Result<WebConfig> config = load(text);
    ASSERT_TRUE(config) << text;
    EXPECT_FALSE(config->tls);
    EXPECT_TRUE(config->users.empty());
    EXPECT_FALSE(config->authenticates);
  }
}

TEST_F(WebConfigTest, MissingFileIsAnError) {
  Sources sources(files_);
  EXPECT_EQ(load_web_config(sources, "/etc/web.yml").error().code(), Errc::not_found);
}

TEST_F(WebConfigTest, UsersAreReadWithTheirHashes) {
  const Result<WebConfig> config = load("basic_auth_users:\n  alice: " + std::string(kHash) + "\n");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->users.at("alice").text(), kHash);
  EXPECT_TRUE(config->authenticates);
}

TEST_F(WebConfigTest, PasswordThatIsNotHashedIsRefusedWithoutBeingRepeated) {
  EXPECT_THAT(error_of("basic_auth_users:\n  alice: hunter2\n"),
              AllOf(HasSubstr("/etc/web.yml: line 2, column 10"), HasSubstr("alice"), HasSubstr("htpasswd"),
                    Not(HasSubstr("hunter2"))));
}

TEST_F(WebConfigTest, SettableFieldsAreAddedAndBlankOnesAreNot) {
  const Result<WebConfig> config = load(R"(
http_server_config:
  http2: true
  headers:
    Content-Security-Policy: "default-src 'self'"
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: ""
    Strict-Transport-Security:
)");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->response_fields.size(), 3u);
  EXPECT_EQ(config->response_fields.find("X-Frame-Options"), "deny");
}

TEST_F(WebConfigTest, OtherFieldsAndValuesAreRefused) {
  const std::string start = "http_server_config:\n  headers:\n    ";
  EXPECT_THAT(error_of(start + "Server: x\n"), HasSubstr("line 3, column 5: \"Server\" cannot be set"));
  EXPECT_THAT(error_of(start + "X-Frame-Options: allow\n"), HasSubstr("deny or sameorigin"));
  EXPECT_THAT(error_of(start + "X-Content-Type-Options: sniff\n"), HasSubstr("nosniff"));
}

TEST_F(WebConfigTest, UnknownKeysAreRefusedWithTheirPosition) {
  EXPECT_THAT(error_of("tls_server_config:\n  cert_fil: x\n"), HasSubstr("line 2, column 3: unknown key; known are"));
  EXPECT_THAT(error_of("users: {}\n"), HasSubstr("line 1, column 1: unknown key"));
  EXPECT_THAT(error_of("http_server_config: {http3: true}\n"), HasSubstr("unknown key"));
}

TEST_F(WebConfigTest, RateLimitIsRefusedByName) {
  EXPECT_THAT(error_of("rate_limit: {interval: 1s}\n"), HasSubstr("line 1, column 1: rate_limit is not supported"));
}

class WebConfigTlsTest : public WebConfigTest {
 protected:
  WebConfigTlsTest() {
    const net::TestAuthority authority("authority");
    const net::TlsIdentity identity = authority.issue({});
    put("/etc/server.crt", identity.certificates.text);
    put("/etc/../run/server.key", identity.key.text);  // as `section` spells it
    put("/run/server.key", identity.key.text);
    put("/etc/ca.crt", authority.certificate().text);
  }

  void put(const std::string& path, const std::string& text) { EXPECT_TRUE(files_.replace(path, text, 0600)); }

  // A section that serves TLS, and `more` of it.
  static std::string section(const std::string& more) {
    return "tls_server_config: {cert_file: server.crt, key_file: ../run/server.key, " + more + "}\n";
  }
  static std::string indented(std::string text) {
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
      text.insert(at + 1, "    ");
    }
    return "|\n    " + text + "\n";
  }
};

TEST_F(WebConfigTlsTest, FilesAreReadFromTheFolderOfTheConfiguration) {
  const Result<WebConfig> config = load(section(""));
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_TRUE(config->tls);
  EXPECT_FALSE(config->authenticates);
}

TEST_F(WebConfigTlsTest, CertificateAndKeyMayStandInTheConfiguration) {
  const Result<WebConfig> config =
      load("tls_server_config:\n  cert: " + indented(files_.read("/etc/server.crt", 1 << 20).value()) +
           "  key: " + indented(files_.read("/run/server.key", 1 << 20).value()));
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_TRUE(config->tls);
}

TEST_F(WebConfigTlsTest, CertificateAndKeyBelongTogether) {
  EXPECT_THAT(error_of("tls_server_config: {cert_file: server.crt}"), HasSubstr("needs its key"));
  EXPECT_THAT(error_of("tls_server_config: {key_file: /run/server.key}"), HasSubstr("needs its cert"));
  EXPECT_THAT(error_of("tls_server_config: {min_version: TLS13}"), HasSubstr("needs cert"));
  EXPECT_THAT(error_of("tls_server_config: {cert_file: ca.crt, key_file: /run/server.key}"), HasSubstr("/etc/web.yml"));
  EXPECT_THAT(error_of("tls_server_config: {cert: x, cert_file: server.crt, key_file: /run/server.key}"),
              HasSubstr("give cert or cert_file, not both"));
  EXPECT_THAT(error_of("tls_server_config: {cert_file: nowhere.crt, key_file: /run/server.key}"),
              HasSubstr("cert_file: open /etc/nowhere.crt"));
}

TEST_F(WebConfigTlsTest, ClientsAreAuthenticatedByCertificateWhereOneIsVerified) {
  const Result<WebConfig> config = load(section(
      "client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt, client_allowed_sans: [client.example]"));
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_TRUE(config->authenticates);
  EXPECT_FALSE(load(section("client_auth_type: RequireAnyClientCert"))->authenticates);
}

TEST_F(WebConfigTlsTest, CheckThatWouldNeverBeMadeIsRefused) {
  EXPECT_THAT(error_of(section("client_ca_file: ca.crt")), HasSubstr("checks nobody"));
  EXPECT_THAT(error_of(section("client_auth_type: RequireAndVerifyClientCert")), HasSubstr("needs client_ca"));
  EXPECT_THAT(error_of(section("client_auth_type: RequestClientCert, client_allowed_sans: [a]")),
              HasSubstr("client_allowed_sans needs"));
  EXPECT_THAT(error_of(section("client_auth_type: RequireAnyClientCert, client_allowed_sans: []")),
              HasSubstr("allows nobody"));
}

TEST_F(WebConfigTlsTest, UnknownNamesAreRefused) {
  EXPECT_THAT(error_of(section("client_auth_type: Require")), HasSubstr("client_auth_type is one of NoClientCert"));
  EXPECT_THAT(error_of(section("min_version: SSL3")), HasSubstr("min_version is one of TLS10"));
  EXPECT_THAT(error_of(section("cipher_suites: [TLS_RSA_WITH_NULL]")), HasSubstr("TLS_RSA_WITH_NULL"));
  EXPECT_THAT(error_of(section("curve_preferences: [P256]")), HasSubstr("P256"));
}

TEST_F(WebConfigTlsTest, KnownNamesAreAccepted) {
  EXPECT_EQ(error_of(section("min_version: TLS10, max_version: TLS13, prefer_server_cipher_suites: false, "
                             "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "
                             "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256], curve_preferences: [X25519, CurveP256]")),
            "no error");
}

TEST_F(WebConfigTest, NoErrorRepeatsAnInlineKey) {
  for (const std::string text :
       {"tls_server_config: {cert: a, key: hunter2}", "tls_server_config: {cert: a, key:hunter2}",
        "tls_server_config: {cert: a, hunter2: key}", "tls_server_config: {cert: a, key: !hunter2 x}",
        "tls_server_config: {cert: a, key: [hunter2]}", "hunter2", "basic_auth_users: {alice: !hunter2}",
        "tls_server_config: {hunter2: 1, hunter2: 2}", "a: !<hunter2> b", "key: *hunter2", "key: 'hunter2"}) {
    EXPECT_THAT(error_of(text), AllOf(Not(HasSubstr("hunter2")), Not("no error"))) << text;
  }
}

}  // namespace
}  // namespace promfleet::auth
