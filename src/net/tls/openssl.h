// Ownership of OpenSSL's objects and its errors in words: shared by the files of this room.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace promfleet::net {

template <auto free_function>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeWith<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using SslPtr = std::unique_ptr<SSL, FreeWith<SSL_free>>;

// The first error in OpenSSL's queue, which is empty afterwards.
std::string take_openssl_error();

// A verify callback: writes down, for TlsSession, what is wrong with a peer's certificate.
int note_certificate_problem(int is_ok, X509_STORE_CTX* store);

}  // namespace promfleet::net
