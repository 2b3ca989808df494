// The local Prometheus over HTTP.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/os/clock.h"
#include "elector/prometheus/prometheus.h"
#include "net/http/client.h"
#include "net/http/words.h"

namespace promfleet::elector {

struct PrometheusUrls {
  http::Url reload;
  std::string reload_method = "POST";
  std::optional<http::Url> ready;    // else /-/ready beside the reload URL, if that ends in /-/reload
  std::optional<http::Url> healthy;  // absent: health is not asked for
};

class HttpPrometheus final : public Prometheus {
 public:
  struct Parts {
    net::Dialer& dialer;
    Clock& clock;
    // Adds credentials to a request, if there are any.
    std::function<Result<>(http::Request&)> authorize;
  };
  struct Timeouts {
    Duration ready = 2s;
    Duration healthy = 2s;
  };

  HttpPrometheus(Parts parts, PrometheusUrls urls, Timeouts timeouts);

  Task<ReloadAnswer> reload() override;
  Task<Readiness> readiness() override;
  Task<Result<>> health() override;
  Task<Result<PrometheusFlags>> flags() override;
  Task<Result<std::string>> config_yaml() override;
  Task<Result<std::string>> started_at() override;
  Task<Result<std::vector<RunningQueue>>> remote_write_queues() override;

 private:
  // One URL and the connections to it.
  struct Endpoint {
    http::Client client;
    std::string target;
  };

  std::unique_ptr<Endpoint> endpoint(const http::Url& url) const;
  Result<> authorize(http::Request& request);
  // What `response` tells of a failure, as it may be shown.
  std::string detail_of(const http::Response& response) const;
  Task<Result<http::Response>> get(Endpoint& endpoint, std::string target, Duration timeout);
  // Of what /api/v1/status/`topic` says, the string `key` of its data.
  Task<Result<std::string>> ask_status(std::string_view topic, std::string_view key);

  Parts parts_;
  Timeouts timeouts_;
  std::string reload_method_;
  std::unique_ptr<Endpoint> reload_;
  std::unique_ptr<Endpoint> ready_;    // null: not known, so always ready
  std::unique_ptr<Endpoint> healthy_;  // null: not asked for
  std::optional<std::string> base_;    // the path before /-/reload
  http::Secrets credentials_;          // that were sent last
};

}  // namespace promfleet::elector
