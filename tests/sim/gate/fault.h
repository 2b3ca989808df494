// The faults that can be planted to show that the simulation would find them. Each lies around a part of production
// code or in its place: none has a switch for it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace promfleet::sim::gate {

enum class Fault : std::uint8_t {
  none,
  // Of the receiver.
  token_before_lock,  // compared when a write arrives, not when it is stored
  one_cut,            // one time for all series, up to which a new leader's samples are covered
  token_forgotten,    // by a restart
  sources_forgotten,  // by a restart
  processes_taken_for_one,
  // Of the gate.
  highest_watermark,  // a batch counts as arrived up to its highest time, and Prometheus writes with two shards
  held_dropped,       // a demotion acknowledges what is held
  lateness_ignored,   // a follower acknowledges up to the watermark itself
  start_unchecked,    // another process of Prometheus goes on with the term
  handicap_untold,    // members with few samples stand for election as those with many
};

std::string_view to_string(Fault fault);
// All, none first.
std::span<const Fault> faults();

}  // namespace promfleet::sim::gate
