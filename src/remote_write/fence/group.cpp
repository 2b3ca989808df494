#include "remote_write/fence/group.h"

#include <algorithm>
#include <ranges>

#include "core/base/assert.h"
#include "remote_write/fence/kept.h"

namespace promfleet::remote_write {
namespace {

std::string_view name_of(std::span<const Label> labels) {
  const auto name = std::ranges::find(labels, "__name__", &Label::name);
  return name == labels.end() ? std::string_view() : name->value;
}

}  // namespace

void GroupRecord::begin_term(const FenceRequest& request) {
  token = request.token;
  if (request.source.empty()) return;
  sources[request.token] = request.source;
  if (sources.size() > kFenceSourcesMax) sources.erase(sources.begin());
}

void GroupRecord::begin_generation() {
  if (token) ++generation;
  token.reset();
  sources.clear();
}

FenceGroup::FenceGroup(const GroupSnapshot& snapshot, FenceLimits limits, FenceRules rules)
    : limits_(limits), rules_(rules), record_(snapshot.record) {
  table_.reserve(snapshot.series.size());
  for (const SeriesEntry& entry : snapshot.series) table_.put(table_.place_of(entry.key), entry.key, entry.state);
  find_own_terms();
}

std::expected<GroupRecord, Refusal> FenceGroup::fence(const FenceRequest& request) const {
  if (record_.token && request.token < *record_.token) return std::unexpected(Refusal::fenced);
  GroupRecord next = record_;
  if (next.token != request.token) next.begin_term(request);
  return next;
}

GroupRecord FenceGroup::reset() const {
  GroupRecord next = record_;
  next.begin_generation();
  return next;
}

void FenceGroup::adopt(GroupRecord record) {
  ASSERT(!is_admitting_);
  record_ = std::move(record);
  find_own_terms();
}

void FenceGroup::find_own_terms() {
  own_terms_.clear();
  const auto own = record_.token ? record_.sources.find(*record_.token) : record_.sources.end();
  if (own == record_.sources.end()) return;
  for (const auto& [token, source] : record_.sources) {
    if (token < *record_.token && source == own->second) own_terms_.push_back(token);
  }
}

Author FenceGroup::author_of(const SeriesState& last) const {
  if (last.term() == term()) return Author::same;
  const bool is_own =
      last.generation == record_.generation && std::ranges::find(own_terms_, last.token) != own_terms_.end();
  return is_own ? Author::same : Author::another;
}

Term FenceGroup::term() const {
  ASSERT(record_.token);
  return {record_.generation, *record_.token};
}

std::expected<Admission, Refusal> FenceGroup::admit(const WriteRequest& request, FencingToken token,
                                                    std::string_view stream) {
  ASSERT(!is_admitting_);
  if (const std::optional<Refusal> refusal = refusal_of(token, stream)) return std::unexpected(*refusal);
  is_admitting_ = true;
  stream_ = stream;
  const std::optional<TimeRange> range = request.time_range();
  lowest_ms_ = range ? std::optional(range->lowest_ms) : std::nullopt;
  if (!judge_all(request)) {
    roll_back();
    return std::unexpected(Refusal::too_many_series);
  }
  kept_ = &request;
  if (counts_.stored < verdicts_.size()) {
    copy_kept(request, verdicts_, part_);
    kept_ = &part_;
  }
  return Admission(*this);
}

std::optional<Refusal> FenceGroup::refusal_of(FencingToken token, std::string_view stream) const {
  if (!record_.token || token > *record_.token) return Refusal::fence_first;
  if (token < *record_.token) return Refusal::fenced;
  const bool is_new = !record_.watermarks.contains(stream);
  if (is_new && record_.watermarks.size() >= limits_.streams_max) return Refusal::too_many_streams;
  return std::nullopt;
}

// False: there are too many series. All keys come first, so that the processor fetches the places side by side.
bool FenceGroup::judge_all(const WriteRequest& request) {
  const std::size_t measured = request.samples().size() + request.histograms().size();
  const std::size_t new_series_max = std::min(measured, request.series().size());
  const std::size_t series_max = std::max(limits_.series_max, table_.size());
  table_.reserve(std::min(table_.size() + new_series_max, series_max + 1));
  for (const Series& series : request.series()) {
    keys_.push_back(series_key(request.labels(series)));
    table_.prefetch(keys_.back());
  }
  for (std::size_t number = 0; number < keys_.size(); ++number) {
    if (!judge_series(request, request.series()[number], keys_[number])) return false;
  }
  return true;
}

// A series has samples or histograms; of one with both the samples come first.
bool FenceGroup::judge_series(const WriteRequest& request, const Series& series, SeriesKey key) {
  for (const Sample& sample : request.samples(series)) {
    if (!judge_one(Measured::of(sample), request, series, key)) return false;
  }
  for (const Histogram& histogram : request.histograms(series)) {
    if (!judge_one(Measured::of(histogram), request, series, key)) return false;
  }
  return true;
}

// Stores what is kept at once, since the same series may come again in this request.
bool FenceGroup::judge_one(const Measured& next, const WriteRequest& request, const Series& series, SeriesKey key) {
  SeriesEntry& place = table_.place_of(key);
  const Term present = term();
  const Verdict verdict = judge(place.state, next, author_of(place.state), rules_, [&] {
    return is_counter(request.metadata(series).type, name_of(request.labels(series)));
  });
  verdicts_.push_back(verdict);
  switch (verdict) {
    case Verdict::duplicate: ++counts_.duplicates; return true;
    case Verdict::covered: ++counts_.covered; return true;
    case Verdict::store: break;
  }
  if (place.is_free() && table_.size() >= limits_.series_max) return false;
  ++counts_.stored;
  formers_.push_back({&place, place.state});
  table_.put(place, key, {next.timestamp_ms, next.value, present.token, present.generation, next.kind});
  return true;
}

void FenceGroup::commit(WallTime now) {
  const auto now_ms = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
  if (lowest_ms_) {
    const std::int64_t bounded = std::min(*lowest_ms_, later(now_ms, rules_.clock_grace));
    const auto [at, is_new] = record_.watermarks.try_emplace(stream_, bounded);
    if (!is_new) at->second = std::max(at->second, bounded);
  }
  end_admission();
}

void FenceGroup::roll_back() {
  for (const Former& former : formers_ | std::views::reverse) {
    if (former.state.kind == ValueKind::none) {
      table_.take_back(*former.place);
    } else {
      former.place->state = former.state;
    }
  }
  end_admission();
}

void FenceGroup::end_admission() {
  ASSERT(is_admitting_);
  is_admitting_ = false;
  counts_ = {};
  keys_.clear();
  verdicts_.clear();
  formers_.clear();
  kept_ = nullptr;
  part_.clear();
}

GroupSnapshot FenceGroup::snapshot() const {
  ASSERT(!is_admitting_);
  GroupSnapshot snapshot{record_, {}};
  snapshot.series.reserve(table_.size());
  std::ranges::remove_copy_if(table_.places(), std::back_inserter(snapshot.series), &SeriesEntry::is_free);
  return snapshot;
}

}  // namespace promfleet::remote_write
