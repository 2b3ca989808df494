// Runs the conformance suite of lease stores against a server that runs already:
//
//   store_conformance --backend=etcd --endpoints=URL,... [--cacert= --cert= --key= --user= --password-file=]
//   store_conformance --backend=kubernetes --kubeconfig=PATH --admin-kubeconfig=PATH --namespace=NAME --name=NAME
//
// gtest's own flags (--gtest_filter) work too.
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "election/stores/conformance_testing.h"
#include "store_conformance/backends.h"

namespace promfleet::election {
namespace {

using Arguments = std::map<std::string, std::string, std::less<>>;

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::size_t equals = argument.find('=');
    if (!argument.starts_with("--") || equals == std::string_view::npos) continue;
    arguments.emplace(argument.substr(2, equals - 2), argument.substr(equals + 1));
  }
  return arguments;
}

DocumentBackendFactory factory_for(Arguments arguments) {
  if (arguments["backend"] == "etcd") {
    const EtcdFlags flags{.endpoints = arguments["endpoints"],
                          .cacert = arguments["cacert"],
                          .cert = arguments["cert"],
                          .key = arguments["key"],
                          .user = arguments["user"],
                          .password_file = arguments["password-file"]};
    return [flags] { return make_etcd_backend(flags); };
  }
  if (arguments["backend"] == "kubernetes") {
    const KubernetesTarget target{.kubeconfig = arguments["kubeconfig"],
                                  .admin_kubeconfig = arguments["admin-kubeconfig"],
                                  .name_space = arguments["namespace"],
                                  .name = arguments["name"]};
    return [target] { return make_kubernetes_backend(target); };
  }
  return nullptr;
}

// Set before the tests are instantiated: gtest does that when it starts to run.
DocumentBackendFactory& chosen() {
  static DocumentBackendFactory factory;
  return factory;
}

INSTANTIATE_TEST_SUITE_P(Server, LeaseStoreConformance, testing::Values(BackendFactory([] { return chosen()(); })));
INSTANTIATE_TEST_SUITE_P(Server, LeaseDocumentConformance,
                         testing::Values(DocumentBackendFactory([] { return chosen()(); })));

}  // namespace
}  // namespace promfleet::election

int main(int argc, char** argv) {
  using namespace promfleet::election;
  testing::InitGoogleTest(&argc, argv);
  chosen() = factory_for(parse(argc, argv));
  if (!chosen()) {
    std::fputs("store_conformance: --backend is to be etcd or kubernetes\n", stderr);
    return 2;
  }
  return RUN_ALL_TESTS();
}
