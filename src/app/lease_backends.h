// Makes the lease store that the command line names.
#pragma once

#include <memory>
#include <string>

#include "app/elector_options.h"
#include "app/environment.h"
#include "app/runtime.h"
#include "election/lease_store.h"

namespace promfleet {

// A store with the connections that it needs.
class LeaseBackendHandle {
 public:
  virtual ~LeaseBackendHandle() = default;
  virtual election::LeaseStore& store() = 0;
};

// Errors say what is wrong with the flags or the files that they name.
Result<std::unique_ptr<LeaseBackendHandle>> make_lease_backend(Runtime& runtime, FileWatcher& watcher,
                                                               const ElectorOptions& options,
                                                               const ProcessEnvironment& environment);

// What a fenced receiver knows the members of this lease by: "infra/prometheus"; of a file lease without a name its
// file's name.
std::string group_of(const ElectorOptions& options);

// Names store and lease for people and for the state file: "kubernetes: infra/prometheus".
std::string describe_lease(const ElectorOptions& options);

}  // namespace promfleet
