// A member that behaves like client-go's leader elector, whose manners ours must survive.
//
// It polls with jitter, compares records at one second's resolution, takes an empty or missing lease at once, and
// releases before it demotes. The newer kind releases by an observation that may be stale and so can empty a lease that
// another member holds.
#pragma once

#include <optional>
#include <string>

#include "election/timing.h"
#include "tests/sim/process.h"
#include "tests/sim/world.h"

namespace promfleet::sim {

class Contender {
 public:
  enum class Release : std::uint8_t { conflicts_if_stale, overwrites };
  struct Setup {
    std::string id;
    election::Timing timing;
    Release release;
  };

  Contender(Setup setup, World world);

  void start();
  // Releases, by what it believes, and begins anew later.
  void stop();

  const std::string& id() const { return setup_.id; }
  Link& link() { return link_; }
  Process& process() { return process_; }

 private:
  void poll_after(Duration delay);
  void poll();
  void consider(const std::optional<election::StoredLease>& lease);
  void write(election::LeaseSpec spec, std::optional<election::LeaseRevision> expected);
  void observe(const election::StoredLease& lease);
  void release();
  bool believes_to_lead() const { return observed_ && observed_->record.spec.holder == setup_.id; }
  bool believes_lease_valid() const;
  election::LeaseTime wall() const;

  Setup setup_;
  World world_;
  Process process_;
  Link link_;
  std::optional<election::StoredLease> observed_;
  Instant observed_at_{0};
  Instant renewed_at_{0};
};

}  // namespace promfleet::sim
