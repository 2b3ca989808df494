#include "net/tls/context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/real_file_system.h"
#include "net/tls/testing.h"

namespace promfleet::net {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string message_of(const Result<TlsContext>& result) {
  return result ? "no error" : std::string(result.error().message());
}

class TlsContextTest : public ::testing::Test {
 protected:
  Result<TlsContext> server(const std::function<void(ServerTlsOptions&)>& change) {
    ServerTlsOptions options{.identity = authority.issue({})};
    change(options);
    return TlsContext::server(options);
  }

  Result<TlsContext> client(const std::function<void(ClientTlsOptions&)>& change) {
    ClientTlsOptions options{.ca = authority.certificate()};
    change(options);
    return TlsContext::client(options, {});
  }

  TestAuthority authority{"test authority"};
};

TEST_F(TlsContextTest, TakesWhatIsRight) {
  EXPECT_TRUE(client([&](ClientTlsOptions& options) { options.identity = authority.issue({}); }));
  EXPECT_TRUE(server([&](ServerTlsOptions& options) {
    options.client_ca = authority.certificate();
    options.client_certificate = ClientCertificate::require_and_verify;
    options.version_min = TlsVersion::tls1_0;
    options.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"};
    options.curve_preferences = {"X25519", "CurveP256"};
  }));
}

TEST_F(TlsContextTest, NamesTheFileThatHoldsNoCertificate) {
  EXPECT_THAT(message_of(client([](ClientTlsOptions& options) { options.ca->text = "hello"; })),
              AllOf(HasSubstr("ca.pem"), HasSubstr("no certificate")));
  EXPECT_THAT(message_of(server([](ServerTlsOptions& options) { options.identity.certificates.text = ""; })),
              AllOf(HasSubstr("tls.crt"), HasSubstr("no certificate")));
}

TEST_F(TlsContextTest, NamesTheFileWhoseCertificateIsMalformed) {
  EXPECT_THAT(message_of(client([](ClientTlsOptions& options) { options.ca->text.erase(100, 30); })),
              AllOf(HasSubstr("ca.pem"), HasSubstr("malformed")));
}

TEST_F(TlsContextTest, NamesTheFileThatHoldsNoKey) {
  EXPECT_THAT(message_of(server(
                  [](ServerTlsOptions& options) { options.identity.key.text = options.identity.certificates.text; })),
              AllOf(HasSubstr("tls.key"), HasSubstr("no private key")));
}

TEST_F(TlsContextTest, NoticesThatKeyAndCertificateAreNotAPair) {
  EXPECT_THAT(message_of(server([&](ServerTlsOptions& options) { options.identity.key = authority.issue({}).key; })),
              AllOf(HasSubstr("tls.key"), HasSubstr("does not belong"), HasSubstr("tls.crt")));
}

TEST_F(TlsContextTest, NamesWhatItDoesNotKnow) {
  EXPECT_THAT(message_of(server([](ServerTlsOptions& options) { options.cipher_suites = {"TLS_NONE"}; })),
              HasSubstr("unknown cipher suite \"TLS_NONE\""));
  EXPECT_THAT(message_of(server([](ServerTlsOptions& options) { options.curve_preferences = {"P-256"}; })),
              AllOf(HasSubstr("\"P-256\""), HasSubstr("CurveP256")));
}

TEST_F(TlsContextTest, RefusesOptionsThatContradictEachOther) {
  EXPECT_FALSE(
      server([](ServerTlsOptions& options) { options.client_certificate = ClientCertificate::verify_if_given; }));
  EXPECT_FALSE(server([](ServerTlsOptions& options) {
    options.version_min = TlsVersion::tls1_3;
    options.version_max = TlsVersion::tls1_2;
  }));
}

TEST_F(TlsContextTest, SaysThatTheNamedRootsCannotBeRead) {
  const Result<TlsContext> context = TlsContext::client({}, {.cert_file = "/nowhere/roots.pem", .cert_dir = {}});
  EXPECT_THAT(message_of(context), AllOf(HasSubstr("/nowhere/roots.pem"), HasSubstr("SSL_CERT_FILE")));
}

TEST(ReadPem, NamesTheFile) {
  RealFileSystem files;
  const Result<Pem> pem = read_pem(files, "/nowhere/tls.crt");
  ASSERT_FALSE(pem);
  EXPECT_EQ(pem.error().code(), Errc::not_found);
  EXPECT_THAT(pem.error().message(), HasSubstr("/nowhere/tls.crt"));
}

}  // namespace
}  // namespace promfleet::net
