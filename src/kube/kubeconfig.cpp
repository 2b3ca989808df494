#include "kube/kubeconfig.h"

#include <array>
#include <set>

#include <fmt/ranges.h>

#include "codec/base64/base64.h"
#include "codec/yaml/fields.h"
#include "core/base/try.h"
#include "net/auth/secret_fields.h"
#include "net/auth/sources.h"

namespace promfleet::kube {
namespace {

constexpr std::size_t kBytesMax = 1 << 20;

constexpr std::string_view kUseInstead =
    "use a client certificate, a token or a tokenFile, such as a service account's";

struct Refusal {
  std::string_view key;
  std::string_view what;
};
constexpr std::array<Refusal, 6> kUserRefusals = {{
    {"exec", "exec plugins are not run"},
    {"auth-provider", "auth providers are not supported"},
    {"as", "impersonation is not supported"},
    {"as-uid", "impersonation is not supported"},
    {"as-groups", "impersonation is not supported"},
    {"as-user-extra", "impersonation is not supported"},
}};

// Where the files that a kubeconfig names are read.
struct Folder {
  FileSystem& files;
  const std::string& path;
};

// The `kind` of that name, out of the list of all of them: {name: a, cluster: {...}}.
Result<yaml::Fields> named(const yaml::Fields& root, std::string_view kind, const std::string& name) {
  TRY_ASSIGN(const std::span<const yaml::Node> items, root.sequence(fmt::format("{}s", kind)));
  std::set<std::string> names;
  std::optional<yaml::Fields> found;
  for (const yaml::Node& node : items) {
    TRY_ASSIGN(const yaml::Fields item, yaml::Fields::of(node));
    TRY_ASSIGN(const std::optional<std::string> item_name, item.string("name"));
    if (!item_name) return yaml::fail_at(node.mark, "a {} without a name", kind);
    if (!names.insert(*item_name).second) return yaml::fail_at(node.mark, "a second {} \"{}\"", kind, *item_name);
    if (*item_name != name) continue;
    TRY_ASSIGN(found, item.fields(kind));
  }
  if (found) return *found;
  const std::string known = names.empty() ? "there are none" : fmt::format("there are {}", fmt::join(names, ", "));
  return fail(Errc::invalid_input, "there is no {} \"{}\": {}", kind, name, known);
}

// Text under `key`-data in Base64, else the file under `key`.
Result<std::optional<net::Pem>> pem(const yaml::Fields& fields, const std::string& key, const Folder& folder) {
  TRY_ASSIGN(const std::optional<std::string> data, auth::secret(fields, key + "-data"));
  if (data) {
    Result<std::string> text = base64::decode(*data);
    if (!text) return std::unexpected(std::move(text).error().with_context(key + "-data"));
    return net::Pem{.name = key + "-data", .text = *std::move(text)};
  }
  TRY_ASSIGN(const std::optional<std::string> file, auth::secret(fields, key));
  if (!file) return std::nullopt;
  return net::read_pem(folder.files, auth::path_in(folder.path, *file));
}

Result<> read_cluster(const yaml::Fields& cluster, const Folder& folder, Access& access) {
  TRY_ASSIGN(const std::optional<std::string> server, auth::secret(cluster, "server"));
  if (!server) return yaml::fail_at(cluster.mark(), "server is missing");
  TRY_ASSIGN(const http::Url url, http::parse_url(*server));
  if (url.target.contains('?'))
    return fail(Errc::invalid_input, "the server {} has a query", http::to_string(url.origin));
  access.server = url.origin;
  access.base_path = url.target.substr(0, url.target.find_last_not_of('/') + 1);
  if (cluster.find("proxy-url") != nullptr) {
    return fail(Errc::unsupported, "proxy-url is not supported: promfleet connects to the API server directly");
  }
  TRY_ASSIGN(access.tls.ca, pem(cluster, "certificate-authority", folder));
  TRY_ASSIGN(const std::optional<std::string> name, cluster.string("tls-server-name"));
  access.tls.server_name = name.value_or("");
  TRY_ASSIGN(const std::optional<bool> insecure, cluster.boolean("insecure-skip-tls-verify"));
  if (!insecure.value_or(false)) return {};
  if (access.tls.ca) {
    return fail(Errc::invalid_input,
                "insecure-skip-tls-verify and certificate-authority contradict one another: give one of them");
  }
  access.tls.verification = net::PeerVerification::skipped;
  return {};
}

Result<Credentials> read_credentials(const yaml::Fields& user, const Folder& folder) {
  TRY_ASSIGN(const std::optional<std::string> token, auth::secret(user, "token"));
  TRY_ASSIGN(const std::optional<std::string> token_file, auth::secret(user, "tokenFile"));
  TRY_ASSIGN(const std::optional<std::string> name, auth::secret(user, "username"));
  TRY_ASSIGN(const std::optional<std::string> password, auth::secret(user, "password"));
  if (name && (token || token_file)) {
    return fail(Errc::invalid_input, "both a token and a username: give one of them");
  }
  if (name && name->contains(':')) return fail(Errc::invalid_input, "a username with a colon cannot be sent");
  if (password && !name) return fail(Errc::invalid_input, "a password without a username");
  if (token_file) return TokenFile{auth::path_in(folder.path, *token_file)};
  if (token) return BearerToken{*token};
  if (name) return UserPassword{.user = *name, .password = password.value_or("")};
  return NoCredentials{};
}

Result<> read_user(const yaml::Fields& user, const Folder& folder, Access& access) {
  for (const auto& [key, what] : kUserRefusals) {
    if (user.find(key) != nullptr) return fail(Errc::unsupported, "{}: {}; {}", key, what, kUseInstead);
  }
  TRY_ASSIGN(std::optional<net::Pem> certificate, pem(user, "client-certificate", folder));
  TRY_ASSIGN(std::optional<net::Pem> key, pem(user, "client-key", folder));
  if (certificate.has_value() != key.has_value()) {
    return fail(Errc::invalid_input, "client-certificate and client-key belong together: one is missing");
  }
  if (certificate) access.tls.identity = {.certificates = *std::move(certificate), .key = *std::move(key)};
  TRY_ASSIGN(access.credentials, read_credentials(user, folder));
  return {};
}

// A section's errors say whose they are.
Result<> in_section(std::string_view kind, const std::string& name, Result<> read) {
  if (read) return read;
  return std::unexpected(std::move(read).error().with_context(fmt::format("{} \"{}\"", kind, name)));
}

}  // namespace

Result<Access> parse_kubeconfig(FileSystem& files, std::string_view text, const std::string& folder_path) {
  const Folder folder{files, folder_path};
  TRY_ASSIGN(const yaml::Node document, auth::parse_secretive(text));
  TRY_ASSIGN(const yaml::Fields root, yaml::Fields::of(document));
  TRY_ASSIGN(const std::optional<std::string> current, root.string("current-context"));
  if (current.value_or("").empty()) {
    return fail(Errc::invalid_input, "current-context is not set: name one of its contexts");
  }
  TRY_ASSIGN(const yaml::Fields context, named(root, "context", *current));
  TRY_ASSIGN(const std::optional<std::string> cluster_name, context.string("cluster"));
  TRY_ASSIGN(const std::optional<std::string> user_name, context.string("user"));
  if (cluster_name.value_or("").empty()) {
    return yaml::fail_at(context.mark(), "the context \"{}\" names no cluster", *current);
  }

  Access access;
  TRY_ASSIGN(const yaml::Fields cluster, named(root, "cluster", *cluster_name));
  TRY(in_section("cluster", *cluster_name, read_cluster(cluster, folder, access)));
  if (user_name.value_or("").empty()) return access;
  TRY_ASSIGN(const yaml::Fields user, named(root, "user", *user_name));
  TRY(in_section("user", *user_name, read_user(user, folder, access)));
  return access;
}

Result<Access> load_kubeconfig(FileSystem& files, const std::string& path) {
  TRY_ASSIGN(const std::string text, files.read(path, kBytesMax));
  Result<Access> access = parse_kubeconfig(files, text, auth::folder_of(path));
  if (!access) return std::unexpected(std::move(access).error().with_context(path));
  return access;
}

}  // namespace promfleet::kube
