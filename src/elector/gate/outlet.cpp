#include "elector/gate/outlet.h"

#include <vector>

#include <fmt/format.h>

#include "core/base/try.h"
#include "elector/gate/progress_text.h"

namespace promfleet::elector {

namespace {

constexpr std::string_view kUserAgent = "promfleet-elector";

}  // namespace

Outlet::Metrics::Metrics(Registry& registry, const std::string& destination)
    : passed_on_samples(registry.counter("promfleet_gate_passed_on_samples_total",
                                         "Samples that the destination has accepted from this member.",
                                         {{"destination", destination}})),
      acknowledged_samples(registry.counter("promfleet_gate_acknowledged_samples_total",
                                            "Samples of a follower that had arrived by way of the leader.",
                                            {{"destination", destination}})),
      retries(registry.counter("promfleet_gate_retries_total",
                               "Requests to the destination that did not succeed and are tried again.",
                               {{"destination", destination}})),
      fenced(registry.counter("promfleet_gate_fenced_total",
                              "Answers of the destination that it has heard of a later leader.",
                              {{"destination", destination}})),
      covered_samples(
          registry.counter("promfleet_gate_covered_samples_total",
                           "Samples that the destination had from another leader, so that it did not store them.",
                           {{"destination", destination}})),
      duplicate_samples(registry.counter("promfleet_gate_duplicate_samples_total",
                                         "Samples that the destination had from this member, so that it did not "
                                         "store them.",
                                         {{"destination", destination}})),
      held_requests(registry.gauge("promfleet_gate_held_requests", "Requests of Prometheus that are not answered yet.",
                                   {{"destination", destination}})),
      held_bytes(registry.gauge("promfleet_gate_held_bytes", "Their bytes.", {{"destination", destination}})),
      watermark_seconds(registry.gauge("promfleet_gate_watermark_timestamp_seconds",
                                       "Up to this time the destination has the stream's samples; 0: not known.",
                                       {{"destination", destination}})),
      open(registry.gauge("promfleet_gate_open", "1 while what Prometheus writes is passed on.",
                          {{"destination", destination}})) {}

Outlet::Outlet(const Parts& parts, DestinationGate& gate, std::size_t stream)
    : parts_(parts),
      gate_(gate),
      stream_(stream),
      key_(progress_key(entry())),
      metrics_(parts.metrics, entry().name),
      destination_({.dialer = parts.dialer,
                    .clock = parts.clock,
                    .authorize = [this](http::Request& request) { entry().client.apply_to(request); },
                    .credentials_refused = [this] { return look_again(); }},
                   entry().url, std::string(kUserAgent)) {}

// Reading takes a while, and the request is tried again in any case.
bool Outlet::look_again() {
  parts_.config.look_again();
  return false;
}

remote_write::Version Outlet::version_for(const Batch& batch) const {
  if (!knows_v2_) return remote_write::Version::v1;
  return entry().version.value_or(batch.version);
}

bool Outlet::takes_as_it_is(const Batch& batch) const {
  return entry().drop_labels.empty() && version_for(batch) == batch.version;
}

Result<std::string> Outlet::shape(const Batch& batch) const {
  remote_write::BodyDecoder decoder;
  TRY_ASSIGN(remote_write::WriteRequest * request, decoder.decode(batch.version, batch.body));
  const std::vector<std::string_view> unwanted(entry().drop_labels.begin(), entry().drop_labels.end());
  request->drop_labels(unwanted);
  return encode_body(version_for(batch), *request);
}

void Outlet::count_fenced() {
  ++counts_.fenced;
  metrics_.fenced.increment();
}

void Outlet::count_left_out(const remote_write::LeftOut& left_out) {
  counts_.covered_samples += left_out.covered;
  counts_.duplicate_samples += left_out.duplicates;
  metrics_.covered_samples.increment(static_cast<double>(left_out.covered));
  metrics_.duplicate_samples.increment(static_cast<double>(left_out.duplicates));
}

void Outlet::count_refused(int status, std::size_t samples) {
  if (samples == 0) return;
  counts_.refused_samples[status] += samples;
  parts_.metrics
      .counter("promfleet_gate_refused_samples_total", "Samples that the destination refused for what they are.",
               {{"destination", entry().name}, {"status", std::to_string(status)}})
      .increment(static_cast<double>(samples));
}

}  // namespace promfleet::elector
