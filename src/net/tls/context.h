// What a TLS connection trusts and what it shows: OpenSSL's SSL_CTX made from options that people write.
//
// A context is immutable. Whoever has new certificates makes a new context; connections keep theirs.
//
// Every error names the file (or the field) that is wrong and what would be right.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openssl/ossl_typ.h>

#include "core/base/error.h"
#include "core/os/file_system.h"

namespace promfleet::net {

// A PEM document and the name that errors call it by.
struct Pem {
  std::string name;  // a path, or the field that held the text
  std::string text;
};

Result<Pem> read_pem(FileSystem& files, const std::string& path);

enum class TlsVersion : std::uint8_t { tls1_0, tls1_1, tls1_2, tls1_3 };

struct TlsIdentity {
  Pem certificates;  // the leaf first, then its issuers
  Pem key;           // not encrypted
};

enum class PeerVerification : std::uint8_t { required, skipped };

struct ClientTlsOptions {
  std::optional<Pem> ca;  // absent: the system's roots
  std::optional<TlsIdentity> identity;
  std::string server_name;  // what the certificate must be for; empty: the host that is dialled
  PeerVerification verification = PeerVerification::required;
  TlsVersion version_min = TlsVersion::tls1_2;
  TlsVersion version_max = TlsVersion::tls1_3;
};

// Where the system keeps its roots. A static binary brings no path of its own: without SSL_CERT_FILE and SSL_CERT_DIR
// the usual places of the distributions are tried.
struct SystemRoots {
  std::string cert_file;  // $SSL_CERT_FILE
  std::string cert_dir;   // $SSL_CERT_DIR, hashed names
};

// What a server wants of its clients' certificates; Go's tls.ClientAuthType, which web configurations name.
enum class ClientCertificate : std::uint8_t {
  none,               // NoClientCert
  request,            // RequestClientCert: asked for, neither needed nor checked
  require_any,        // RequireAnyClientCert: needed, not checked
  verify_if_given,    // VerifyClientCertIfGiven
  require_and_verify  // RequireAndVerifyClientCert
};

enum class CipherPreference : std::uint8_t { server, client };

struct ServerTlsOptions {
  TlsIdentity identity;
  ClientCertificate client_certificate = ClientCertificate::none;
  std::optional<Pem> client_ca;
  // If not empty, a client's certificate must have one of these as a DNS name, address, URI or e-mail address.
  std::vector<std::string> client_allowed_sans;
  TlsVersion version_min = TlsVersion::tls1_2;
  TlsVersion version_max = TlsVersion::tls1_3;
  std::vector<std::string> cipher_suites;  // IANA names as in Go; empty: OpenSSL's choice. Those of TLS 1.3 are fixed
  std::vector<std::string> curve_preferences;  // CurveP256, CurveP384, CurveP521, X25519; empty: OpenSSL's choice
  CipherPreference cipher_preference = CipherPreference::server;
};

class TlsContext {
 public:
  // Errc::invalid_input for what is wrong in the options, not_found when the system has no roots.
  static Result<TlsContext> client(const ClientTlsOptions& options, const SystemRoots& roots);
  static Result<TlsContext> server(const ServerTlsOptions& options);

  SSL_CTX* native() const { return context_.get(); }
  // Of a client: the name that replaces the host that is dialled, or empty.
  const std::string& server_name() const { return server_name_; }
  // Of a server: one of these must be in the client's certificate, unless there are none.
  const std::vector<std::string>& client_allowed_sans() const { return client_allowed_sans_; }

 private:
  explicit TlsContext(SSL_CTX* owned);

  std::shared_ptr<SSL_CTX> context_;
  std::string server_name_;
  std::vector<std::string> client_allowed_sans_;
};

}  // namespace promfleet::net
