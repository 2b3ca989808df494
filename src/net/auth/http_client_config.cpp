#include "net/auth/http_client_config.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/base64/base64.h"
#include "core/base/try.h"
#include "net/auth/secret_fields.h"
#include "net/auth/tls_fields.h"

namespace promfleet::auth {
namespace {

// What Prometheus' format knows and we do not do.
struct Refusal {
  std::string_view key;
  std::string_view why;
};
constexpr std::array<Refusal, 5> kRefusals = {{
    {"oauth2", "is not supported; authorization with a credentials_file is"},
    {"proxy_url", "is not supported: promfleet connects to Prometheus directly"},
    {"no_proxy", "is not supported: promfleet connects to Prometheus directly"},
    {"proxy_from_environment", "is not supported: promfleet connects to Prometheus directly"},
    {"proxy_connect_header", "is not supported: promfleet connects to Prometheus directly"},
}};

constexpr std::array<std::string_view, 8> kKeys = {"basic_auth",        "authorization", "bearer_token",
                                                   "bearer_token_file", "tls_config",    "http_headers",
                                                   "follow_redirects",  "enable_http2"};

// Fields that HTTP itself, the caller or another section writes.
constexpr std::array<std::string_view, 19> kReservedFields = {"Authorization",
                                                              "Host",
                                                              "Content-Encoding",
                                                              "Content-Length",
                                                              "Content-Type",
                                                              "User-Agent",
                                                              "Connection",
                                                              "Keep-Alive",
                                                              "Proxy-Connection",
                                                              "Proxy-Authenticate",
                                                              "Proxy-Authorization",
                                                              "WWW-Authenticate",
                                                              "Accept-Encoding",
                                                              "Transfer-Encoding",
                                                              "TE",
                                                              "Trailer",
                                                              "Upgrade",
                                                              "Expect",
                                                              "X-Prometheus-Remote-Write-Version"};
// All of them are our own.
constexpr std::string_view kReservedPrefix = "X-Promfleet-";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

bool is_token(std::string_view text) {
  constexpr std::string_view kToken = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.find_first_not_of(kToken) == std::string_view::npos;
}

// A secret as it stands in a field, without the line break at the end of a file.
Result<std::string> field_value(const SecretValue& secret) {
  const std::string_view text = trimmed(secret.text);
  const bool is_printable =
      std::ranges::none_of(text, [](unsigned char c) { return (c < ' ' && c != '\t') || c == '\x7f'; });
  if (!is_printable) return fail(Errc::invalid_input, "{} has a line break or a control character", secret.name);
  return std::string(text);
}

Result<std::optional<std::string>> value_of(const yaml::Fields& fields, const std::string& key,
                                            const SourceFolder& from) {
  TRY_ASSIGN(const std::optional<SecretValue> found, inline_or_file(fields, key, from));
  if (!found) return std::nullopt;
  return field_value(*found);
}

// RFC 7617.
Result<std::string> basic(const yaml::Fields& section, const SourceFolder& from) {
  TRY(only_known(section, {"username", "username_file", "password", "password_file"}));
  TRY_ASSIGN(const std::optional<std::string> name, value_of(section, "username", from));
  TRY_ASSIGN(const std::optional<std::string> password, value_of(section, "password", from));
  if (name && name->find(':') != std::string::npos) {
    return yaml::fail_at(section.mark(), "a user name with a colon cannot be sent");
  }
  return "Basic " + base64::encode(name.value_or("") + ":" + password.value_or(""));
}

// RFC 9110 section 11.6.2.
Result<std::optional<std::string>> authorization(const yaml::Fields& section, const SourceFolder& from) {
  TRY(only_known(section, {"type", "credentials", "credentials_file"}));
  TRY_ASSIGN(const std::optional<std::string> given_type, section.string("type"));
  const std::string_view type = given_type ? trimmed(*given_type) : std::string_view();
  if (http::equal_ignoring_case(type, "Basic")) {
    return yaml::fail_at(mark_of(section, "type"), "for the type Basic there is the section basic_auth");
  }
  if (!type.empty() && !is_token(type)) return yaml::fail_at(mark_of(section, "type"), "the type is one word");
  TRY_ASSIGN(const std::optional<std::string> credentials, value_of(section, "credentials", from));
  if (!credentials) return std::nullopt;
  return std::string(type.empty() ? "Bearer" : type) + " " + *credentials;
}

// What Authorization says, from one of the three ways to say it.
Result<std::optional<std::string>> credentials(const yaml::Fields& root, const SourceFolder& from) {
  const bool has_basic = root.find("basic_auth") != nullptr;
  const bool has_authorization = root.find("authorization") != nullptr;
  const bool has_token = root.find("bearer_token") != nullptr || root.find("bearer_token_file") != nullptr;
  if (has_basic + has_authorization + has_token > 1) {
    return yaml::fail_at(root.mark(), "give only one of basic_auth, authorization and bearer_token(_file)");
  }
  if (has_basic) {
    TRY_ASSIGN(const yaml::Fields section, root.fields("basic_auth"));
    return basic(section, from);
  }
  if (has_authorization) {
    TRY_ASSIGN(const yaml::Fields section, root.fields("authorization"));
    return authorization(section, from);
  }
  TRY_ASSIGN(const std::optional<std::string> token, value_of(root, "bearer_token", from));
  if (!token) return std::nullopt;
  return "Bearer " + *token;
}

Result<> check_name(const yaml::Entry& field) {
  const std::string_view name = field.name();
  const auto is_it = [name](std::string_view reserved) { return http::equal_ignoring_case(name, reserved); };
  if (!is_token(name)) return yaml::fail_at(field.key.mark, "not the name of a header field");
  const bool is_ours = http::equal_ignoring_case(name.substr(0, kReservedPrefix.size()), kReservedPrefix);
  if (is_ours || std::ranges::any_of(kReservedFields, is_it)) {
    return yaml::fail_at(field.key.mark, "{} cannot be set here", name);
  }
  return {};
}

Result<> add_headers(const yaml::Fields& headers, const SourceFolder& from, http::Fields& fields) {
  for (const yaml::Entry& entry : headers.entries()) {
    TRY(check_name(entry));
    TRY_ASSIGN(const yaml::Fields header, headers.fields(entry.name()));
    TRY(only_known(header, {"values", "secrets", "files"}));
    for (const std::string_view key : {"values", "secrets", "files"}) {
      TRY_ASSIGN(const std::span<const yaml::Node> items, header.sequence(key));
      for (const yaml::Node& item : items) {
        SecretValue secret{.name = entry.name(), .text = {}};
        TRY_ASSIGN(secret.text, as_secret(item));
        if (key == "files") {
          TRY_ASSIGN(secret.text, from.sources.read(path_in(from.folder, secret.text)));
        }
        TRY_ASSIGN(const std::string value, field_value(secret));
        fields.add(entry.name(), value);
      }
    }
  }
  return {};
}

Result<net::ClientTlsOptions> client_tls(const yaml::Fields& tls, const SourceFolder& from) {
  TRY(only_known(tls, {"ca", "ca_file", "cert", "cert_file", "key", "key_file", "server_name", "insecure_skip_verify",
                       "min_version", "max_version"}));
  net::ClientTlsOptions options;
  TRY_ASSIGN(options.ca, pem(tls, "ca", from));
  TRY_ASSIGN(options.identity, tls_identity(tls, from));
  TRY_ASSIGN(const std::optional<std::string> server_name, tls.string("server_name"));
  options.server_name = server_name.value_or("");
  TRY_ASSIGN(const std::optional<bool> is_trusting, tls.boolean("insecure_skip_verify"));
  if (is_trusting.value_or(false)) options.verification = net::PeerVerification::skipped;
  TRY_ASSIGN(const TlsVersions versions, tls_versions(tls));
  options.version_min = versions.min;
  options.version_max = versions.max;
  return options;
}

Result<HttpClientConfig> parse(std::string_view text, const SourceFolder& from, net::Transport transport,
                               const net::SystemRoots& roots) {
  TRY_ASSIGN(const yaml::Node document, parse_secretive(text));
  TRY_ASSIGN(const yaml::Fields root, yaml::Fields::of(document));
  TRY(check_http_client_keys(root));
  return parse_http_client_config(root, from, transport, roots);
}

}  // namespace

void HttpClientConfig::apply_to(http::Request& request) const {
  for (const http::Field field : fields) request.fields.remove(field.name);
  for (const http::Field field : fields) request.fields.add(field.name, field.value);
}

Result<HttpClientConfig> load_http_client_config(Sources& sources, const std::string& path, net::Transport transport,
                                                 const net::SystemRoots& roots) {
  TRY_ASSIGN(const std::string text, sources.read(path));
  return with_context(parse(text, {.sources = sources, .folder = folder_of(path)}, transport, roots), path);
}

Result<> check_http_client_keys(const yaml::Fields& fields, std::initializer_list<std::string_view> others) {
  for (const Refusal& refusal : kRefusals) {
    if (fields.find(refusal.key) == nullptr) continue;
    return yaml::fail_at(mark_of(fields, refusal.key), "{} {}", refusal.key, refusal.why);
  }
  std::vector<std::string_view> known(others);
  known.insert(known.end(), kKeys.begin(), kKeys.end());
  return only_known(fields, known);
}

Result<HttpClientConfig> parse_http_client_config(const yaml::Fields& fields, const SourceFolder& from,
                                                  net::Transport transport, const net::SystemRoots& roots) {
  // Neither changes anything: redirects are the client's business, and we speak HTTP/1.1 alone.
  TRY(fields.boolean("follow_redirects"));
  TRY(fields.boolean("enable_http2"));

  HttpClientConfig config;
  TRY_ASSIGN(const std::optional<std::string> authorization, credentials(fields, from));
  if (authorization) config.fields.add("Authorization", *authorization);
  TRY_ASSIGN(const yaml::Fields headers, fields.fields("http_headers"));
  TRY(add_headers(headers, from, config.fields));
  TRY_ASSIGN(const yaml::Fields tls, fields.fields("tls_config"));
  TRY_ASSIGN(const net::ClientTlsOptions options, client_tls(tls, from));
  if (transport == net::Transport::tls) {
    TRY_ASSIGN(config.tls, net::TlsContext::client(options, roots));
  }
  return config;
}

Result<> add_plain_headers(const yaml::Fields& headers, HttpClientConfig& config) {
  for (const yaml::Entry& entry : headers.entries()) {
    TRY(check_name(entry));
    SecretValue secret{.name = entry.name(), .text = {}};
    TRY_ASSIGN(secret.text, as_secret(entry.value));
    TRY_ASSIGN(const std::string value, field_value(secret));
    config.fields.add(entry.name(), value);
  }
  return {};
}

}  // namespace promfleet::auth
