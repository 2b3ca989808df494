// What every role stands on: one io thread, the machine's clock, files and randomness, log and metrics.
#pragma once

#include <memory>

#include "core/async/cpu_pool.h"
#include "core/async/task.h"
#include "core/os/inotify_watcher.h"
#include "core/os/random.h"
#include "core/os/real_file_system.h"
#include "core/os/system_clock.h"
#include "core/telemetry/log.h"
#include "core/telemetry/metrics.h"
#include "core/telemetry/stderr_sink.h"
#include "net/resolver/host_lookup.h"
#include "net/resolver/resolver.h"

namespace promfleet {

struct Runtime {
  Runtime(LogFormat format, LogLevel level) : sink(clock, format), log(sink, clock, format, level) {}

  asio::io_context io{1};
  SystemClock clock{io};
  RealFileSystem files;
  SystemRandom random;
  StderrSink sink;
  Log log;
  Registry metrics;
  // One for what may take long (bcrypt), one so that a slow disk does not hold that up.
  CpuPool pool{2};
  // For looking at files that others write: they may lie on a mount that hangs, which must hold up neither the lease
  // nor a demotion.
  CpuPool reading_pool{2};
  // Names that must never wait behind others: the lease store's and the local Prometheus'.
  net::SystemHostLookup vital_lookup{1};
  net::Resolver vital_resolver{io.get_executor(), clock, vital_lookup};
  // All other names: those of the fleet's members.
  net::SystemHostLookup lookup{1};
  net::Resolver resolver{io.get_executor(), clock, lookup};
};

}  // namespace promfleet
