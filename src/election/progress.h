// What the leader of a group tells those who follow, through the lease: a text that is opaque to the election.
//
// It travels with each write of the lease and causes none, so it is as old as the last renewal; a release carries the
// last word. What was told stays in the lease until the next leader says otherwise.
#pragma once

#include <optional>
#include <string>

namespace promfleet::election {

class Progress {
 public:
  virtual ~Progress() = default;

  // Asked at the moment of writing. nullopt: what was told last stays.
  virtual std::optional<std::string> to_tell() const = 0;

  // The lease shows another text than before: the leader's, one before it, or our own.
  virtual void heard(const std::string& told) = 0;
};

}  // namespace promfleet::election
