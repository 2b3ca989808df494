// What has arrived at the sink: every sample that was stored, with the term in which it was, and counts of the rest.
//
// It is made of events alone, so the account of a sink that was killed is that of the events in its journal; and what a
// group's fence has to know after a start is in it too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "codec/remote_write/write_request.h"
#include "remote_write/fence/group.h"
#include "remote_write/fence/series_key.h"
#include "tests/fencing_sink/event.h"

namespace promfleet::remote_write {

struct StoredSample {
  std::int64_t timestamp_ms = 0;
  std::uint64_t bits = 0;  // of a native histogram: a hash of its message
  std::uint64_t token = 0;
  ValueKind kind = ValueKind::number;
};

struct SeriesAccount {
  SeriesKey key;
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<StoredSample> samples;  // in the order of storing
  SeriesState last;
};

// When something happened for the first and the last time, in Unix milliseconds.
struct Moments {
  std::optional<std::int64_t> first_ms;
  std::optional<std::int64_t> last_ms;

  void add(std::int64_t unix_ms);
};

struct TermAccount {
  std::size_t stored = 0;
  std::size_t duplicates = 0;
  std::size_t covered = 0;
  std::map<std::string, std::size_t> refused;  // writes, by code
  std::optional<std::int64_t> fenced_ms;
  std::string source;  // as the fence told
  Moments accepted;
  Moments storing;
};

// Generation and token; two zeros for what was not fenced.
using TermKey = std::pair<std::uint32_t, std::uint64_t>;

class GroupAccount {
 public:
  void fence(const Event& event);
  void write(const Event& event, const WriteRequest& stored);
  void refuse(const Event& event);

  const std::vector<SeriesAccount>& series() const { return series_; }
  const std::map<TermKey, TermAccount>& terms() const { return terms_; }
  const GroupRecord& record() const { return record_; }
  GroupSnapshot snapshot() const;

 private:
  struct KeyHash {
    std::size_t operator()(const SeriesKey& key) const { return key.low; }
  };

  void advance_watermark(const Event& event);
  SeriesAccount& series_of(SeriesKey key, std::span<const Label> labels);

  GroupRecord record_;
  std::vector<SeriesAccount> series_;
  std::unordered_map<SeriesKey, std::size_t, KeyHash> numbers_;  // of series_
  std::map<TermKey, TermAccount> terms_;
};

class Account {
 public:
  // `stored`: what was kept of a write; empty for other events.
  void apply(const Event& event, const WriteRequest& stored);

  // By name; the empty name is that of what was not fenced.
  const std::map<std::string, GroupAccount>& groups() const { return groups_; }
  std::size_t unfenced_writes() const { return unfenced_writes_; }

 private:
  std::map<std::string, GroupAccount> groups_;
  std::size_t unfenced_writes_ = 0;
};

}  // namespace promfleet::remote_write
