// The gateway's answers, and a lease as a key holds it.
#include "election/stores/etcd/messages.h"

#include <cstddef>
#include <cstdint>

#include "election/stores/lease_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace promfleet;
  using namespace promfleet::election;
  const Result<json::Value> value = json::parse({reinterpret_cast<const char*>(data), size});
  if (!value || !value->is_object()) return 0;
  const json::Object& object = value->get_object();
  (void)etcd::read_watch(object);
  (void)etcd::read_token(object);
  for (const auto& found : {etcd::read_range(object).transform([](auto& a) { return a.found; }),
                            etcd::read_txn(object).transform([](auto& a) { return a.found; })}) {
    if (!found || !*found) continue;
    if (const auto document = parse_document((*found)->value)) (void)read_record(*document);
  }
  return 0;
}
