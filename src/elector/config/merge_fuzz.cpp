// Two documents, split at the first NUL: whatever can be merged can be written and read again, and merging nothing
// changes nothing.
#include <cstdint>
#include <string_view>

#include "codec/yaml/emit.h"
#include "codec/yaml/parse.h"
#include "core/base/assert.h"
#include "elector/config/leader_additions.h"
#include "elector/config/merge.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace promfleet;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t split = input.find('\0');
  if (split == std::string_view::npos) return 0;
  const yaml::Limits limits{.depth_max = 50, .nodes_max = 10'000, .expanded_bytes_max = 1 << 20};
  const auto follower = yaml::parse(input.substr(0, split), limits);
  const auto leader = yaml::parse(input.substr(split + 1), limits);
  if (!follower || !leader || follower->mapping() == nullptr || leader->mapping() == nullptr) return 0;

  const auto merged = elector::merge(*follower, *leader);
  if (merged) ASSERT(yaml::parse(yaml::emit(*merged)) == *merged);
  ASSERT(yaml::parse(elector::describe_leader_additions(*leader)).has_value());
  const yaml::Node nothing{.value = yaml::Mapping{}, .tag = {}, .mark = {}};
  ASSERT(elector::merge(*follower, nothing) == *follower);
  return 0;
}
