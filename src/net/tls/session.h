// One side of a TLS connection without its I/O: OpenSSL's SSL, set up to verify the peer, and its failures in words.
#pragma once

#include <memory>
#include <string>

#include "core/base/error.h"
#include "net/tls/context.h"
#include "net/tls/openssl.h"

namespace promfleet::net {

class TlsSession {
 public:
  // `host`: what the server's certificate must be for, unless the context names another.
  static std::unique_ptr<TlsSession> client(TlsContext context, const std::string& host);
  static std::unique_ptr<TlsSession> server(TlsContext context);

  SSL* native() const { return ssl_.get(); }

  // After the handshake: what OpenSSL itself does not check of the peer's certificate. Errc::unauthorized.
  Result<> check_peer() const;

  // Why the last call of OpenSSL failed. Errc::unauthorized when a certificate was refused by either side, else
  // protocol.
  Error take_error();

 private:
  friend int note_certificate_problem(int is_ok, X509_STORE_CTX* store);

  TlsSession(TlsContext context, std::string peer_name);

  TlsContext context_;  // outlives the SSL made of it
  std::string peer_name_;
  std::string certificate_problem_;
  SslPtr ssl_;
};

}  // namespace promfleet::net
