// The paths under /_elector/: what people, load balancers and `promfleet lease` ask this member, and what operators
// tell it to do.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <functional>
#include <string>

#include "core/telemetry/metrics.h"
#include "elector/sidecar.h"
#include "elector/status/status_metrics.h"
#include "elector/status/takeover_readiness.h"
#include "elector/status/view.h"
#include "net/http/router.h"

namespace promfleet::elector {

class Api {
 public:
  // All outlive the API. `view` captures the present state; `may_operate` says whether the client may change it.
  struct Parts {
    Sidecar& sidecar;
    Registry& metrics;
    std::function<StatusView()> view;
    std::function<bool(const http::Exchange&)> may_operate;
  };

  explicit Api(Parts parts)
      : parts_(std::move(parts)), status_metrics_(parts_.metrics, parts_.sidecar.election().status().member) {}

  // This member goes: nothing new is to be asked of it.
  void leave() { readiness_.leave(); }

  // The routes refer to this API, which outlives the router.
  void add_routes(http::Router& router);

 private:
  using Operation = Result<> (Api::*)(const http::Request&);

  Task<> answer(http::Exchange& exchange, http::Response response) const;
  Task<> show_leader(http::Exchange& exchange) const;
  Task<> show_health(http::Exchange& exchange) const;
  Task<> show_readiness(http::Exchange& exchange);
  Task<> show_role(http::Exchange& exchange, Role role) const;
  Task<> show_metrics(http::Exchange& exchange) const;
  Task<> show_status(http::Exchange& exchange) const;
  Task<> show_history(http::Exchange& exchange) const;
  Task<> show_page(http::Exchange& exchange) const;
  Task<> operate(http::Exchange& exchange, Operation operation);
  Task<http::Response> operation_answer(http::Exchange& exchange, Operation operation);

  Result<> step_down(const http::Request& request);
  Result<> switch_over(const http::Request& request);
  Result<> pause(const http::Request& request);
  Result<> resume(const http::Request& request);

  Parts parts_;
  StatusMetrics status_metrics_;
  TakeoverReadiness readiness_;
};

}  // namespace promfleet::elector
