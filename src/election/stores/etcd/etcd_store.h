// LeaseStore over one key of etcd: /promfleet/leases/NAMESPACE/NAME holds the lease as lease_document.h writes it, and
// the key's mod_revision is the lease's. The format's page is docs/format/etcd-lease.md.
#pragma once

#include <string>
#include <string_view>

#include "election/lease_store.h"
#include "election/stores/etcd/gateway.h"
#include "election/stores/etcd/messages.h"
#include "election/stores/last_seen.h"

namespace promfleet::election {

class EtcdStore final : public LeaseStore {
 public:
  // `gateway` and `clock` outlive the store.
  EtcdStore(etcd::Gateway& gateway, Clock& clock, std::string_view name_space, std::string_view name);

  Task<Result<std::optional<StoredLease>>> read(BootTime deadline) override;
  Task<Result<StoredLease>> create(const LeaseRecord& record, BootTime deadline) override;
  Task<Result<StoredLease>> update(const LeaseRecord& record, LeaseRevision expected, BootTime deadline) override;
  Task<Result<>> watch(OnChange on_change) override;

  const std::string& key() const { return key_; }

 private:
  struct Lease {
    json::Object document;
    StoredLease stored;
  };

  Task<Result<etcd::RangeAnswer>> range(BootTime deadline);
  Task<Result<etcd::TxnAnswer>> txn(std::string_view doing, std::string_view request, BootTime deadline);
  Result<Lease> parse(const etcd::KeyValue& found) const;
  Result<std::optional<StoredLease>> take(const std::optional<etcd::KeyValue>& found);
  Result<> take_from_watch(const json::Object& line, const OnChange& on_change);
  Result<StoredLease> written(json::Object document, std::uint64_t revision);
  std::unexpected<Error> in_words(std::string_view doing, const Error& error) const;

  etcd::Gateway& gateway_;
  Clock& clock_;
  std::string key_;
  LastSeen seen_;
};

}  // namespace promfleet::election
