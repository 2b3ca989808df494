#include "net/tls/testing.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/assert.h"

namespace promfleet::net {

namespace {

KeyPtr make_key() {
  return KeyPtr(EVP_EC_gen("P-256"));
}

void set_subject(X509* certificate, const std::string& common_name) {
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
}

void add_extension(X509* certificate, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  ASSERT(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

CertificatePtr make_certificate(EVP_PKEY* key, const TestCertificate& wanted) {
  CertificatePtr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  std::int64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate.get()), serial & INT64_MAX);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), std::chrono::seconds(wanted.begins_in).count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), std::chrono::seconds(wanted.ends_in).count());
  X509_set_pubkey(certificate.get(), key);
  set_subject(certificate.get(), wanted.common_name);
  return certificate;
}

template <class Write>
std::string to_pem(Write write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  write(bio.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

TestAuthority::TestAuthority(const std::string& common_name)
    : key_(make_key()), certificate_(make_certificate(key_.get(), {.common_name = common_name, .names = {}})) {
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  add_extension(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate_.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign(certificate_.get(), key_.get(), EVP_sha256());
}

Pem TestAuthority::certificate() const {
  return {.name = "ca.pem", .text = to_pem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate_.get()); })};
}

TlsIdentity TestAuthority::issue(const TestCertificate& wanted) const {
  const KeyPtr key = make_key();
  const CertificatePtr certificate = make_certificate(key.get(), wanted);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  if (!wanted.names.empty()) {
    add_extension(certificate.get(), NID_subject_alt_name, fmt::format("{}", fmt::join(wanted.names, ",")));
  }
  X509_sign(certificate.get(), key_.get(), EVP_sha256());
  return {.certificates = {.name = "tls.crt",
                           .text = to_pem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate.get()); })},
          .key = {.name = "tls.key", .text = to_pem([&](BIO* bio) {
                                       PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
                                     })}};
}

}  // namespace promfleet::net
