#include "app/elector_options.h"

#include <array>

#include "app/flags/go_value.h"
#include "core/base/try.h"

namespace promfleet {

namespace {

// client-go's followers wait up to this many retry periods between two looks at the Lease.
constexpr double kRetryJitter = 1.2;

void add_configuration_flags(FlagSet& flags, ElectorOptions& options) {
  flags.add("config", options.config, "Path of the prometheus-elector configuration");
  flags.add("leader-config", options.leader_config,
            "Path of what the leader adds; -config is then a whole Prometheus configuration (Prometheus Operator)");
  flags.add("output", options.output, "Path to write the Prometheus configuration");
  flags.add(
      "config-envsubst", options.config_envsubst,
      "Replace $(NAME) in the configuration by the environment variable NAME, as prometheus-config-reloader does");
  flags.add("watch-dir", options.watch_dirs, "Folder whose changes reload Prometheus, e.g. rules; may be repeated");
  flags.add("init", options.init, "Only init the prometheus config file");
}

void add_prometheus_flags(FlagSet& flags, ElectorOptions& options) {
  flags.add("notify-http-url", options.notify_http_url, "URL to the reload configuration endpoint");
  flags.add("notify-http-method", options.notify_http_method,
            "HTTP method to use when sending the reload config request");
  flags.add("notify-timeout", options.notify_timeout,
            "Time after which a reload is reported as late; it is awaited all the same, since Prometheus executes it");
  flags.add("notify-retry-max-attempts", options.notify_retry_max_attempts,
            "How many reloads make one round of attempts");
  flags.add("notify-retry-delay", options.notify_retry_delay, "Delay between two attempts to reload");
  flags.add("prometheus.http-config", options.prometheus_http_config,
            "File with TLS and authentication towards Prometheus, for reload, probes and proxy");
  flags.add("readiness-http-url", options.readiness_http_url, "URL to the Prometheus ready endpoint");
  flags.add("readiness-poll-period", options.readiness_poll_period, "Poll period prometheus readiness check");
  flags.add("readiness-timeout", options.readiness_timeout, "HTTP timeout for readiness calls");
  flags.add("healthcheck-http-url", options.healthcheck_http_url, "URL to the Prometheus health endpoint");
  flags.add("healthcheck-period", options.healthcheck_period, "Healthcheck period");
  flags.add("healthcheck-timeout", options.healthcheck_timeout, "HTTP timeout for healthchecks");
  flags.add("healthcheck-success-threshold", options.healthcheck_success_threshold,
            "Amount of consecutives success to consider Prometheus healthy");
  flags.add("healthcheck-failure-threshold", options.healthcheck_failure_threshold,
            "Amount of consecutives failures to consider Prometheus unhealthy");
}

void add_lease_flags(FlagSet& flags, ElectorOptions& options) {
  flags.add("lease-backend", options.lease_backend, "Where the lease is kept: kubernetes, etcd or file");
  flags.add("lease-name", options.lease_name, "Name of lease resource");
  flags.add("lease-namespace", options.lease_namespace, "Name of lease resource namespace");
  flags.add("lease-duration", options.lease_duration,
            "Duration of a lease, client wait the full duration of a lease before trying to take it over");
  flags.add("lease-renew-deadline", options.lease_renew_deadline, "Maximum duration spent trying to renew the lease");
  flags.add("lease-retry-period", options.lease_retry_period,
            "Delay between two attempts of taking/renewing the lease");
  flags.add("kubeconfig", options.kubeconfig, "Path to a kubeconfig. Only required if out-of-cluster.");
  flags.add("etcd-endpoints", options.etcd_endpoints, "URLs of the etcd members, separated by commas");
  flags.add("etcd-cacert", options.etcd_cacert, "File with the CA certificates that etcd's certificate is checked by");
  flags.add("etcd-cert", options.etcd_cert, "File with the client certificate for etcd");
  flags.add("etcd-key", options.etcd_key, "File with the key of -etcd-cert");
  flags.add("etcd-user", options.etcd_user, "User name for etcd");
  flags.add("etcd-password-file", options.etcd_password_file, "File with the password of -etcd-user");
  flags.add("lease-file", options.lease_file, "Path of the lease when -lease-backend=file; for processes of one host");
}

void add_gate_flags(FlagSet& flags, ElectorOptions& options) {
  flags.add(
      "gate-config", options.gate_config,
      "File with the receivers that the leader's samples go to: Prometheus' remote_write list. Turns the gate on");
  flags.add("gate-listen-address", options.gate_listen_address,
            "Where the local Prometheus writes to: HTTP listen address of the gate");
}

void add_api_flags(FlagSet& flags, ElectorOptions& options) {
  flags.add("api-listen-address", options.api_listen_address, "HTTP listen address for the API.");
  flags.add("api-shutdown-grace-delay", options.api_shutdown_grace_delay,
            "Grace delay to apply when shutting down the API server, and the gate with it");
  flags.add("api-proxy-enabled", options.api_proxy_enabled, "Turn on leader proxy on the API");
  flags.add("api-proxy-prometheus-local-port", options.api_proxy_prometheus_local_port,
            "Listening port of the local prometheus instance");
  flags.add("api-proxy-prometheus-remote-port", options.api_proxy_prometheus_remote_port,
            "Listening port of any remote prometheus instance");
  flags.add("api-proxy-prometheus-service-name", options.api_proxy_prometheus_service_name,
            "Name of the statefulset headless service");
  flags.add("api-proxy-allow-admin", options.api_proxy_allow_admin,
            "Let the proxy pass on /-/quit, /-/reload and /api/v1/admin/");
  flags.add("api-proxy-failover-wait", options.api_proxy_failover_wait,
            "How long an idempotent request waits for the next leader");
  flags.add("web.config.file", options.web_config_file,
            "File with TLS, basic authentication and headers of the API (the exporter-toolkit's format)");
  flags.add("log.format", options.log_format, "Format of the log: logfmt or json");
  flags.add("log.level", options.log_level, "Least level that is logged: debug, info, warn or error");
  flags.add("runtime-metrics", options.runtime_metrics,
            "Accepted for compatibility: there is no Go runtime, and process_* metrics are always exported");
}

FlagSet elector_flags(ElectorOptions& options) {
  FlagSet flags;
  add_configuration_flags(flags, options);
  add_prometheus_flags(flags, options);
  add_lease_flags(flags, options);
  add_gate_flags(flags, options);
  add_api_flags(flags, options);
  return flags;
}

Result<> require(std::string_view flag, std::string_view value, std::string_view meaning) {
  if (!value.empty()) return {};
  return fail(Errc::invalid_input, "flag -{} is required: {}", flag, meaning);
}

Result<> check_http_url(std::string_view flag, std::string_view url) {
  if (url.empty() || url.starts_with("http://") || url.starts_with("https://")) return {};
  return fail(Errc::invalid_input, "flag -{}: \"{}\" is not an http:// or https:// URL", flag, url);
}

Result<> check_positive(std::string_view flag, Duration value) {
  if (value > Duration(0)) return {};
  return fail(Errc::invalid_input, "flag -{}: {} is not a positive duration", flag, format_go_duration(value));
}

Result<> check_at_least_one(std::string_view flag, int value) {
  if (value >= 1) return {};
  return fail(Errc::invalid_input, "flag -{}: {} is too small: use 1 or more", flag, value);
}

Result<> check_configuration(const ElectorOptions& options) {
  TRY(require("config", options.config, "the configuration to write for Prometheus"));
  return require("output", options.output, "the file that Prometheus reads");
}

Result<> check_prometheus(const ElectorOptions& options) {
  TRY(require("notify-http-url", options.notify_http_url, "e.g. http://127.0.0.1:9090/-/reload"));
  TRY(check_http_url("notify-http-url", options.notify_http_url));
  TRY(check_http_url("readiness-http-url", options.readiness_http_url));
  TRY(check_http_url("healthcheck-http-url", options.healthcheck_http_url));
  if (options.notify_http_method != "POST" && options.notify_http_method != "PUT" &&
      options.notify_http_method != "GET") {
    return fail(Errc::invalid_input, "flag -notify-http-method: \"{}\" is not a method to reload with: use POST or PUT",
                options.notify_http_method);
  }
  TRY(check_positive("notify-timeout", options.notify_timeout));
  TRY(check_positive("notify-retry-delay", options.notify_retry_delay));
  TRY(check_at_least_one("notify-retry-max-attempts", options.notify_retry_max_attempts));
  TRY(check_positive("readiness-poll-period", options.readiness_poll_period));
  TRY(check_positive("readiness-timeout", options.readiness_timeout));
  TRY(check_positive("healthcheck-period", options.healthcheck_period));
  TRY(check_positive("healthcheck-timeout", options.healthcheck_timeout));
  TRY(check_at_least_one("healthcheck-success-threshold", options.healthcheck_success_threshold));
  return check_at_least_one("healthcheck-failure-threshold", options.healthcheck_failure_threshold);
}

// The relations that client-go asks for too, so that one Lease may be shared with Go electors.
Result<> check_lease_times(const ElectorOptions& options) {
  const Duration duration = options.lease_duration;
  if (duration < 1s || duration % 1s != Duration(0) || duration > 1h) {
    return fail(Errc::invalid_input, "flag -lease-duration: {} must be in whole seconds from 1s to 1h",
                format_go_duration(duration));
  }
  TRY(check_positive("lease-retry-period", options.lease_retry_period));
  if (options.lease_renew_deadline >= duration) {
    return fail(Errc::invalid_input, "flag -lease-renew-deadline: {} must be less than -lease-duration ({})",
                format_go_duration(options.lease_renew_deadline), format_go_duration(duration));
  }
  const auto retry = std::chrono::duration_cast<Duration>(options.lease_retry_period * kRetryJitter);
  if (options.lease_renew_deadline <= retry) {
    return fail(Errc::invalid_input,
                "flag -lease-renew-deadline: {} must be more than 1.2 times -lease-retry-period ({})",
                format_go_duration(options.lease_renew_deadline), format_go_duration(options.lease_retry_period));
  }
  return {};
}

// A flag of another back end is a misunderstanding, not something to ignore.
Result<> check_backend_flags(const ElectorOptions& options, const std::set<std::string>& given) {
  struct Owned {
    std::string_view flag;
    std::string_view backend;
  };
  constexpr std::array kOwned = {
      Owned{"kubeconfig", "kubernetes"},   Owned{"etcd-endpoints", "etcd"}, Owned{"etcd-cacert", "etcd"},
      Owned{"etcd-cert", "etcd"},          Owned{"etcd-key", "etcd"},       Owned{"etcd-user", "etcd"},
      Owned{"etcd-password-file", "etcd"}, Owned{"lease-file", "file"},
  };
  for (const Owned& owned : kOwned) {
    if (given.contains(std::string(owned.flag)) && owned.backend != options.lease_backend) {
      return fail(Errc::invalid_input, "flag -{} goes with -lease-backend={}, not with {}", owned.flag, owned.backend,
                  options.lease_backend);
    }
  }
  return {};
}

Result<> check_lease(const ElectorOptions& options, const std::set<std::string>& given) {
  if (options.lease_backend != "kubernetes" && options.lease_backend != "etcd" && options.lease_backend != "file") {
    return fail(Errc::invalid_input, "flag -lease-backend: \"{}\" is unknown: use kubernetes, etcd or file",
                options.lease_backend);
  }
  TRY(check_backend_flags(options, given));
  if (options.backend() == LeaseBackend::file) {
    TRY(require("lease-file", options.lease_file, "the file that the members of one host share"));
  } else {
    TRY(require("lease-name", options.lease_name, "the lease that the members share"));
    TRY(require("lease-namespace", options.lease_namespace, "the namespace of the lease"));
  }
  if (options.backend() == LeaseBackend::etcd) {
    TRY(require("etcd-endpoints", options.etcd_endpoints, "e.g. http://127.0.0.1:2379"));
  }
  if (options.etcd_cert.empty() != options.etcd_key.empty()) {
    return fail(Errc::invalid_input, "flags -etcd-cert and -etcd-key go together: give both or none");
  }
  if (options.etcd_user.empty() != options.etcd_password_file.empty()) {
    return fail(Errc::invalid_input, "flags -etcd-user and -etcd-password-file go together: give both or none");
  }
  return check_lease_times(options);
}

Result<> check_api(const ElectorOptions& options) {
  if (!options.api_listen_address.contains(':')) {
    return fail(Errc::invalid_input, "flag -api-listen-address: \"{}\" has no port: use :9095 or 127.0.0.1:9095",
                options.api_listen_address);
  }
  if (options.api_shutdown_grace_delay < Duration(0) || options.api_proxy_failover_wait < Duration(0)) {
    return fail(Errc::invalid_input, "flags -api-shutdown-grace-delay and -api-proxy-failover-wait: use 0s or more");
  }
  if (options.api_proxy_enabled) {
    TRY(require("api-proxy-prometheus-service-name", options.api_proxy_prometheus_service_name,
                "the headless service under which the proxy finds the leader's pod"));
  }
  return {};
}

Result<> check_gate(const ElectorOptions& options, const std::set<std::string>& given) {
  if (options.gate_config.empty() && given.contains("gate-listen-address")) {
    return fail(Errc::invalid_input, "flag -gate-listen-address goes with -gate-config, which says where samples go");
  }
  if (!options.gate_listen_address.contains(':')) {
    return fail(Errc::invalid_input, "flag -gate-listen-address: \"{}\" has no port: use 127.0.0.1:9096",
                options.gate_listen_address);
  }
  return {};
}

// With -init nothing but the file is written, so nothing but the paths has to be right.
Result<> check_options(const ElectorOptions& options, const std::set<std::string>& given) {
  if (const auto format = parse_log_format(options.log_format); !format) return std::unexpected(format.error());
  if (const auto level = parse_log_level(options.log_level); !level) return std::unexpected(level.error());
  TRY(check_configuration(options));
  if (options.init) return {};
  TRY(check_lease(options, given));
  TRY(check_prometheus(options));
  TRY(check_gate(options, given));
  return check_api(options);
}

}  // namespace

LeaseBackend ElectorOptions::backend() const {
  if (lease_backend == "etcd") return LeaseBackend::etcd;
  return lease_backend == "file" ? LeaseBackend::file : LeaseBackend::kubernetes;
}

std::string elector_help() {
  ElectorOptions options;
  return "Usage: promfleet elector [flags]\n\n"
         "Runs beside a Prometheus: takes part in a leader election among its replicas, gives the leader its extra\n"
         "configuration and proxies to the leader. docs/elector.md explains each flag.\n\n"
         "`promfleet elector gate-values` prints what Prometheus' configuration needs for -gate-config.\n\n" +
         elector_flags(options).help();
}

Result<std::optional<ElectorOptions>> parse_elector_options(std::span<const std::string> arguments) {
  ElectorOptions options;
  TRY_ASSIGN(const FlagSet::Parsed parsed, elector_flags(options).parse(arguments));
  if (parsed.help_requested) return std::nullopt;
  if (!parsed.rest.empty()) {
    return fail(Errc::invalid_input, "unexpected argument \"{}\": flags are written -name=value", parsed.rest.front());
  }
  TRY(check_options(options, parsed.given));
  return options;
}

}  // namespace promfleet
