// TLS over another stream.
//
// OpenSSL reads and writes the stream below through a BIO of ours, so it knows nothing of sockets or of Asio, and a
// record goes from the kernel to OpenSSL without a copy of ours in between.
#pragma once

#include <memory>
#include <string>

#include "net/stream/stream.h"
#include "net/tls/context.h"

namespace promfleet::net {

// The handshake, within the deadline that `below` has. Errc::unauthorized: a certificate was refused, with the reason;
// protocol: the peer does not speak TLS, or not as we do; else as Stream.
//
// `host` is what the server's certificate must be for, unless the context names another: a DNS name or an address.
Task<Result<std::unique_ptr<Stream>>> tls_connect(std::unique_ptr<Stream> below, TlsContext context,
                                                  const std::string& host);

// The server's side. `stream` is the TLS stream from now on, so that its owner can close it while hands are shaken; it
// outlives the await.
Task<Result<>> tls_accept(std::unique_ptr<Stream>& stream, TlsContext context);

}  // namespace promfleet::net
