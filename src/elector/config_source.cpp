#include "elector/config_source.h"

#include <set>

#include "core/base/try.h"
#include "net/auth/sources.h"

namespace promfleet::elector {

namespace {

// What is read at most of one file; the limit of what it may hold is the YAML reader's.
constexpr std::size_t kFileBytesMax = 16 * 1024 * 1024 + 1;

// For file systems that never tell of a change.
constexpr Duration kPollPeriod = 10s;

// One of the files, as it was read.
Result<ConfigInput> input(const std::string& name, const Result<std::string>& bytes) {
  if (!bytes) return std::unexpected(bytes.error());
  return ConfigInput{.name = name, .bytes = *bytes};
}

Result<RoleConfigs> build(const ConfigBytes& bytes, const ConfigFiles& names) {
  TRY_ASSIGN(const ConfigInput config, input(names.config, bytes.config));
  if (!bytes.leader_config) return build_two_section(config, names.environment);
  TRY_ASSIGN(const ConfigInput leader, input(names.leader_config, *bytes.leader_config));
  return build_operator(config, leader, names.environment);
}

Result<std::string> build_follower(const ConfigBytes& bytes, const ConfigFiles& names) {
  TRY_ASSIGN(const ConfigInput config, input(names.config, bytes.config));
  TRY_ASSIGN(RoleConfigs configs, bytes.leader_config ? build_operator(config, std::nullopt, names.environment)
                                                      : build_two_section(config, names.environment));
  return std::move(configs.follower);
}

}  // namespace

ConfigBytes read_config_bytes(FileSystem& files, const ConfigFiles& names) {
  ConfigBytes bytes{.config = files.read(names.config, kFileBytesMax), .leader_config = std::nullopt};
  if (!names.leader_config.empty()) bytes.leader_config = files.read(names.leader_config, kFileBytesMax);
  return bytes;
}

Result<RoleConfigs> read_config(FileSystem& files, const ConfigFiles& names) {
  return build(read_config_bytes(files, names), names);
}

Result<std::string> read_follower_config(FileSystem& files, const ConfigFiles& names) {
  return build_follower(read_config_bytes(files, names), names);
}

ConfigSource::ConfigSource(Parts parts, ConfigFiles names, Listener listener)
    : parts_(std::move(parts)),
      names_(std::move(names)),
      listener_(std::move(listener)),
      valid_(parts_.metrics.gauge("promfleet_elector_config_valid",
                                  "1 if the configuration files as they are now are in force.")),
      errors_(parts_.metrics.counter("promfleet_elector_config_errors_total",
                                     "Times that the configuration files were found broken.")),
      touched_(parts_.io.get_executor()),
      scope_(parts_.io.get_executor()) {}

Task<> ConfigSource::run() {
  while (!co_await cancelled()) {
    // Before reading, so that no change falls between: what is touched meanwhile is read again.
    is_touched_ = false;
    keep_watching();
    co_await look();
    if (!is_touched_ && !co_await wait_until(touched_, parts_.clock, parts_.clock.now() + kPollPeriod)) co_return;
  }
}

// Watches anew each time: a folder may have been replaced by another of the same name.
void ConfigSource::keep_watching() {
  std::set<std::string> folders = {auth::folder_of(names_.config)};
  if (!names_.leader_config.empty()) folders.insert(auth::folder_of(names_.leader_config));
  std::vector<std::unique_ptr<FileWatcher::Watch>> watches;
  for (const std::string& folder : folders) {
    Result<std::unique_ptr<FileWatcher::Watch>> watch = parts_.watcher.watch(folder, [this] {
      is_touched_ = true;
      touched_.notify();
    });
    // A folder that is not there is told by the reading that follows.
    if (watch) watches.push_back(*std::move(watch));
  }
  watches_ = std::move(watches);
}

// As long as no configuration has been good, what broken files still say is told again and again: it may be what takes
// a leader's output back, which must not be missed.
Task<> ConfigSource::look() {
  ConfigBytes bytes = co_await parts_.pool.run([this] { return read_config_bytes(parts_.files, names_); });
  if (current_ && bytes_ == bytes) co_return;
  bytes_ = std::move(bytes);
  co_await take(co_await parts_.pool.run([this] { return build(*bytes_, names_); }));
}

Task<> ConfigSource::take(Result<RoleConfigs> read) {
  valid_.set(read ? 1 : 0);
  if (!read) {
    report_broken(read.error());
    if (current_) co_return;
    Result<std::string> follower = co_await parts_.pool.run([this] { return build_follower(*bytes_, names_); });
    // Why it cannot be read is part of the error that is told.
    listener_.on_broken(follower ? std::optional(*std::move(follower)) : std::nullopt);
    co_return;
  }
  const bool was_broken = !std::exchange(error_, "").empty();
  if (was_broken) parts_.log.info("the configuration is good again");
  if (current_ == *read) co_return;
  for (const std::string& warning : read->warnings) parts_.log.warn("configuration: " + warning);
  current_ = *std::move(read);
  listener_.on_configs(*current_);
}

void ConfigSource::report_broken(const Error& error) {
  if (error.message() == error_) return;
  error_ = error.message();
  errors_.increment();
  parts_.log.error(current_ ? "the configuration is broken; the last good one stays in force"
                            : "the configuration is broken; this member cannot lead until it is repaired",
                   {{"err", error}});
}

}  // namespace promfleet::elector
