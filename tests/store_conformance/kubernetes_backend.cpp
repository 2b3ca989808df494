#include <gtest/gtest.h>

#include "election/stores/kubernetes/kubernetes_store.h"
#include "kube/kubeconfig.h"
#include "net/http/client.h"
#include "store_conformance/backends.h"
#include "store_conformance/network.h"

namespace promfleet::election {
namespace {

// One identity's way to the API server.
struct Identity {
  Identity(Network& network, kube::Access with)
      : access(std::move(with)),
        dialer(make_dialer(network, access.tls)),
        client({.dialer = dialer, .clock = network.clock, .files = network.files}, access, "promfleet/test") {}

  kube::Access access;
  net::NetworkDialer dialer;
  kube::Client client;
};

class KubernetesBackend final : public DocumentBackend {
 public:
  explicit KubernetesBackend(const KubernetesTarget& target)
      : lease_{.type = kube::kLeases, .name_space = target.name_space, .name = target.name},
        a_(network_, must(kube::load_kubeconfig(network_.files, target.kubeconfig))),
        b_(network_, must(kube::load_kubeconfig(network_.files, target.kubeconfig))),
        admin_(network_, must(kube::load_kubeconfig(network_.files, target.admin_kubeconfig))),
        first_(a_.client, target.name_space, target.name),
        second_(b_.client, target.name_space, target.name) {
    run([this] { return remove_lease(); });
  }
  ~KubernetesBackend() override {
    run([this] { return network_.resolver.close(); });
  }

  void run(const std::function<Task<>()>& body) override { run_until_returned(network_.io, body); }
  Clock& clock() override { return network_.clock; }
  LeaseStore& first() override { return first_; }
  LeaseStore& second() override { return second_; }

  // The product never deletes a lease, so its client cannot.
  Task<> remove_lease() override {
    http::Client raw(admin_.dialer, network_.clock, admin_.access.server);
    http::Request request;
    request.method = "DELETE";
    request.target = kube::object_path(lease_);
    request.fields.add("Authorization",
                       kube::Authorization(network_.files, admin_.access.credentials).field().value().value_or(""));
    const int status = must(co_await raw.send(request, clock().now() + 10s)).status;
    EXPECT_TRUE(status == 200 || status == 404) << status;
  }

  Task<json::Object> document() override { co_return must(co_await admin_.client.get(lease_, clock().now() + 10s)); }

  Task<> edit_document(std::function<void(json::Object&)> edit) override {
    json::Object document = co_await this->document();
    edit(document);
    must(co_await admin_.client.update(lease_, document, clock().now() + 10s));
  }

 private:
  Network network_;
  kube::ObjectName lease_;
  Identity a_;
  Identity b_;
  Identity admin_;
  KubernetesStore first_;
  KubernetesStore second_;
};

}  // namespace

std::unique_ptr<DocumentBackend> make_kubernetes_backend(const KubernetesTarget& target) {
  return std::make_unique<KubernetesBackend>(target);
}

}  // namespace promfleet::election
