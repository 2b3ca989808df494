#include "app/gate_values.h"

#include <cstdio>

#include "app/flags/flag_set.h"
#include "app/gate_wiring.h"
#include "core/base/try.h"
#include "core/os/real_file_system.h"
#include "elector/gate/prometheus_section.h"

namespace promfleet {

namespace {

constexpr int kWrongUsage = 2;

FlagSet gate_values_flags(GateValuesOptions& options) {
  FlagSet flags;
  flags.add("gate-config", options.gate_config, "The elector's -gate-config");
  flags.add("gate-listen-address", options.gate_listen_address, "The elector's -gate-listen-address");
  flags.add("web.config.file", options.web_config_file, "The elector's -web.config.file: what a gate with TLS needs");
  return flags;
}

Result<> check(const GateValuesOptions& options) {
  if (options.gate_config.empty()) {
    return fail(Errc::invalid_input, "flag -gate-config is required: the file that the elector gets by it");
  }
  const std::size_t colon = options.gate_listen_address.rfind(':');
  const bool has_port = colon != std::string::npos && options.gate_listen_address.substr(colon) != ":0";
  if (has_port) return {};
  return fail(Errc::invalid_input, "flag -gate-listen-address: \"{}\" has no port: use 127.0.0.1:9096",
              options.gate_listen_address);
}

int report(const Error& error) {
  std::fprintf(stderr, "promfleet elector gate-values: %s\n", error.message().c_str());
  return kWrongUsage;
}

}  // namespace

std::string gate_values_help() {
  GateValuesOptions options;
  return "Usage: promfleet elector gate-values -gate-config=FILE [flags]\n\n"
         "Prints the remote_write section with which each member's Prometheus writes to its gate. docs/gate.md\n"
         "explains it.\n\n" +
         gate_values_flags(options).help();
}

Result<std::optional<GateValuesOptions>> parse_gate_values_options(std::span<const std::string> arguments) {
  GateValuesOptions options;
  TRY_ASSIGN(const FlagSet::Parsed parsed, gate_values_flags(options).parse(arguments));
  if (parsed.help_requested) return std::nullopt;
  if (!parsed.rest.empty()) {
    return fail(Errc::invalid_input, "unexpected argument \"{}\": flags are written -name=value", parsed.rest.front());
  }
  TRY(check(options));
  return options;
}

Result<std::string> gate_values(const GateValuesOptions& options, FileSystem& files,
                                const ProcessEnvironment& environment) {
  auth::Sources sources(files);
  // Of Prometheus' side groups are none.
  TRY_ASSIGN(const elector::GateConfig config,
             elector::load_gate_config(sources, options.gate_config, "any", system_roots(environment)));
  std::optional<auth::WebConfig> web_config;
  if (!options.web_config_file.empty()) {
    TRY_ASSIGN(web_config, auth::load_web_config(sources, options.web_config_file));
  }
  const elector::GateProtection protection = protection_by(web_config ? &*web_config : nullptr);
  return elector::prometheus_section(config, elector::GateAddress(options.gate_listen_address, protection));
}

int run_gate_values(std::span<const std::string> arguments, char** environment) {
  const Result<std::optional<GateValuesOptions>> options = parse_gate_values_options(arguments);
  if (!options) return report(options.error());
  if (!*options) {
    std::fputs(gate_values_help().c_str(), stdout);
    return 0;
  }
  RealFileSystem files;
  const Result<std::string> section = gate_values(**options, files, ProcessEnvironment(environment));
  if (!section) return report(section.error());
  std::fputs(section->c_str(), stdout);
  return 0;
}

}  // namespace promfleet
