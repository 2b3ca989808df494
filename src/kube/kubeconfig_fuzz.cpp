#include "kube/kubeconfig.h"

#include <cstddef>
#include <cstdint>

#include "core/os/simulated_file_system.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  promfleet::SimulatedFileSystem files;
  (void)files.replace("/k/token", "t", 0600);
  (void)promfleet::kube::parse_kubeconfig(files, {reinterpret_cast<const char*>(data), size}, "/k");
  return 0;
}
