// What the TLS sections of web and client configurations have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec/yaml/fields.h"
#include "core/base/error.h"
#include "net/auth/sources.h"
#include "net/tls/context.h"

namespace promfleet::auth {

// Where the files that a configuration names are read.
struct SourceFolder {
  Sources& sources;
  std::string folder;  // of the configuration file
};

// A value that stands inline under `key` or in the file that `key`_file names; both is an error.
struct SecretValue {
  std::string name;  // the field or the path, for errors
  std::string text;
};
Result<std::optional<SecretValue>> inline_or_file(const yaml::Fields& fields, const std::string& key,
                                                  const SourceFolder& from);

// The same for PEM.
Result<std::optional<net::Pem>> pem(const yaml::Fields& fields, const std::string& key, const SourceFolder& from);

// From cert(_file) and key(_file); one without the other is an error.
Result<std::optional<net::TlsIdentity>> tls_identity(const yaml::Fields& fields, const SourceFolder& from);

// From min_version and max_version: TLS10 to TLS13.
struct TlsVersions {
  net::TlsVersion min = net::TlsVersion::tls1_2;
  net::TlsVersion max = net::TlsVersion::tls1_3;
};
Result<TlsVersions> tls_versions(const yaml::Fields& fields);

}  // namespace promfleet::auth
