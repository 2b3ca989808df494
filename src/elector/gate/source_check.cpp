#include "elector/gate/source_check.h"

#include <algorithm>
#include <utility>

namespace promfleet::elector {

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
