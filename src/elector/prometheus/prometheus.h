// The local Prometheus, as its sidecar sees it: something that can be asked how it is and told to reload.
//
// Thread safety: none; belongs to one io thread. Calls may run beside each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/async/task.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "elector/prometheus/preflight.h"

namespace promfleet::elector {

// What came of one reload. Prometheus answers when the reload is over, and executes one whose client has given up.
struct ReloadAnswer {
  enum class Kind : std::uint8_t {
    applied,   // 200: the file that stood there when the request was sent is loaded
    rejected,  // 5xx: Prometheus did not like the file; part of it may be in force (reloaders go on after a failure)
    refused,   // another status: Prometheus does not reload (lifecycle API off, wrong URL, credentials)
    not_listening,  // connection refused: no Prometheus runs, and one that starts reads the file
    unanswered,     // the connection broke: it may or may not reload
  };
  Kind kind = Kind::applied;
  std::string detail;  // Prometheus' own words without secrets, or the error's
};

// A remote_write queue that runs, by the labels of prometheus_remote_storage_shards.
struct RunningQueue {
  std::string name;
  std::string url;

  bool operator==(const RunningQueue&) const = default;
};

enum class Readiness : std::uint8_t { ready, not_ready, not_listening };

class Prometheus {
 public:
  virtual ~Prometheus() = default;

  // Waits for the answer as long as Prometheus takes (its limit is that of a connection that is gone).
  virtual Task<ReloadAnswer> reload() = 0;

  // Whether it has started up and would take a reload now.
  virtual Task<Readiness> readiness() = 0;

  // An answer of success to the health URL, or none is configured. The error says what came instead.
  virtual Task<Result<>> health() = 0;

  // How it was started. Errc::unsupported when the reload URL does not tell where the API is.
  virtual Task<Result<PrometheusFlags>> flags() = 0;

  // The configuration that it runs, as YAML with its defaults filled in and secrets masked. Errc::unsupported as
  // flags().
  virtual Task<Result<std::string>> config_yaml() = 0;

  // When its process began, as it says: two processes differ. Errc::unsupported as flags().
  virtual Task<Result<std::string>> started_at() = 0;

  // The queues that run at this moment.
  virtual Task<Result<std::vector<RunningQueue>>> remote_write_queues() = 0;
};

}  // namespace promfleet::elector
