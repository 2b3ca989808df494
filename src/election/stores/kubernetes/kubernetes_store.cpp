#include "election/stores/kubernetes/kubernetes_store.h"

#include "core/base/try.h"
#include "election/stores/lease_document.h"

namespace promfleet::election {
namespace {

// The items of a list come without these.
void write_kind(json::Object& document) {
  document["apiVersion"] = "coordination.k8s.io/v1";
  document["kind"] = "Lease";
}

}  // namespace

KubernetesStore::KubernetesStore(kube::Client& client, std::string name_space, std::string name)
    : client_(client), lease_{.type = kube::kLeases, .name_space = std::move(name_space), .name = std::move(name)} {}

Task<Result<std::optional<StoredLease>>> KubernetesStore::read(BootTime deadline) {
  Result<json::Object> answer = co_await client_.get(lease_, deadline);
  if (!answer && answer.error().code() == Errc::not_found) {
    seen_.forget();
    co_return std::nullopt;
  }
  co_return take(std::move(answer));
}

Task<Result<StoredLease>> KubernetesStore::create(const LeaseRecord& record, BootTime deadline) {
  json::Object document;
  write_kind(document);
  document["metadata"] = {{"name", lease_.name}, {"namespace", lease_.name_space}};
  write_record(record, document);
  co_return take(co_await client_.create(lease_, document, deadline));
}

Task<Result<StoredLease>> KubernetesStore::update(const LeaseRecord& record, LeaseRevision expected,
                                                  BootTime deadline) {
  if (seen_.at(expected) == nullptr) CO_TRY(co_await read(deadline));
  const json::Object* current = seen_.at(expected);
  if (current == nullptr) co_return seen_.refusal(to_string(lease_), expected);
  json::Object document = *current;
  write_kind(document);
  write_record(record, document);
  Result<json::Object> answer = co_await client_.update(lease_, document, deadline);
  // To an API server, a write to what was deleted meanwhile is a conflict like any other.
  const bool is_refused = !answer && answer.error().code() == Errc::conflict;
  if (is_refused && co_await read(deadline)) co_return seen_.refusal(to_string(lease_), expected);
  co_return take(std::move(answer));
}

Task<Result<>> KubernetesStore::watch(OnChange on_change) {
  co_return co_await client_.watch(
      lease_, [this, &on_change](const json::Object* document) { return take_from_watch(document, on_change); });
}

Result<StoredLease> KubernetesStore::take(Result<json::Object> answer) {
  TRY_ASSIGN(json::Object document, std::move(answer));
  Result<StoredLease> stored = read_stored(document);
  if (!stored) return std::unexpected(std::move(stored).error().with_context(to_string(lease_)));
  seen_.take(std::move(document), stored->revision);
  return stored;
}

Result<> KubernetesStore::take_from_watch(const json::Object* document, const OnChange& on_change) {
  if (document == nullptr) {
    on_change(std::nullopt);
    return {};
  }
  Result<StoredLease> stored = read_stored(*document);
  if (!stored) return std::unexpected(std::move(stored).error().with_context(to_string(lease_)));
  seen_.take_if_newer(*document, stored->revision);
  on_change(*stored);
  return {};
}

}  // namespace promfleet::election
