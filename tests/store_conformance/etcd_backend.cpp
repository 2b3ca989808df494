#include <gtest/gtest.h>

#include "codec/base64/base64.h"
#include "codec/json/writer.h"
#include "election/stores/etcd/etcd_store.h"
#include "election/stores/lease_document.h"
#include "store_conformance/backends.h"
#include "store_conformance/network.h"

namespace promfleet::election {
namespace {

class EtcdBackend final : public DocumentBackend {
 public:
  explicit EtcdBackend(const EtcdAccess& access)
      : dialer_(make_dialer(network_, access.tls)),
        first_gateway_({.dialer = dialer_, .clock = network_.clock, .files = network_.files}, access, "promfleet/test"),
        second_gateway_({.dialer = dialer_, .clock = network_.clock, .files = network_.files}, access,
                        "promfleet/test") {
    run([this] { return remove_lease(); });
  }
  ~EtcdBackend() override {
    run([this] { return network_.resolver.close(); });
  }

  void run(const std::function<Task<>()>& body) override { run_until_returned(network_.io, body); }
  Clock& clock() override { return network_.clock; }
  LeaseStore& first() override { return first_; }
  LeaseStore& second() override { return second_; }

  Task<> remove_lease() override {
    must(co_await call(etcd::CallKind::write, "/v3/kv/deleterange", etcd::range_request(first_.key())));
  }

  Task<json::Object> document() override {
    const etcd::KeyValue found = co_await stored();
    co_return must(parse_document(found.value));
  }

  Task<> edit_document(std::function<void(json::Object&)> edit) override {
    const etcd::KeyValue found = co_await stored();
    json::Object document = must(parse_document(found.value));
    edit(document);
    const std::string request = etcd::update_request(first_.key(), json::write(document), found.mod_revision);
    const Result<json::Object> answer = co_await call(etcd::CallKind::write, "/v3/kv/txn", request);
    EXPECT_TRUE(must(etcd::read_txn(must(answer))).succeeded);
  }

 private:
  Task<Result<json::Object>> call(etcd::CallKind kind, std::string_view path, std::string body) {
    co_return co_await first_gateway_.call(kind, path, body, clock().now() + 10s);
  }

  Task<etcd::KeyValue> stored() {
    const Result<json::Object> answer =
        co_await call(etcd::CallKind::read, "/v3/kv/range", etcd::range_request(first_.key()));
    co_return must(etcd::read_range(must(answer))).found.value();
  }

  Network network_;
  net::NetworkDialer dialer_;
  etcd::Gateway first_gateway_;
  etcd::Gateway second_gateway_;
  EtcdStore first_{first_gateway_, network_.clock, "conformance", "lease"};
  EtcdStore second_{second_gateway_, network_.clock, "conformance", "lease"};
};

}  // namespace

std::unique_ptr<DocumentBackend> make_etcd_backend(const EtcdFlags& flags) {
  RealFileSystem files;
  return std::make_unique<EtcdBackend>(must(read_etcd_access(files, flags)));
}

}  // namespace promfleet::election
