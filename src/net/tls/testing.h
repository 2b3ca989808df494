// Certificates for tests, made on the spot: nothing to expire in the repository.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "net/tls/context.h"
#include "net/tls/openssl.h"

namespace promfleet::net {

struct TestCertificate {
  std::string common_name = "test";
  std::vector<std::string> names = {"DNS:localhost", "IP:127.0.0.1", "IP:::1"};  // as in openssl.cnf
  std::chrono::hours begins_in = std::chrono::hours(-1);
  std::chrono::hours ends_in = std::chrono::hours(1);
};

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& common_name);

  Pem certificate() const;
  TlsIdentity issue(const TestCertificate& wanted) const;

 private:
  KeyPtr key_;
  CertificatePtr certificate_;
};

}  // namespace promfleet::net
