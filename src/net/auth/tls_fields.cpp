#include "net/auth/tls_fields.h"

#include <utility>

#include "core/base/try.h"
#include "net/auth/secret_fields.h"

namespace promfleet::auth {
namespace {

Result<net::TlsVersion> tls_version(const yaml::Fields& fields, std::string_view key, net::TlsVersion otherwise) {
  TRY_ASSIGN(const std::optional<std::string> text, fields.string(key));
  if (!text) return otherwise;
  if (*text == "TLS10") return net::TlsVersion::tls1_0;
  if (*text == "TLS11") return net::TlsVersion::tls1_1;
  if (*text == "TLS12") return net::TlsVersion::tls1_2;
  if (*text == "TLS13") return net::TlsVersion::tls1_3;
  return yaml::fail_at(fields.find(key)->mark, "{} is one of TLS10, TLS11, TLS12, TLS13, not {}", key,
                       yaml::shown(*text));
}

}  // namespace

Result<std::optional<SecretValue>> inline_or_file(const yaml::Fields& fields, const std::string& key,
                                                  const SourceFolder& from) {
  const std::string file_key = key + "_file";
  TRY_ASSIGN(std::optional<std::string> text, secret(fields, key));
  TRY_ASSIGN(const std::optional<std::string> file, secret(fields, file_key));
  if (text && file) return yaml::fail_at(mark_of(fields, file_key), "give {} or {}, not both", key, file_key);
  if (text) return SecretValue{.name = key, .text = *std::move(text)};
  if (!file) return std::nullopt;
  const std::string path = path_in(from.folder, *file);
  TRY_ASSIGN(std::string content, with_context(from.sources.read(path), file_key));
  return SecretValue{.name = path, .text = std::move(content)};
}

Result<std::optional<net::Pem>> pem(const yaml::Fields& fields, const std::string& key, const SourceFolder& from) {
  TRY_ASSIGN(std::optional<SecretValue> value, inline_or_file(fields, key, from));
  if (!value) return std::nullopt;
  return net::Pem{.name = std::move(value->name), .text = std::move(value->text)};
}

Result<std::optional<net::TlsIdentity>> tls_identity(const yaml::Fields& fields, const SourceFolder& from) {
  TRY_ASSIGN(std::optional<net::Pem> certificates, pem(fields, "cert", from));
  TRY_ASSIGN(std::optional<net::Pem> key, pem(fields, "key", from));
  if (!certificates && !key) return std::nullopt;
  if (!certificates) return yaml::fail_at(fields.mark(), "a key needs its cert or cert_file");
  if (!key) return yaml::fail_at(fields.mark(), "a certificate needs its key or key_file");
  return net::TlsIdentity{.certificates = *std::move(certificates), .key = *std::move(key)};
}

Result<TlsVersions> tls_versions(const yaml::Fields& fields) {
  TlsVersions versions;
  TRY_ASSIGN(versions.min, tls_version(fields, "min_version", versions.min));
  TRY_ASSIGN(versions.max, tls_version(fields, "max_version", versions.max));
  if (versions.min > versions.max) {
    return yaml::fail_at(mark_of(fields, "min_version"), "min_version is above max_version");
  }
  return versions;
}

}  // namespace promfleet::auth
