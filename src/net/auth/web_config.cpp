#include "net/auth/web_config.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/base/try.h"
#include "net/auth/secret_fields.h"
#include "net/auth/tls_fields.h"

namespace promfleet::auth {
namespace {

using net::ClientCertificate;

constexpr std::array<std::pair<std::string_view, ClientCertificate>, 6> kClientAuthTypes = {{
    {"NoClientCert", ClientCertificate::none},
    {"RequestClientCert", ClientCertificate::request},
    {"RequireAnyClientCert", ClientCertificate::require_any},
    {"RequireClientCert", ClientCertificate::require_any},  // the name that it had before
    {"VerifyClientCertIfGiven", ClientCertificate::verify_if_given},
    {"RequireAndVerifyClientCert", ClientCertificate::require_and_verify},
}};

constexpr std::array<std::string_view, 5> kSettableFields = {"Content-Security-Policy", "X-Frame-Options",
                                                             "X-Content-Type-Options", "X-XSS-Protection",
                                                             "Strict-Transport-Security"};

Result<ClientCertificate> client_certificate(const yaml::Fields& tls) {
  TRY_ASSIGN(const std::optional<std::string> type, tls.string("client_auth_type"));
  if (!type || type->empty()) return ClientCertificate::none;
  const auto* known = std::ranges::find(kClientAuthTypes, *type, &decltype(kClientAuthTypes)::value_type::first);
  if (known != kClientAuthTypes.end()) return known->second;
  return yaml::fail_at(mark_of(tls, "client_auth_type"), "client_auth_type is one of {}, not {}",
                       fmt::join(kClientAuthTypes | std::views::keys, ", "), yaml::shown(*type));
}

// The rules of exporter-toolkit: a check that would never be made is an error, not silence.
Result<> check_client_authentication(const yaml::Fields& tls, const net::ServerTlsOptions& options) {
  const ClientCertificate policy = options.client_certificate;
  if (options.client_ca && policy == ClientCertificate::none) {
    return yaml::fail_at(tls.mark(), "a client CA without client_auth_type checks nobody");
  }
  if (!options.client_ca &&
      (policy == ClientCertificate::verify_if_given || policy == ClientCertificate::require_and_verify)) {
    return yaml::fail_at(mark_of(tls, "client_auth_type"), "this client_auth_type needs client_ca or client_ca_file");
  }
  if (tls.find("client_allowed_sans") == nullptr) return {};
  const yaml::Mark mark = mark_of(tls, "client_allowed_sans");
  if (options.client_allowed_sans.empty()) return yaml::fail_at(mark, "an empty client_allowed_sans allows nobody");
  if (policy != ClientCertificate::require_any && policy != ClientCertificate::require_and_verify) {
    return yaml::fail_at(mark, "client_allowed_sans needs the client_auth_type RequireAndVerifyClientCert");
  }
  return {};
}

Result<std::optional<net::ServerTlsOptions>> server_tls(const yaml::Fields& tls, const SourceFolder& from) {
  TRY(only_known(tls, {"cert", "key", "client_ca", "cert_file", "key_file", "client_auth_type", "client_ca_file",
                       "client_allowed_sans", "min_version", "max_version", "cipher_suites",
                       "prefer_server_cipher_suites", "curve_preferences"}));
  net::ServerTlsOptions options;
  TRY_ASSIGN(options.client_ca, pem(tls, "client_ca", from));
  TRY_ASSIGN(options.client_certificate, client_certificate(tls));
  TRY_ASSIGN(options.client_allowed_sans, tls.strings("client_allowed_sans"));
  TRY_ASSIGN(options.cipher_suites, tls.strings("cipher_suites"));
  TRY_ASSIGN(options.curve_preferences, tls.strings("curve_preferences"));
  TRY_ASSIGN(const TlsVersions versions, tls_versions(tls));
  options.version_min = versions.min;
  options.version_max = versions.max;
  TRY_ASSIGN(const std::optional<bool> server_prefers, tls.boolean("prefer_server_cipher_suites"));
  options.cipher_preference =
      server_prefers.value_or(true) ? net::CipherPreference::server : net::CipherPreference::client;
  TRY_ASSIGN(std::optional<net::TlsIdentity> identity, tls_identity(tls, from));
  if (!identity) {
    if (tls.entries().empty()) return std::nullopt;
    return yaml::fail_at(tls.mark(), "tls_server_config needs cert or cert_file, and key or key_file");
  }
  options.identity = *std::move(identity);
  TRY(check_client_authentication(tls, options));
  return options;
}

Result<> check_field(const yaml::Entry& field, std::string_view value) {
  const std::string& name = field.name();
  if (std::ranges::find(kSettableFields, name) == kSettableFields.end()) {
    return yaml::fail_at(field.key.mark, "{} cannot be set; {} can", yaml::shown(name),
                         fmt::join(kSettableFields, ", "));
  }
  if (name == "X-Frame-Options" && value != "deny" && value != "sameorigin") {
    return yaml::fail_at(field.value.mark, "{} is deny or sameorigin, not {}", name, yaml::shown(value));
  }
  if (name == "X-Content-Type-Options" && value != "nosniff") {
    return yaml::fail_at(field.value.mark, "{} is nosniff, not {}", name, yaml::shown(value));
  }
  return {};
}

Result<http::Fields> response_fields(const yaml::Fields& server) {
  TRY(server.only({"http2", "headers"}));
  TRY(server.boolean("http2"));  // we speak HTTP/1.1 alone
  TRY_ASSIGN(const yaml::Fields headers, server.fields("headers"));
  http::Fields fields;
  for (const yaml::Entry& entry : headers.entries()) {
    TRY_ASSIGN(const std::optional<std::string> value, headers.string(entry.name()));
    if (!value || value->empty()) continue;
    TRY(check_field(entry, *value));
    fields.add(entry.name(), *value);
  }
  return fields;
}

Result<Users> users_of(const yaml::Fields& names) {
  Users users;
  for (const yaml::Entry& entry : names.entries()) {
    TRY_ASSIGN(const std::string text, as_secret(entry.value));
    Result<BcryptHash> hash = BcryptHash::parse(text);
    if (!hash) {
      return yaml::fail_at(entry.value.mark, "the password of {}: {}", yaml::shown(entry.name()),
                           hash.error().message());
    }
    users.emplace(entry.name(), *std::move(hash));
  }
  return users;
}

Result<WebConfig> parse(std::string_view text, const SourceFolder& from) {
  TRY_ASSIGN(const yaml::Node root, parse_secretive(text));
  TRY_ASSIGN(const yaml::Fields sections, yaml::Fields::of(root));
  if (sections.find("rate_limit") != nullptr) {
    return yaml::fail_at(mark_of(sections, "rate_limit"), "rate_limit is not supported");
  }
  TRY(only_known(sections, {"tls_server_config", "http_server_config", "basic_auth_users"}));

  WebConfig config;
  TRY_ASSIGN(const yaml::Fields tls, sections.fields("tls_server_config"));
  TRY_ASSIGN(const std::optional<net::ServerTlsOptions> options, server_tls(tls, from));
  if (options) {
    TRY_ASSIGN(config.tls, net::TlsContext::server(*options));
  }
  TRY_ASSIGN(const yaml::Fields server, sections.fields("http_server_config"));
  TRY_ASSIGN(config.response_fields, response_fields(server));
  TRY_ASSIGN(const yaml::Fields names, sections.fields("basic_auth_users"));
  TRY_ASSIGN(config.users, users_of(names));
  config.authenticates =
      !config.users.empty() || (options && options->client_certificate == ClientCertificate::require_and_verify);
  return config;
}

}  // namespace

Result<WebConfig> load_web_config(Sources& sources, const std::string& path) {
  TRY_ASSIGN(const std::string text, sources.read(path));
  return with_context(parse(text, {.sources = sources, .folder = folder_of(path)}), path);
}

}  // namespace promfleet::auth
