// One entry of the gate at work: what one queue of Prometheus writes, and the receiver that it goes to.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/os/clock.h"
#include "core/telemetry/metrics.h"
#include "elector/gate/destination_gate.h"
#include "elector/gate/gate_config.h"
#include "elector/gate/gate_status.h"
#include "elector/gate/narrowing.h"
#include "net/auth/followed_config.h"
#include "remote_write/client/destination.h"
#include "remote_write/receiver/receive.h"

namespace promfleet::elector {

// What Prometheus wrote with one request.
struct Batch {
  remote_write::Version version = remote_write::Version::v1;
  std::string body;                 // compressed, as it came
  std::optional<BatchTimes> times;  // nullopt: metadata or exemplars alone
  remote_write::WrittenCounts counts;
};

class Outlet {
 public:
  struct Parts {
    Clock& clock;
    net::Dialer& dialer;
    Registry& metrics;
    // Of which this is the entry `number`. It may change, but for where it leads.
    auth::FollowedConfig<GateConfig>& config;
    std::size_t number;
  };
  struct Metrics {
    Metrics(Registry& registry, const std::string& destination);
    Counter& passed_on_samples;
    Counter& acknowledged_samples;
    Counter& retries;
    Counter& fenced;
    Counter& covered_samples;
    Counter& duplicate_samples;
    Gauge& held_requests;
    Gauge& held_bytes;
    Gauge& watermark_seconds;
    Gauge& open;
  };

  // `gate` decides for this stream, its number `stream` there.
  Outlet(const Parts& parts, DestinationGate& gate, std::size_t stream);

  const GateEntry& entry() const { return parts_.config.current()->entries[parts_.number]; }
  DestinationGate& gate() { return gate_; }
  const DestinationGate& gate() const { return gate_; }
  std::size_t stream() const { return stream_; }
  std::optional<std::int64_t> watermark_ms() const { return gate_.watermark_ms(stream_); }
  const std::string& key() const { return key_; }
  remote_write::Destination& destination() { return destination_; }
  const Metrics& metrics() const { return metrics_; }

  // The body that the destination is to get. Errc::limit_exceeded: it would be larger than is allowed; invalid_input
  // cannot be, since the batch was decoded before.
  Result<std::string> shape(const Batch& batch) const;
  // Whether that is the body as it came.
  bool takes_as_it_is(const Batch& batch) const;
  remote_write::Version version_for(const Batch& batch) const;
  // The destination has said that it does not know 2.0.
  void fall_back_to_v1() { knows_v2_ = false; }
  // It may have been another one, or a proxy's word.
  void ask_for_v2_again() { knows_v2_ = true; }

  // The destination has heard of a later leader.
  void count_fenced();
  void count_left_out(const remote_write::LeftOut& left_out);
  void count_refused(int status, std::size_t samples);
  const OutletCounts& counts() const { return counts_; }

  // Requests that wait here or are on their way.
  std::size_t held_requests = 0;
  std::size_t held_bytes = 0;
  // One of them is on its way: the others of the stream wait, so that samples stay in order.
  bool is_passing_on = false;
  std::unique_ptr<Narrowing> narrowing;  // of what the destination has refused last, until something else is sent
  std::string problem;                   // what the destination said last, if it was not well

 private:
  bool look_again();

  Parts parts_;
  DestinationGate& gate_;
  std::size_t stream_;
  std::string key_;
  Metrics metrics_;
  OutletCounts counts_;
  bool knows_v2_ = true;
  remote_write::Destination destination_;
};

}  // namespace promfleet::elector
