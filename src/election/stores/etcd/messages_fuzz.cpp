// The gateway's answers, and the lease that a key holds.
#include <cstddef>
#include <cstdint>

#include "election/stores/etcd/messages.h"
#include "election/stores/lease_document.h"

namespace {

using namespace promfleet;
using namespace promfleet::election;

void read_lease(const std::optional<etcd::KeyValue>& found) {
  if (!found) return;
  if (const auto document = parse_document(found->value)) (void)read_record(*document);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Result<json::Value> value = json::parse({reinterpret_cast<const char*>(data), size});
  if (!value || !value->is_object()) return 0;
  const json::Object& object = value->get_object();
  (void)etcd::read_token(object);
  if (const auto range = etcd::read_range(object)) read_lease(range->found);
  if (const auto txn = etcd::read_txn(object)) read_lease(txn->found);
  if (const auto message = etcd::read_watch(object)) {
    for (const etcd::WatchChange& change : message->changes) read_lease(change.now);
  }
  return 0;
}
