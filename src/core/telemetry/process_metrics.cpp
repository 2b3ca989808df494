#include "core/telemetry/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

namespace promfleet {

namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Memory {
  double virtual_bytes = 0;
  double resident_bytes = 0;
};

// /proc/self/statm: total and resident size in pages (proc(5)).
Memory memory() {
  std::ifstream statm("/proc/self/statm");
  double total_pages = 0;
  double resident_pages = 0;
  statm >> total_pages >> resident_pages;
  const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  return {.virtual_bytes = total_pages * page_bytes, .resident_bytes = resident_pages * page_bytes};
}

double open_descriptors() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  int entries = 0;
  while (readdir(folder) != nullptr) ++entries;
  closedir(folder);
  return std::max(0, entries - 3);  // "." and ".." and the descriptor that lists them
}

}  // namespace

void register_process_metrics(Registry& registry, const Clock& clock) {
  Counter& cpu = registry.counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.");
  Gauge& virtual_memory = registry.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.");
  Gauge& resident_memory = registry.gauge("process_resident_memory_bytes", "Resident memory size in bytes.");
  Gauge& open_fds = registry.gauge("process_open_fds", "Number of open file descriptors.");
  Gauge& max_fds = registry.gauge("process_max_fds", "Maximum number of open file descriptors.");
  Gauge& started =
      registry.gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.");
  started.set(to_seconds(clock.wall_now().time_since_epoch()));
  registry.before_render([&] {
    cpu.increment(cpu_seconds() - cpu.value());
    const Memory used = memory();
    virtual_memory.set(used.virtual_bytes);
    resident_memory.set(used.resident_bytes);
    open_fds.set(open_descriptors());
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    max_fds.set(static_cast<double>(limit.rlim_cur));
  });
}

}  // namespace promfleet
