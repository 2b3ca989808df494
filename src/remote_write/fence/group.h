// The fence of one group: only the group's newest leader may write, and what it writes continues its predecessor's
// samples series by series, with nothing twice and no step back in time.
//
// A new leader first fences with its token; from then on the older ones are refused. Its writes carry the token. Of
// each the fence chooses what is to be stored, by what was stored last of each series and in whose term.
//
//   // The group's lock is held from here ...
//   std::expected<Admission, Refusal> admission = group.admit(request, token, stream);
//   if (!admission) return answer(admission.error());
//   TRY(store.append(admission->kept(), group.term()));   // durable; if it fails, nothing has changed
//   admission->commit(now);
//   // ... to here, and only then the sender gets its 2xx.
//
// So the token is checked at commit, not before, and whoever waits for the lock waits for running commits.
//
// Pure: no I/O, no clock. What must outlive the process are the record (its owner stores it before adopt()), and of
// each series the last sample with its term, which a store finds in its own data: docs/format/fencing.md.
//
// Thread safety: none; the group's lock is its owner's, and is held across every call and every Admission.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/remote_write/write_request.h"
#include "core/base/time.h"
#include "remote_write/fence/limits.h"
#include "remote_write/fence/rules.h"
#include "remote_write/fence/series_table.h"
#include "remote_write/fence/term.h"

namespace promfleet::remote_write {

// Of each stream: the highest, over all batches that were committed, of the batch's lowest timestamp. Whatever a stream
// has up to here is stored or covered. Unix milliseconds; they never fall.
using Watermarks = std::map<std::string, std::int64_t, std::less<>>;

struct FenceRequest {
  FencingToken token;
  // Names the process of Prometheus whose samples the term writes, all of them and no others; empty: it is not told.
  std::string source;

  bool operator==(const FenceRequest&) const = default;
};

// What a receiver keeps on disk of a group, beside its samples.
struct GroupRecord {
  std::uint32_t generation = 0;
  std::optional<FencingToken> token;  // none: no leader has fenced since the group began, or since a reset
  Watermarks watermarks;
  std::map<FencingToken, std::string> sources;  // of the latest terms of this generation that have told theirs

  // A fence with a token that is higher than the present one.
  void begin_term(const FenceRequest& request);
  // A fence-reset.
  void begin_generation();

  bool operator==(const GroupRecord&) const = default;
};

struct GroupSnapshot {
  GroupRecord record;
  std::vector<SeriesEntry> series;
};

// Why nothing of a request is stored.
enum class Refusal : std::uint8_t {
  fenced,            // another leader has fenced: whoever wrote this is not the leader any more
  fence_first,       // no fence with this token was seen
  too_many_streams,  // a limit of ours; a retry may succeed when it was raised
  too_many_series,
};

struct WriteCounts {
  std::size_t stored = 0;
  std::size_t duplicates = 0;
  std::size_t covered = 0;

  bool operator==(const WriteCounts&) const = default;
};

class Admission;

class FenceGroup {
 public:
  explicit FenceGroup(FenceLimits limits = {}, FenceRules rules = {}) : limits_(limits), rules_(rules) {}
  // As it was. Limits bind only what comes after.
  explicit FenceGroup(const GroupSnapshot& snapshot, FenceLimits limits = {}, FenceRules rules = {});
  // Admissions point to it.
  FenceGroup(const FenceGroup&) = delete;
  FenceGroup& operator=(const FenceGroup&) = delete;

  // What the record becomes by a fence; the same if its token is the present one. Whoever asked gets its answer when
  // that is on disk and adopted. Refusal::fenced: the token is lower than the present one.
  std::expected<GroupRecord, Refusal> fence(const FenceRequest& request) const;
  // What the record becomes when the lease's store was replaced: the next fence is accepted whatever its token, and
  // until then nobody may write.
  GroupRecord reset() const;
  void adopt(GroupRecord record);
  const GroupRecord& record() const { return record_; }

  // There must be a token.
  Term term() const;

  // Chooses what of the request is to be stored. Labels of its series are sorted; its strings outlive the admission.
  // One admission at a time.
  std::expected<Admission, Refusal> admit(const WriteRequest& request, FencingToken token, std::string_view stream);

  std::size_t series_count() const { return table_.size(); }
  GroupSnapshot snapshot() const;

 private:
  friend class Admission;

  // A series' place, and what it held before the running admission changed it.
  struct Former {
    SeriesEntry* place;
    SeriesState state;
  };

  void find_own_terms();
  Author author_of(const SeriesState& last) const;
  std::optional<Refusal> refusal_of(FencingToken token, std::string_view stream) const;
  bool judge_all(const WriteRequest& request);
  bool judge_series(const WriteRequest& request, const Series& series, SeriesKey key);
  bool judge_one(const Measured& next, const WriteRequest& request, const Series& series, SeriesKey key);
  void commit(WallTime now);
  void roll_back();
  void end_admission();

  FenceLimits limits_;
  FenceRules rules_;
  GroupRecord record_;
  std::vector<FencingToken> own_terms_;  // earlier ones of the present term's source
  SeriesTable table_;

  // Of the running admission; the memory is used again.
  bool is_admitting_ = false;
  std::string stream_;
  std::optional<std::int64_t> lowest_ms_;
  WriteCounts counts_;
  std::vector<SeriesKey> keys_;    // of each series
  std::vector<Verdict> verdicts_;  // of each sample and histogram
  std::vector<Former> formers_;
  const WriteRequest* kept_ = nullptr;
  WriteRequest part_;
};

// A request that may be stored. Unless commit() is called, the group goes back to what it was.
class [[nodiscard]] Admission {
 public:
  Admission(Admission&& other) noexcept : group_(std::exchange(other.group_, nullptr)) {}
  Admission& operator=(Admission&&) = delete;
  ~Admission() {
    if (group_ != nullptr) group_->roll_back();
  }

  // The request itself where nothing is left out. May be empty. Exemplars and metadata are never left out, and may
  // come twice.
  const WriteRequest& kept() const { return *group_->kept_; }
  const WriteCounts& counts() const { return group_->counts_; }

  // What was kept is durable. Ends the admission.
  void commit(WallTime now) { std::exchange(group_, nullptr)->commit(now); }

 private:
  friend class FenceGroup;
  explicit Admission(FenceGroup& group) : group_(&group) {}

  FenceGroup* group_;
};

}  // namespace promfleet::remote_write
