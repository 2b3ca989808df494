#include "election/stores/etcd/etcd_store.h"

#include "codec/json/writer.h"
#include "core/base/try.h"
#include "election/stores/lease_document.h"

namespace promfleet::election {
namespace {

// A leader renews every few seconds. Where nobody leads, a watch is begun anew once a minute.
constexpr Duration kSilenceMax = 60s;
constexpr Duration kFirstReadTime = 30s;

}  // namespace

EtcdStore::EtcdStore(etcd::Gateway& gateway, Clock& clock, std::string_view name_space, std::string_view name)
    : gateway_(gateway), clock_(clock), key_(fmt::format("/promfleet/leases/{}/{}", name_space, name)) {}

Task<Result<std::optional<StoredLease>>> EtcdStore::read(BootTime deadline) {
  CO_TRY_ASSIGN(const etcd::RangeAnswer answer, co_await range(deadline));
  co_return take(answer.found);
}

Task<Result<StoredLease>> EtcdStore::create(const LeaseRecord& record, BootTime deadline) {
  json::Object document;
  write_record(record, document);
  const std::string request = etcd::create_request(key_, json::write(document));
  CO_TRY_ASSIGN(const etcd::TxnAnswer answer, co_await txn("create", request, deadline));
  if (!answer.succeeded) co_return fail(Errc::conflict, "create {}: it exists already", key_);
  co_return written(std::move(document), answer.store_revision);
}

Task<Result<StoredLease>> EtcdStore::update(const LeaseRecord& record, LeaseRevision expected, BootTime deadline) {
  if (seen_.at(expected) == nullptr) CO_TRY(co_await read(deadline));
  const json::Object* current = seen_.at(expected);
  if (current == nullptr) co_return seen_.refusal(key_, expected);
  json::Object document = *current;
  write_record(record, document);
  const std::string request = etcd::update_request(key_, json::write(document), expected);
  CO_TRY_ASSIGN(const etcd::TxnAnswer answer, co_await txn("update", request, deadline));
  if (answer.succeeded) co_return written(std::move(document), answer.store_revision);
  CO_TRY(take(answer.found));
  co_return seen_.refusal(key_, expected);
}

Task<Result<>> EtcdStore::watch(OnChange on_change) {
  CO_TRY_ASSIGN(const etcd::RangeAnswer now, co_await range(clock_.now() + kFirstReadTime));
  CO_TRY_ASSIGN(const std::optional<StoredLease> first, take(now.found));
  on_change(first);
  const std::string request = etcd::watch_request(key_, now.store_revision + 1);
  const Result<> ended = co_await gateway_.stream(
      "/v3/watch", request, [&](const json::Object& line) { return take_from_watch(line, on_change); }, kSilenceMax);
  co_return in_words("watch", ended.error());
}

Task<Result<etcd::RangeAnswer>> EtcdStore::range(BootTime deadline) {
  const std::string request = etcd::range_request(key_);
  const Result<json::Object> answer = co_await gateway_.call(etcd::CallKind::read, "/v3/kv/range", request, deadline);
  if (!answer) co_return in_words("read", answer.error());
  co_return etcd::read_range(*answer);
}

Task<Result<etcd::TxnAnswer>> EtcdStore::txn(std::string_view doing, std::string_view request, BootTime deadline) {
  const Result<json::Object> answer = co_await gateway_.call(etcd::CallKind::write, "/v3/kv/txn", request, deadline);
  if (!answer) co_return in_words(doing, answer.error());
  co_return etcd::read_txn(*answer);
}

Result<EtcdStore::Lease> EtcdStore::parse(const etcd::KeyValue& found) const {
  Result<Lease> lease = [&]() -> Result<Lease> {
    TRY_ASSIGN(json::Object document, parse_document(found.value));
    TRY_ASSIGN(LeaseRecord record, read_record(document));
    return Lease{.document = std::move(document),
                 .stored = {.record = std::move(record), .revision = found.mod_revision}};
  }();
  if (!lease) return in_words("read", lease.error());
  return lease;
}

Result<std::optional<StoredLease>> EtcdStore::take(const std::optional<etcd::KeyValue>& found) {
  if (!found) {
    seen_.forget();
    return std::nullopt;
  }
  TRY_ASSIGN(Lease lease, parse(*found));
  seen_.take(std::move(lease.document), lease.stored.revision);
  return std::move(lease.stored);
}

Result<> EtcdStore::take_from_watch(const json::Object& line, const OnChange& on_change) {
  TRY_ASSIGN(const etcd::WatchMessage message, etcd::read_watch(line));
  if (message.canceled) {
    gateway_.forget_login();  // it may be what etcd objects to
    return fail(Errc::unavailable, "etcd ended it: {}", *message.canceled);
  }
  for (const etcd::WatchChange& change : message.changes) {
    if (!change.now) {
      on_change(std::nullopt);
      continue;
    }
    TRY_ASSIGN(const Lease lease, parse(*change.now));
    seen_.take_if_newer(lease.document, lease.stored.revision);
    on_change(lease.stored);
  }
  return {};
}

Result<StoredLease> EtcdStore::written(json::Object document, std::uint64_t revision) {
  TRY_ASSIGN(LeaseRecord record, read_record(document));
  seen_.take(std::move(document), LeaseRevision(revision));
  return StoredLease{.record = std::move(record), .revision = LeaseRevision(revision)};
}

std::unexpected<Error> EtcdStore::in_words(std::string_view doing, const Error& error) const {
  return std::unexpected(Error(error).with_context(fmt::format("{} {}", doing, key_)));
}

}  // namespace promfleet::election
