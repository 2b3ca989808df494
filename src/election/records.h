// The records that a member writes, each made from the one it replaces.
//
// renewTime is for people and for client-go's followers, who see a renewal only by its whole second: so that grows each
// time, also when the wall clock was set back.
#pragma once

#include <string>
#include <string_view>

#include "core/base/time.h"
#include "election/lease.h"

namespace promfleet::election {

// `id` begins a term. Its acquireTime differs from that of the term before, and together with `process` it differs from
// that of a namesake's.
LeaseRecord acquisition(const LeaseSpec& previous, std::string id, ProcessNumber process, std::chrono::seconds duration,
                        WallTime now);

// The term in `current` goes on, for `duration` as of now.
LeaseRecord renewal(const LeaseSpec& current, std::string id, std::chrono::seconds duration, WallTime now);

// Nobody holds the lease; `ended_term` ended after its demotion was confirmed. It stays the record's acquireTime, which
// tells this release from one by a client-go member or by hand: they write another one beside our annotation.
LeaseRecord release(const LeaseSpec& current, LeaseTime ended_term, std::optional<std::string> next_holder,
                    WallTime now);

// Nobody holds the lease, and nobody released it: what stands in for a lease that was missing, so that its age can be
// measured and swapped against.
LeaseRecord vacancy(std::chrono::seconds duration, WallTime now);

// Whether `record` is such a release as release() makes.
bool is_confirmed_release(const LeaseRecord& record);

}  // namespace promfleet::election
