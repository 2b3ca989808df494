#include "election/records.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "election/timing.h"

namespace promfleet::election {

namespace {

// What client-go writes when it releases, and never believed by anyone: the lease has no holder.
constexpr std::chrono::seconds kReleasedDuration{1};

// After a jump of the wall clock, renewTime runs ahead of it by at most this. Longer ago than a lease can last, nobody
// remembers which seconds were used.
constexpr std::chrono::seconds kTimeAheadMax = kLeaseDurationMax;

LeaseTime to_lease_time(WallTime time) {
  return std::chrono::floor<std::chrono::microseconds>(time);
}

LeaseTime renew_time_after(const std::optional<LeaseTime>& previous, WallTime now) {
  const LeaseTime time = to_lease_time(now);
  if (!previous || *previous - time > kTimeAheadMax) return time;
  return std::max(time, LeaseTime(std::chrono::floor<std::chrono::seconds>(*previous) + std::chrono::seconds(1)));
}

// Someone may have written any number by hand.
std::int32_t counted_on(std::int32_t transitions) {
  const bool countable = transitions >= 0 && transitions < std::numeric_limits<std::int32_t>::max();
  return countable ? transitions + 1 : 1;
}

// As client-go counts: the first holder of a new lease is no transition.
std::int32_t transitions_after(const LeaseSpec& previous) {
  const bool was_ever_held = !previous.holder.empty() || previous.acquire_time || previous.transitions != 0;
  return was_ever_held ? counted_on(previous.transitions) : 0;
}

}  // namespace

LeaseRecord acquisition(const LeaseSpec& previous, std::string id, ProcessNumber process, std::chrono::seconds duration,
                        WallTime now) {
  LeaseTime acquire_time = to_lease_time(now);
  if (acquire_time == previous.acquire_time) acquire_time += std::chrono::microseconds(1);
  return {.spec = {.holder = std::move(id),
                   .duration = duration,
                   .acquire_time = acquire_time,
                   .renew_time = renew_time_after(previous.renew_time, now),
                   .transitions = transitions_after(previous),
                   .acquired_by = process},
          .notes = {}};
}

LeaseRecord renewal(const LeaseSpec& current, std::string id, std::chrono::seconds duration, WallTime now) {
  LeaseRecord record{.spec = current, .notes = {}};
  record.spec.holder = std::move(id);
  record.spec.duration = duration;
  record.spec.renew_time = renew_time_after(current.renew_time, now);
  return record;
}

LeaseRecord release(const LeaseSpec& current, LeaseTime ended_term, std::optional<std::string> next_holder,
                    WallTime now) {
  LeaseRecord record{.spec = current, .notes = {.released_term = ended_term, .next_holder = std::move(next_holder)}};
  record.spec.holder.clear();
  record.spec.acquired_by.reset();
  record.spec.duration = kReleasedDuration;
  record.spec.renew_time = renew_time_after(current.renew_time, now);
  return record;
}

LeaseRecord vacancy(std::chrono::seconds duration, WallTime now) {
  LeaseRecord record;
  record.spec.duration = duration;
  record.spec.renew_time = to_lease_time(now);
  return record;
}

bool is_confirmed_release(const LeaseRecord& record) {
  return record.spec.holder.empty() && record.spec.acquire_time &&
         record.spec.acquire_time == record.notes.released_term;
}

}  // namespace promfleet::election
