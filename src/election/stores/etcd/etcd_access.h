// Where etcd is and who we are there, out of the values of the -etcd-* flags.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/os/file_system.h"
#include "net/http/origin.h"
#include "net/tls/context.h"

namespace promfleet::election {

// As given on the command line; empty: not given.
struct EtcdFlags {
  std::string endpoints;  // -etcd-endpoints: URLs, separated by commas
  std::string cacert;
  std::string cert;
  std::string key;
  std::string user;
  std::string password_file;
};

struct EtcdLogin {
  std::string user;
  std::string password_file;  // read at each login: a replaced password is used at once
};

struct EtcdAccess {
  std::vector<http::Origin> endpoints;  // at least one
  net::ClientTlsOptions tls;
  std::optional<EtcdLogin> login;
};

// Errc::invalid_input names the flag that is wrong and what would be right; the certificates are read.
Result<EtcdAccess> read_etcd_access(FileSystem& files, const EtcdFlags& flags);

}  // namespace promfleet::election
