#include "elector/config/role_configs.h"

#include "codec/yaml/emit.h"
#include "codec/yaml/fields.h"
#include "codec/yaml/parse.h"
#include "core/base/try.h"
#include "elector/config/gunzip.h"
#include "elector/config/leader_additions.h"
#include "elector/config/merge.h"
#include "elector/config/remote_writes.h"

namespace promfleet::elector {
namespace {

constexpr std::size_t kBytesMax = yaml::Limits{}.input_bytes_max;

// One role's part of the configuration and the file that it stands in.
struct Section {
  std::string file;
  yaml::Node node;
};

template <class T>
Result<T> in_file(std::string_view file, Result<T> result) {
  if (result) return result;
  return std::unexpected(std::move(result).error().with_context(file));
}

Result<yaml::Node> read(const ConfigInput& input, const Environment& environment) {
  TRY_ASSIGN(std::string text, gunzip_if_gzipped(input.bytes, kBytesMax));
  if (environment) {
    TRY_ASSIGN(text, substitute_environment(text, environment, kBytesMax));
  }
  return yaml::parse(text);
}

void warn_of_misnamed_keys(const Section& section, std::vector<std::string>& warnings) {
  for (const yaml::Entry& entry : *section.node.mapping()) {
    if (entry.name() != "remote_writes") continue;
    const yaml::Mark mark = entry.key.mark;
    warnings.push_back(fmt::format("{}: line {}, column {}: remote_writes: Prometheus' key is remote_write",
                                   section.file, mark.line, mark.column));
  }
}

// Prometheus will refuse it in its own words.
void warn_of_wrong_remote_writes(const Section& section, std::vector<std::string>& warnings) {
  const Result<std::vector<RemoteWrite>> writes = remote_writes(section.node);
  if (!writes) warnings.push_back(fmt::format("{}: remote_write: {}", section.file, writes.error().message()));
}

void warn(const Section& section, std::vector<std::string>& warnings) {
  warn_of_misnamed_keys(section, warnings);
  warn_of_wrong_remote_writes(section, warnings);
}

// None where warn() has told of them.
std::vector<RemoteWrite> writes_of(const yaml::Node& config) {
  return remote_writes(config).value_or(std::vector<RemoteWrite>());
}

Result<RoleConfigs> join(Section follower, Section leader) {
  TRY(in_file(follower.file, yaml::Fields::of(follower.node)));
  TRY_ASSIGN(const yaml::Fields additions, in_file(leader.file, yaml::Fields::of(leader.node)));
  RoleConfigs configs;
  configs.follower = yaml::emit(follower.node);
  configs.follower_writes = writes_of(follower.node);
  warn(follower, configs.warnings);
  configs.leader = configs.follower;
  configs.leader_writes = configs.follower_writes;
  if (additions.entries().empty()) return configs;

  TRY_ASSIGN(const yaml::Node merged, in_file(leader.file, merge(std::move(follower.node), leader.node)));
  configs.leader = yaml::emit(merged);
  configs.leader_writes = writes_of(merged);
  warn(leader, configs.warnings);
  configs.leader_additions = describe_leader_additions(std::move(leader.node));
  return configs;
}

}  // namespace

Result<RoleConfigs> build_two_section(const ConfigInput& input, const Environment& environment) {
  TRY_ASSIGN(yaml::Node root, in_file(input.name, read(input, environment)));
  TRY_ASSIGN(const yaml::Fields sections, in_file(input.name, yaml::Fields::of(root)));
  TRY(in_file(input.name, sections.only({"follower", "leader"})));
  if (sections.find("follower") == nullptr) {
    return fail(Errc::invalid_input, "{}: the section follower, a Prometheus configuration, is missing or empty",
                input.name);
  }
  Section follower{.file = input.name, .node = {}};
  Section leader = follower;
  for (yaml::Entry& entry : std::get<yaml::Mapping>(root.value)) {
    (entry.name() == "follower" ? follower : leader).node = std::move(entry.value);
  }
  return join(std::move(follower), std::move(leader));
}

Result<RoleConfigs> build_operator(const ConfigInput& config, const std::optional<ConfigInput>& leader,
                                   const Environment& environment) {
  Section follower{.file = config.name, .node = {}};
  TRY_ASSIGN(follower.node, in_file(config.name, read(config, environment)));
  if (follower.node.is_null()) return fail(Errc::invalid_input, "{}: the file is empty", config.name);
  Section additions;
  if (leader) {
    additions.file = leader->name;
    TRY_ASSIGN(additions.node, in_file(leader->name, read(*leader, environment)));
  }
  return join(std::move(follower), std::move(additions));
}

}  // namespace promfleet::elector
