#include "app/elector_role.h"

#include <csignal>
#include <cstdio>

#include "app/descriptors.h"
#include "app/elector_options.h"
#include "app/elector_process.h"
#include "app/environment.h"
#include "app/gate_values.h"
#include "app/output_apart.h"
#include "core/base/try.h"
#include "core/os/real_file_system.h"
#include "core/os/system_clock.h"
#include "core/telemetry/log.h"
#include "core/telemetry/stderr_sink.h"

namespace promfleet {

namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

int report(const Error& error, int status) {
  std::fprintf(stderr, "promfleet elector: %s\n", error.message().c_str());
  return status;
}

// `-init`: what the init container does before Prometheus starts.
Result<> write_follower_file(const ElectorOptions& options, const ProcessEnvironment& environment) {
  RealFileSystem files;
  elector::ConfigFiles config{.config = options.config, .leader_config = options.leader_config};
  if (options.config_envsubst) {
    config.environment = [&environment](std::string_view name) { return environment.find(name); };
  }
  TRY_ASSIGN(const std::string follower, elector::read_follower_config(files, config));
  return files.replace(options.output, follower, 0600);
}

int run_init(const ElectorOptions& options, const ProcessEnvironment& environment) {
  const Result<> written = write_follower_file(options, environment);
  if (written) return 0;
  asio::io_context io;
  const SystemClock clock(io);
  const LogFormat format = parse_log_format(options.log_format).value_or(LogFormat::logfmt);
  StderrSink sink(clock, format);
  Log(sink, clock, format, LogLevel::info)
      .error("cannot write Prometheus' first configuration", {{"err", written.error()}});
  return kFailed;
}

}  // namespace

int run_elector(std::span<const std::string> arguments, char** variables) {
  if (!arguments.empty() && arguments.front() == "gate-values") return run_gate_values(arguments.subspan(1), variables);
  const Result<std::optional<ElectorOptions>> options = parse_elector_options(arguments);
  if (!options) return report(options.error(), kWrongUsage);
  if (!*options) {
    std::fputs(elector_help().c_str(), stdout);
    return 0;
  }
  if (const Result<> apart = keep_output_apart(**options); !apart) return report(apart.error(), kWrongUsage);
  const ProcessEnvironment environment(variables);
  if ((*options)->init) return run_init(**options, environment);
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  if (const Result<> enough = check_descriptor_limit(descriptor_limit()); !enough) {
    return report(enough.error(), kFailed);
  }
  const auto process = ElectorProcess::create(**options, environment);
  if (!process) return report(process.error(), kWrongUsage);
  const Result<> ran = (*process)->run();
  return ran ? 0 : report(ran.error(), kFailed);
}

}  // namespace promfleet
