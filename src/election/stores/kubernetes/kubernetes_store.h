// LeaseStore over a Lease object of Kubernetes (coordination.k8s.io/v1), as client-go's elector uses it.
//
// The object belongs to others too. An update sends the object as it was seen last with our fields laid over it and its
// resourceVersion in it, so labels, annotations and fields that we do not know survive, and a change that we have not
// seen makes a conflict.
#pragma once

#include <optional>
#include <string>

#include "codec/json/value.h"
#include "election/lease_store.h"
#include "election/stores/last_seen.h"
#include "kube/client.h"

namespace promfleet::election {

class KubernetesStore final : public LeaseStore {
 public:
  // `client` outlives the store.
  KubernetesStore(kube::Client& client, std::string name_space, std::string name);

  Task<Result<std::optional<StoredLease>>> read(BootTime deadline) override;
  Task<Result<StoredLease>> create(const LeaseRecord& record, BootTime deadline) override;
  Task<Result<StoredLease>> update(const LeaseRecord& record, LeaseRevision expected, BootTime deadline) override;
  Task<Result<>> watch(OnChange on_change) override;

 private:
  Result<StoredLease> take(Result<json::Object> answer);
  Result<> take_from_watch(const json::Object* document, const OnChange& on_change);

  kube::Client& client_;
  kube::ObjectName lease_;
  LastSeen seen_;
};

}  // namespace promfleet::election
