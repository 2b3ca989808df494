#include "app/operator_patch_command.h"

#include <cstdio>

#include "app/flags/flag_set.h"
#include "app/operator_patch/patch.h"
#include "app/version.h"
#include "core/base/try.h"
#include "core/os/real_file_system.h"

namespace promfleet {

namespace {

constexpr int kWrongUsage = 2;
constexpr std::size_t kObjectBytesMax = 4 << 20;

// Flags that are not what they set.
struct Line {
  OperatorPatchCommand command;
  bool is_proxy_on = false;
};

FlagSet flags_of(Line& line) {
  operator_patch::Options& options = line.command.options;
  FlagSet flags;
  flags.add("f", line.command.file, "File with a Prometheus or PrometheusAgent; - is standard input");
  flags.add("image", options.image, "Image of the elector");
  flags.add("leader-config-secret", options.leader_config_secret,
            "Secret whose key leader.yaml is what leadership adds (default prometheus-NAME-leader)");
  flags.add("gate-config-secret", options.gate_config_secret,
            "Secret whose key gate.yaml is the elector's -gate-config; turns the gate on");
  flags.add("lease-name", options.lease_name,
            "Name of the Lease; with shards -NUMBER is appended (default prometheus-NAME-shard-NUMBER)");
  flags.add("namespace", options.namespace_name, "Namespace, where the object names none");
  flags.add("proxy", line.is_proxy_on, "Turn on the leader proxy, on port 9095");
  flags.add("arg", options.arguments, "Further flag of the elector, such as -arg=-log.format=json; may be repeated");
  return flags;
}

Result<std::string> read_standard_input() {
  std::string text;
  std::string buffer(64 * 1024, '\0');
  while (const std::size_t bytes = std::fread(buffer.data(), 1, buffer.size(), stdin)) {
    text.append(buffer, 0, bytes);
    if (text.size() > kObjectBytesMax) return fail(Errc::limit_exceeded, "more than {} bytes", kObjectBytesMax);
  }
  if (std::ferror(stdin) != 0) return fail(Errc::io_failed, "cannot be read");
  return text;
}

Result<operator_patch::Patched> patch(const OperatorPatchCommand& command) {
  if (command.file == "-") {
    TRY_ASSIGN(const std::string text, with_context(read_standard_input(), "standard input"));
    return with_context(operator_patch::patch(text, command.options), "standard input");
  }
  RealFileSystem files;
  TRY_ASSIGN(const std::string text, files.read(command.file, kObjectBytesMax));
  return with_context(operator_patch::patch(text, command.options), command.file);
}

int report(const Error& error) {
  std::fprintf(stderr, "promfleet operator-patch: %s\n", error.message().c_str());
  return kWrongUsage;
}

}  // namespace

std::string operator_patch_help() {
  Line line;
  line.command.options.image = std::string("promfleet/promfleet:") + kVersion;
  return "Usage: promfleet operator-patch -f FILE [flags]\n\n"
         "Prints a Prometheus or PrometheusAgent of the Prometheus Operator with an elector beside each replica, and\n"
         "the Role that it needs. docs/operator.md explains what is added.\n\n" +
         flags_of(line).help();
}

Result<std::optional<OperatorPatchCommand>> parse_operator_patch_command(std::span<const std::string> arguments) {
  Line line;
  line.command.options.image = std::string("promfleet/promfleet:") + kVersion;
  TRY_ASSIGN(const FlagSet::Parsed parsed, flags_of(line).parse(arguments));
  if (parsed.help_requested) return std::nullopt;
  if (!parsed.rest.empty()) {
    return fail(Errc::invalid_input, "unexpected argument \"{}\": flags are written -name=value", parsed.rest.front());
  }
  if (line.command.file.empty()) return fail(Errc::invalid_input, "say which object: -f FILE, or -f - for a pipe");
  if (line.is_proxy_on) line.command.options.proxy = operator_patch::LeaderProxy::on;
  return line.command;
}

int run_operator_patch(std::span<const std::string> arguments) {
  const Result<std::optional<OperatorPatchCommand>> command = parse_operator_patch_command(arguments);
  if (!command) return report(command.error());
  if (!*command) {
    std::fputs(operator_patch_help().c_str(), stdout);
    return 0;
  }
  const Result<operator_patch::Patched> patched = patch(**command);
  if (!patched) return report(patched.error());
  for (const std::string& note : patched->notes) std::fprintf(stderr, "promfleet operator-patch: %s\n", note.c_str());
  std::fputs(patched->text.c_str(), stdout);
  return 0;
}

}  // namespace promfleet
