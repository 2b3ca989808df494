// The command line of `promfleet elector`: prometheus-elector's flags by name, default and meaning, and ours.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/flags/flag_set.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "core/telemetry/log.h"

namespace promfleet {

enum class LeaseBackend : std::uint8_t { kubernetes, etcd, file };

struct ElectorOptions {
  // Configuration of the local Prometheus.
  std::string config;
  std::string leader_config;
  std::string output;
  bool config_envsubst = false;
  std::vector<std::string> watch_dirs;
  bool init = false;

  // Telling Prometheus.
  std::string notify_http_url;
  std::string notify_http_method = "POST";
  Duration notify_timeout = 2s;
  int notify_retry_max_attempts = 5;
  Duration notify_retry_delay = 10s;
  std::string prometheus_http_config;

  // Asking Prometheus.
  std::string readiness_http_url;
  Duration readiness_poll_period = 5s;
  Duration readiness_timeout = 2s;
  std::string healthcheck_http_url;
  Duration healthcheck_period = 5s;
  Duration healthcheck_timeout = 2s;
  int healthcheck_success_threshold = 3;
  int healthcheck_failure_threshold = 3;

  // The lease.
  std::string lease_backend = "kubernetes";
  std::string lease_name;
  std::string lease_namespace;
  Duration lease_duration = 15s;
  Duration lease_renew_deadline = 10s;
  Duration lease_retry_period = 2s;
  std::string kubeconfig;
  std::string etcd_endpoints;
  std::string etcd_cacert;
  std::string etcd_cert;
  std::string etcd_key;
  std::string etcd_user;
  std::string etcd_password_file;
  std::string lease_file;

  // The API and the proxy.
  std::string api_listen_address = ":9095";
  Duration api_shutdown_grace_delay = 15s;
  bool api_proxy_enabled = false;
  std::uint16_t api_proxy_prometheus_local_port = 9090;
  std::uint16_t api_proxy_prometheus_remote_port = 9090;
  std::string api_proxy_prometheus_service_name;
  bool api_proxy_allow_admin = false;
  Duration api_proxy_failover_wait = 5s;
  std::string web_config_file;

  // The gate; without a configuration there is none.
  std::string gate_listen_address = "127.0.0.1:9096";
  std::string gate_config;

  // Telling people.
  std::string log_format = "logfmt";
  std::string log_level = "info";
  bool runtime_metrics = false;

  // Valid after parse_elector_options.
  LeaseBackend backend() const;
};

// The text of `promfleet elector --help`.
std::string elector_help();

// nullopt: help was asked for. Errc::invalid_input: one line that says what is wrong and what would be right; nothing
// outside the process was touched.
Result<std::optional<ElectorOptions>> parse_elector_options(std::span<const std::string> arguments);

}  // namespace promfleet
