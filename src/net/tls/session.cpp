#include "net/tls/session.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/asio/ip/address.hpp>

#include "core/base/assert.h"

namespace promfleet::net {

namespace {

bool is_address(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

std::string one_line(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string date(const ASN1_TIME* time) {
  std::tm utc{};
  if (ASN1_TIME_to_tm(time, &utc) != 1) return "an unreadable date";
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string address_text(const ASN1_OCTET_STRING* octets) {
  const auto* bytes = ASN1_STRING_get0_data(octets);
  if (ASN1_STRING_length(octets) == 4) {
    boost::asio::ip::address_v4::bytes_type ip4;
    std::copy_n(bytes, ip4.size(), ip4.begin());
    return boost::asio::ip::address_v4(ip4).to_string();
  }
  boost::asio::ip::address_v6::bytes_type ip6{};
  std::copy_n(bytes, std::min<std::size_t>(ip6.size(), static_cast<std::size_t>(ASN1_STRING_length(octets))),
              ip6.begin());
  return boost::asio::ip::address_v6(ip6).to_string();
}

// The names that a certificate is for: DNS names, addresses, URIs and e-mail addresses.
std::vector<std::string> names_of(const X509* certificate) {
  struct FreeNames {
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  };
  const std::unique_ptr<GENERAL_NAMES, FreeNames> alternatives(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(alternatives.get(), i), &type);
    if (type == GEN_IPADD) {
      names.push_back(address_text(static_cast<const ASN1_OCTET_STRING*>(value)));
    } else if (type == GEN_DNS || type == GEN_URI || type == GEN_EMAIL) {
      const auto* text = static_cast<const ASN1_STRING*>(value);
      names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                         static_cast<std::size_t>(ASN1_STRING_length(text)));
    }
  }
  return names;
}

std::string problem_of(X509_STORE_CTX* store, const std::string& peer_name) {
  const X509* certificate = X509_STORE_CTX_get_current_cert(store);
  const int error = X509_STORE_CTX_get_error(store);
  if (certificate == nullptr) return X509_verify_cert_error_string(error);
  const std::string subject = one_line(X509_get_subject_name(certificate));
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fmt::format("the certificate \"{}\" expired on {}", subject, date(X509_get0_notAfter(certificate)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fmt::format("the certificate \"{}\" is valid only from {} on; is the clock of this machine right?",
                         subject, date(X509_get0_notBefore(certificate)));
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return fmt::format("the certificate \"{}\" was issued by \"{}\", an authority that is not trusted here", subject,
                         one_line(X509_get_issuer_name(certificate)));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format("the certificate \"{}\" is for {}, not for {}", subject,
                         fmt::join(names_of(certificate), ", "), peer_name);
    default: return fmt::format("the certificate \"{}\": {}", subject, X509_verify_cert_error_string(error));
  }
}

// Alerts by which a peer says that it does not like our certificate, or the lack of one.
bool is_about_our_certificate(int reason) {
  switch (reason) {
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED: return true;
    default: return false;
  }
}

}  // namespace

std::string take_openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "no reason given";
}

int note_certificate_problem(int is_ok, X509_STORE_CTX* store) {
  if (is_ok == 1) return 1;
  const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* session = static_cast<TlsSession*>(SSL_get_app_data(ssl));
  session->certificate_problem_ = problem_of(store, session->peer_name_);
  return 0;
}

TlsSession::TlsSession(TlsContext context, std::string peer_name)
    : context_(std::move(context)), peer_name_(std::move(peer_name)), ssl_(SSL_new(context_.native())) {
  ASSERT(ssl_ != nullptr);
  SSL_set_app_data(ssl_.get(), this);
}

std::unique_ptr<TlsSession> TlsSession::client(TlsContext context, const std::string& host) {
  std::string name = context.server_name().empty() ? host : context.server_name();
  std::unique_ptr<TlsSession> session(new TlsSession(std::move(context), name));
  SSL_set_connect_state(session->native());
  if (is_address(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session->native()), name.c_str());
  } else {
    SSL_set_tlsext_host_name(session->native(), name.c_str());
    SSL_set1_host(session->native(), name.c_str());
    SSL_set_hostflags(session->native(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  }
  return session;
}

std::unique_ptr<TlsSession> TlsSession::server(TlsContext context) {
  std::unique_ptr<TlsSession> session(new TlsSession(std::move(context), {}));
  SSL_set_accept_state(session->native());
  return session;
}

Result<> TlsSession::check_peer() const {
  const std::vector<std::string>& allowed = context_.client_allowed_sans();
  if (allowed.empty()) return {};
  const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr) return fail(Errc::unauthorized, "the client has no certificate");
  const std::vector<std::string> names = names_of(certificate);
  if (std::ranges::find_first_of(names, allowed) != names.end()) return {};
  return fail(Errc::unauthorized, "the client's certificate is for {}, none of which is allowed",
              fmt::join(names, ", "));
}

Error TlsSession::take_error() {
  const int reason = ERR_GET_REASON(ERR_peek_error());
  const std::string words = take_openssl_error();
  if (!certificate_problem_.empty()) return Error(Errc::unauthorized, certificate_problem_);
  if (is_about_our_certificate(reason)) {
    return Error(Errc::unauthorized, fmt::format("the peer refused the certificate shown to it: {}", words));
  }
  if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
    return Error(Errc::unauthorized, "the client has no certificate");
  }
  if (reason == SSL_R_HTTP_REQUEST || reason == SSL_R_WRONG_VERSION_NUMBER) {
    return Error(Errc::protocol, "the peer does not speak TLS on this port");
  }
  return Error(Errc::protocol, fmt::format("TLS: {}", words));
}

}  // namespace promfleet::net
