#include "elector/gate/prometheus_section.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "codec/yaml/emit.h"
#include "net/http/origin.h"

namespace promfleet::elector {

namespace {

constexpr Duration kTimeoutMin = 30s;
constexpr Duration kAboveHold = 5s;

constexpr std::string_view kHead =
    "# How Prometheus writes to its gate: for the configuration of every member, whether it leads or not (with "
    "-config:\n"
    "# the section `follower`). docs/gate.md explains the numbers.\n"
    "remote_write:\n";

constexpr std::string_view kQueue =
    "    queue_config:\n"
    "      min_shards: 1              # a held queue that reshards is dropped, and several shards lose their order\n"
    "      max_shards: 1\n"
    "      capacity: 10000            # samples in memory; what waits beyond them waits in the WAL\n"
    "      max_samples_per_send: 2000\n"
    "      batch_send_deadline: 5s    # a part of lateness\n"
    "      min_backoff: 30ms          # so that a promotion finds the next batch at once\n"
    "      max_backoff: 100ms\n";

std::string scalar(std::string text, yaml::Style style) {
  std::string line =
      yaml::emit({.value = yaml::Scalar{.text = std::move(text), .style = style}, .tag = {}, .mark = {}});
  line.erase(line.find_last_not_of('\n') + 1);
  return line;
}

std::string timeout_of(const GateEntry& entry) {
  const Duration timeout = std::max(kTimeoutMin, entry.hold + kAboveHold);
  if (timeout % 1s == Duration(0)) return fmt::format("{}s", timeout / 1s);
  return fmt::format("{}ms", std::chrono::ceil<std::chrono::milliseconds>(timeout).count());
}

// Passwords are nobody's to print: the section says where they go.
std::string credentials(const GateProtection& protection) {
  std::string text;
  if (protection.authenticates) {
    text +=
        "    # -web.config.file lets nobody in without a password or a certificate: add basic_auth, or cert_file and\n"
        "    # key_file to tls_config.\n";
  }
  if (protection.transport == net::Transport::tls) {
    text +=
        "    tls_config:\n"
        "      insecure_skip_verify: true # it never leaves this host; or ca_file and server_name of the certificate\n";
  }
  return text;
}

// `entry` among those that lead to the same destination.
struct Share {
  std::size_t number = 0;
  std::size_t of = 0;
};

Share share_of(const GateEntry& entry, const GateConfig& config) {
  Share share;
  for (const GateEntry& other : config.entries) {
    if (&other == &entry) share.number = share.of;
    if (have_same_destination(entry, other)) ++share.of;
  }
  return share;
}

// By labels that a series has in every member.
std::string relabelling(Share share) {
  return fmt::format(
      "    write_relabel_configs:       # the series of part {} of {}; other labels that spread them evenly do as "
      "well, but\n"
      "                                 # none that tells members apart\n"
      "      - source_labels: [__name__, job, instance, namespace, pod]\n"
      "        modulus: {}\n"
      "        target_label: __tmp_gate\n"
      "        action: hashmod\n"
      "      - source_labels: [__tmp_gate]\n"
      "        regex: '{}'\n"
      "        action: keep\n"
      "      - regex: __tmp_gate\n"
      "        action: labeldrop\n",
      share.number + 1, share.of, share.of, share.number);
}

}  // namespace

std::string prometheus_section(const GateConfig& config, const GateAddress& address) {
  std::string text(kHead);
  for (const GateEntry& entry : config.entries) {
    fmt::format_to(std::back_inserter(text), "  # The leader's go on to {}\n  - name: {}\n    url: {}\n",
                   to_string(entry.url.origin), scalar(entry.name, yaml::Style::single_quoted),
                   scalar(address.url_of(entry.path), yaml::Style::plain));
    text += credentials(address.protection());
    fmt::format_to(std::back_inserter(text), "    remote_timeout: {:<13}# above hold ({}s): the gate answers first\n",
                   timeout_of(entry), to_seconds(entry.hold));
    if (entry.version == remote_write::Version::v2) {
      text +=
          "    protobuf_message: io.prometheus.write.v2.Request   # Prometheus before 2.54 does not know this line\n";
    }
    text += kQueue;
    if (const Share share = share_of(entry, config); share.of > 1) text += relabelling(share);
  }
  return text;
}

}  // namespace promfleet::elector
