#include "net/tls/context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <string_view>

#include "core/base/assert.h"
#include "core/base/try.h"
#include "net/tls/openssl.h"

namespace promfleet::net {

namespace {

constexpr std::size_t kPemBytesMax = 4 * 1024 * 1024;

// Where Debian, Fedora, openSUSE, OpenELEC, CentOS and Alpine keep the bundle.
constexpr std::array kRootFiles{
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

int native_version(TlsVersion version) {
  switch (version) {
    case TlsVersion::tls1_0: return TLS1_VERSION;
    case TlsVersion::tls1_1: return TLS1_1_VERSION;
    case TlsVersion::tls1_2: return TLS1_2_VERSION;
    case TlsVersion::tls1_3: return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

Result<> set_versions(SSL_CTX* context, TlsVersion min, TlsVersion max) {
  if (min > max) return fail(Errc::invalid_input, "the lowest TLS version is above the highest");
  // The old versions' hashes are below what OpenSSL allows by itself.
  if (min < TlsVersion::tls1_2) SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, native_version(min));
  SSL_CTX_set_max_proto_version(context, native_version(max));
  return {};
}

// Every certificate of a PEM document, at least one.
Result<std::vector<CertificatePtr>> parse_certificates(const Pem& pem) {
  ERR_clear_error();
  const BioPtr bio(BIO_new_mem_buf(pem.text.data(), static_cast<int>(pem.text.size())));
  std::vector<CertificatePtr> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  // The end of the document is an error of OpenSSL's, too.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return fail(Errc::invalid_input, "{}: a certificate is malformed: {}", pem.name, take_openssl_error());
  }
  ERR_clear_error();
  if (certificates.empty()) return fail(Errc::invalid_input, "{} contains no certificate in PEM form", pem.name);
  return certificates;
}

// In place of a prompt on the terminal for the pass phrase.
int no_pass_phrase(char*, int, int, void*) {
  return 0;
}

Result<> use_identity(SSL_CTX* context, const TlsIdentity& identity) {
  TRY_ASSIGN(std::vector<CertificatePtr> certificates, parse_certificates(identity.certificates));
  if (SSL_CTX_use_certificate(context, certificates.front().get()) != 1) {
    return fail(Errc::invalid_input, "{}: {}", identity.certificates.name, take_openssl_error());
  }
  for (std::size_t i = 1; i < certificates.size(); ++i) SSL_CTX_add1_chain_cert(context, certificates[i].get());

  const BioPtr bio(BIO_new_mem_buf(identity.key.text.data(), static_cast<int>(identity.key.text.size())));
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
  if (!key) {
    return fail(Errc::invalid_input, "{} contains no private key that can be read (PEM, without a pass phrase): {}",
                identity.key.name, take_openssl_error());
  }
  if (X509_check_private_key(certificates.front().get(), key.get()) != 1) {
    ERR_clear_error();
    return fail(Errc::invalid_input, "the private key in {} does not belong to the certificate in {}",
                identity.key.name, identity.certificates.name);
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return fail(Errc::invalid_input, "{}: {}", identity.key.name, take_openssl_error());
  }
  return {};
}

Result<> trust(SSL_CTX* context, const Pem& ca) {
  TRY_ASSIGN(const std::vector<CertificatePtr> certificates, parse_certificates(ca));
  for (const CertificatePtr& certificate : certificates) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
  }
  return {};
}

Result<> trust_system(SSL_CTX* context, const SystemRoots& roots) {
  ERR_clear_error();
  if (!roots.cert_dir.empty()) SSL_CTX_load_verify_dir(context, roots.cert_dir.c_str());
  if (!roots.cert_file.empty()) {
    if (SSL_CTX_load_verify_file(context, roots.cert_file.c_str()) == 1) return {};
    return fail(Errc::invalid_input, "{} (SSL_CERT_FILE) contains no certificate that can be read: {}", roots.cert_file,
                take_openssl_error());
  }
  if (!roots.cert_dir.empty()) return {};
  for (const char* path : kRootFiles) {
    if (SSL_CTX_load_verify_file(context, path) == 1) return {};
  }
  ERR_clear_error();
  return fail(Errc::not_found,
              "no certificate authorities found on this machine: install ca-certificates, set "
              "SSL_CERT_FILE or name a CA file");
}

// OpenSSL has names of its own for the suites up to TLS 1.2; those of 1.3 are always on.
Result<> set_cipher_suites(SSL_CTX* context, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  SSL_CTX_set_cipher_list(context, "ALL");
  std::string list;
  for (const std::string& name : names) {
    const STACK_OF(SSL_CIPHER)* known = SSL_CTX_get_ciphers(context);
    const SSL_CIPHER* found = nullptr;
    for (int i = 0; i < sk_SSL_CIPHER_num(known); ++i) {
      const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(known, i);
      if (const char* iana = SSL_CIPHER_standard_name(cipher); iana != nullptr && name == iana) found = cipher;
    }
    if (found == nullptr) return fail(Errc::invalid_input, "unknown cipher suite \"{}\"", name);
    if (std::string_view(SSL_CIPHER_get_version(found)) == "TLSv1.3") continue;
    list.append(list.empty() ? "" : ":").append(SSL_CIPHER_get_name(found));
  }
  SSL_CTX_set_cipher_list(context, list.empty() ? "DEFAULT" : list.c_str());
  return {};
}

Result<> set_curves(SSL_CTX* context, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string list;
  for (const std::string& name : names) {
    std::string_view group;
    if (name == "CurveP256") group = "P-256";
    if (name == "CurveP384") group = "P-384";
    if (name == "CurveP521") group = "P-521";
    if (name == "X25519") group = "X25519";
    if (group.empty()) {
      return fail(Errc::invalid_input, "unknown curve \"{}\": CurveP256, CurveP384, CurveP521 or X25519 is wanted",
                  name);
    }
    list.append(list.empty() ? "" : ":").append(group);
  }
  SSL_CTX_set1_groups_list(context, list.c_str());
  return {};
}

int accept_any(int, X509_STORE_CTX*) {
  return 1;
}

Result<> set_client_verification(SSL_CTX* context, const ServerTlsOptions& options) {
  using enum ClientCertificate;
  const bool verifies =
      options.client_certificate == verify_if_given || options.client_certificate == require_and_verify;
  if (verifies && !options.client_ca) {
    return fail(Errc::invalid_input, "client certificates are to be verified, but no client CA is given");
  }
  if (options.client_ca) {
    TRY(trust(context, *options.client_ca));
    TRY_ASSIGN(const std::vector<CertificatePtr> authorities, parse_certificates(*options.client_ca));
    for (const CertificatePtr& authority : authorities) SSL_CTX_add_client_CA(context, authority.get());
  }
  if (options.client_certificate == none) return {};
  int mode = SSL_VERIFY_PEER;
  if (options.client_certificate == require_any || options.client_certificate == require_and_verify) {
    mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  SSL_CTX_set_verify(context, mode, verifies ? note_certificate_problem : accept_any);
  return {};
}

SSL_CTX* make_context(const SSL_METHOD* method) {
  SSL_CTX* context = SSL_CTX_new(method);
  ASSERT(context != nullptr);
  // Idle connections give their record buffers back; a write may go on from another address of the same bytes.
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  // Nothing is resumed: a session would outlive the certificates that it was made with.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  return context;
}

}  // namespace

Result<Pem> read_pem(FileSystem& files, const std::string& path) {
  TRY_ASSIGN(std::string text, files.read(path, kPemBytesMax));
  return Pem{.name = path, .text = std::move(text)};
}

TlsContext::TlsContext(SSL_CTX* owned) : context_(owned, &SSL_CTX_free) {}

Result<TlsContext> TlsContext::client(const ClientTlsOptions& options, const SystemRoots& roots) {
  TlsContext context(make_context(TLS_client_method()));
  TRY(set_versions(context.native(), options.version_min, options.version_max));
  if (options.identity) TRY(use_identity(context.native(), *options.identity));
  if (options.verification == PeerVerification::required) {
    TRY(options.ca ? trust(context.native(), *options.ca) : trust_system(context.native(), roots));
    SSL_CTX_set_verify(context.native(), SSL_VERIFY_PEER, note_certificate_problem);
  }
  context.server_name_ = options.server_name;
  return context;
}

Result<TlsContext> TlsContext::server(const ServerTlsOptions& options) {
  TlsContext context(make_context(TLS_server_method()));
  TRY(set_versions(context.native(), options.version_min, options.version_max));
  TRY(use_identity(context.native(), options.identity));
  TRY(set_client_verification(context.native(), options));
  TRY(set_cipher_suites(context.native(), options.cipher_suites));
  TRY(set_curves(context.native(), options.curve_preferences));
  if (options.cipher_preference == CipherPreference::server) {
    SSL_CTX_set_options(context.native(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  }
  context.client_allowed_sans_ = options.client_allowed_sans;
  return context;
}

}  // namespace promfleet::net
