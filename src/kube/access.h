// Where an API server is, whom we believe there and who we are: what in_cluster() and load_kubeconfig() find out.
#pragma once

#include <string>
#include <variant>

#include "net/http/origin.h"
#include "net/tls/context.h"

namespace promfleet::kube {

// Nobody in particular, or whoever the client certificate names.
struct NoCredentials {
  bool operator==(const NoCredentials&) const = default;
};

struct BearerToken {
  std::string token;
  bool operator==(const BearerToken&) const = default;
};

// A token that somebody replaces from time to time.
struct TokenFile {
  std::string path;
  bool operator==(const TokenFile&) const = default;
};

struct UserPassword {
  std::string user;
  std::string password;
  bool operator==(const UserPassword&) const = default;
};

using Credentials = std::variant<NoCredentials, BearerToken, TokenFile, UserPassword>;

struct Access {
  http::Origin server;
  std::string base_path;  // of servers behind a proxy: "/k8s/clusters/a"; else empty
  net::ClientTlsOptions tls;
  Credentials credentials;
};

}  // namespace promfleet::kube
