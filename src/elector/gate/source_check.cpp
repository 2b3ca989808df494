#include "elector/gate/source_check.h"

#include <algorithm>
#include <utility>

#include "remote_write/fence/headers.h"

namespace promfleet::elector {

std::string source_name(std::string_view member, std::string_view started_at) {
  if (started_at.empty() || started_at == kUnknownStart) return "";
  const std::string name = remote_write::encode_name(member) + "/" + remote_write::encode_name(started_at);
  return name.size() <= remote_write::kFenceNameBytesMax ? name : "";
}

bool SourceCheck::knows(http::ConnectionNumber connection) const {
  return std::ranges::find(connections_, connection) != connections_.end();
}

SourceCheck::Finding SourceCheck::learn(http::ConnectionNumber connection, std::string started_at) {
  const bool has_restarted = !started_at_.empty() && started_at != started_at_;
  if (has_restarted) connections_.clear();
  started_at_ = std::move(started_at);
  if (connections_.size() == kConnectionsKept) connections_.pop_front();
  connections_.push_back(connection);
  return has_restarted ? Finding::restarted : Finding::known;
}

void SourceCheck::lost() {
  started_at_.clear();
  connections_.clear();
}

}  // namespace promfleet::elector
