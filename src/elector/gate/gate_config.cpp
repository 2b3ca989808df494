#include "elector/gate/gate_config.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "codec/yaml/fields.h"
#include "core/base/try.h"
#include "model/byte_size.h"
#include "model/duration.h"
#include "net/auth/secret_fields.h"
#include "net/auth/tls_fields.h"
#include "remote_write/fence/limits.h"

namespace promfleet::elector {

namespace {

using remote_write::Version;

// What Prometheus' section has and a gate's has not.
struct Refusal {
  std::string_view key;
  std::string_view why;
};
constexpr std::string_view kStaysInPrometheus =
    "stays in Prometheus' own remote_write section, which `promfleet elector gate-values` prints";
constexpr std::array<Refusal, 9> kRefusals = {{
    {"write_relabel_configs", kStaysInPrometheus},
    {"queue_config", kStaysInPrometheus},
    {"metadata_config", kStaysInPrometheus},
    {"send_exemplars", kStaysInPrometheus},
    {"send_native_histograms", kStaysInPrometheus},
    {"round_robin_dns", "is not supported: every address of a name is tried in turn"},
    {"sigv4", "is not supported"},
    {"azuread", "is not supported"},
    {"google_iam", "is not supported"},
}};

constexpr Duration kHoldMin = 1s;
constexpr Duration kHoldMax = 5min;

// A field of `fields` as `parse` reads it; nullopt where it is absent.
template <class Parse>
auto parsed(const yaml::Fields& fields, std::string_view key, Parse parse)
    -> Result<std::optional<typename std::invoke_result_t<Parse, std::string_view>::value_type>> {
  TRY_ASSIGN(const std::optional<std::string> text, fields.string(key));
  if (!text) return std::nullopt;
  auto value = parse(*text);
  if (!value) return yaml::fail_at(auth::mark_of(fields, key), "{}: {}", key, value.error().message());
  return *value;
}

// What docs/format/fencing.md allows as the name of a group or a stream.
bool is_fence_name(std::string_view text) {
  return !text.empty() && text.size() <= remote_write::kFenceNameBytesMax &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

Result<Version> parse_message(std::string_view text) {
  if (text == "prometheus.WriteRequest") return Version::v1;
  if (text == "io.prometheus.write.v2.Request") return Version::v2;
  return fail(Errc::invalid_input, "use prometheus.WriteRequest or io.prometheus.write.v2.Request");
}

Result<http::Url> parse_entry_url(const yaml::Fields& fields) {
  TRY_ASSIGN(const std::optional<std::string> text, auth::secret(fields, "url"));
  if (!text) return yaml::fail_at(fields.mark(), "url is missing: where the leader's samples go");
  Result<http::Url> url = http::parse_url(*text);
  if (url) return url;
  // The error may quote a password.
  return yaml::fail_at(auth::mark_of(fields, "url"),
                       "not a usable http:// or https:// URL; user and password belong into basic_auth");
}

Result<> read_durations(const yaml::Fields& fields, GateEntry& entry) {
  TRY_ASSIGN(const auto timeout, parsed(fields, "remote_timeout", parse_prometheus_duration));
  TRY_ASSIGN(const auto lateness, parsed(fields, "lateness", parse_prometheus_duration));
  TRY_ASSIGN(const auto hold, parsed(fields, "hold", parse_prometheus_duration));
  entry.remote_timeout = timeout.value_or(entry.remote_timeout);
  entry.lateness = std::chrono::duration_cast<std::chrono::milliseconds>(lateness.value_or(entry.lateness));
  entry.hold = hold.value_or(entry.hold);
  if (entry.remote_timeout < 1ms) return yaml::fail_at(auth::mark_of(fields, "remote_timeout"), "must be at least 1ms");
  if (entry.lateness < 1s) return yaml::fail_at(auth::mark_of(fields, "lateness"), "lateness: must be at least 1s");
  if (entry.hold < kHoldMin || entry.hold > kHoldMax) {
    return yaml::fail_at(auth::mark_of(fields, "hold"),
                         "hold: must be from 1s to 5m, and below Prometheus' "
                         "remote_timeout");
  }
  return {};
}

Result<GateEntry> read_entry(const yaml::Node& node, const auth::SourceFolder& from, const std::string& group,
                             const net::SystemRoots& roots) {
  TRY_ASSIGN(const yaml::Fields fields, yaml::Fields::of(node));
  for (const Refusal& refusal : kRefusals) {
    if (fields.find(refusal.key) == nullptr) continue;
    return yaml::fail_at(auth::mark_of(fields, refusal.key), "{} {}", refusal.key, refusal.why);
  }
  GateEntry entry;
  TRY_ASSIGN(entry.url, parse_entry_url(fields));
  TRY_ASSIGN(const std::optional<std::string> name, fields.string("name"));
  TRY_ASSIGN(const std::optional<std::string> path, fields.string("path"));
  TRY_ASSIGN(const std::optional<std::string> own_group, fields.string("group"));
  TRY_ASSIGN(entry.drop_labels, fields.strings("drop_labels"));
  TRY(read_durations(fields, entry));
  TRY_ASSIGN(const auto bytes, parsed(fields, "max_held_bytes", parse_byte_size));
  TRY_ASSIGN(entry.version, parsed(fields, "protobuf_message", parse_message));
  entry.path = path.value_or("/api/v1/write");
  entry.name = name.value_or(entry.path);
  entry.group = own_group.value_or(group);
  entry.held_bytes_max = bytes.value_or(entry.held_bytes_max);
  for (const std::string_view key : {"name", "group"}) {
    const std::string& text = key == "name" ? entry.name : entry.group;
    if (!is_fence_name(text)) {
      return yaml::fail_at(auth::mark_of(fields, key), "{}: use 1 to 512 printable ASCII characters", key);
    }
  }
  if (!entry.path.starts_with('/') || entry.path.find_first_of("?# ") != std::string::npos) {
    return yaml::fail_at(auth::mark_of(fields, "path"), "path: must begin with / and have no query");
  }
  const net::Transport transport = entry.url.origin.is_tls ? net::Transport::tls : net::Transport::tcp;
  TRY(auth::check_http_client_keys(fields, {"url", "name", "path", "group", "headers", "remote_timeout", "lateness",
                                            "hold", "max_held_bytes", "drop_labels", "protobuf_message"}));
  TRY_ASSIGN(entry.client, auth::parse_http_client_config(fields, from, transport, roots));
  TRY_ASSIGN(const yaml::Fields headers, fields.fields("headers"));
  TRY(auth::add_plain_headers(headers, entry.client));
  return entry;
}

Result<> check_unique(const GateEntry& entry, const std::vector<GateEntry>& others, yaml::Mark mark) {
  for (const GateEntry& other : others) {
    if (entry.path == other.path) {
      return yaml::fail_at(mark,
                           "path {} is another entry's too: give each entry its own, and Prometheus a remote_write "
                           "section for each, so that one destination does not hold up another",
                           yaml::shown(entry.path));
    }
    if (entry.name == other.name) {
      return yaml::fail_at(mark, "name {} is another entry's too", yaml::shown(entry.name));
    }
    if (have_same_destination(entry, other) && entry.lateness != other.lateness) {
      return yaml::fail_at(mark, "lateness differs from that of {}, which leads to the same destination",
                           yaml::shown(other.name));
    }
  }
  return {};
}

// A list, or a mapping that has it as remote_write.
Result<std::span<const yaml::Node>> entries_of(const yaml::Node& document) {
  if (document.mapping() == nullptr) return yaml::as_sequence(document);
  TRY_ASSIGN(const yaml::Fields root, yaml::Fields::of(document));
  TRY(auth::only_known(root, {"remote_write"}));
  return root.sequence("remote_write");
}

Result<GateConfig> parse(std::string_view text, const auth::SourceFolder& from, const std::string& group,
                         const net::SystemRoots& roots) {
  TRY_ASSIGN(const yaml::Node document, auth::parse_secretive(text));
  TRY_ASSIGN(const std::span<const yaml::Node> nodes, entries_of(document));
  if (nodes.empty()) return yaml::fail_at(document.mark, "no entry: give a list of remote_write sections");
  GateConfig config;
  for (const yaml::Node& node : nodes) {
    TRY_ASSIGN(GateEntry entry, read_entry(node, from, group, roots));
    TRY(check_unique(entry, config.entries, node.mark));
    config.entries.push_back(std::move(entry));
  }
  return config;
}

}  // namespace

Result<GateConfig> load_gate_config(auth::Sources& sources, const std::string& path, const std::string& group,
                                    const net::SystemRoots& roots) {
  TRY_ASSIGN(const std::string text, sources.read(path));
  return with_context(parse(text, {.sources = sources, .folder = auth::folder_of(path)}, group, roots), path);
}

bool have_same_destination(const GateEntry& a, const GateEntry& b) {
  return a.url.origin == b.url.origin && a.url.target == b.url.target && a.group == b.group;
}

bool has_same_streams(const GateConfig& former, const GateConfig& changed) {
  return std::ranges::equal(former.entries, changed.entries, [](const GateEntry& a, const GateEntry& b) {
    return a.name == b.name && a.path == b.path && a.group == b.group && a.url.origin == b.url.origin &&
           a.url.target == b.url.target && a.lateness == b.lateness;
  });
}

}  // namespace promfleet::elector
