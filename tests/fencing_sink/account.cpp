#include "tests/fencing_sink/account.h"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "remote_write/fence/rules.h"

namespace promfleet::remote_write {
namespace {

TermKey term_of(const Event& event) {
  return {event.generation, event.token ? event.token->value() : 0};
}

void store(SeriesAccount& series, const Measured& measured, std::uint64_t bits, const Event& event) {
  const FencingToken token = event.token.value_or(FencingToken());
  series.samples.push_back({measured.timestamp_ms, bits, token.value(), measured.kind});
  series.last = {measured.timestamp_ms, measured.value, token, event.generation, measured.kind};
}

}  // namespace

void Moments::add(std::int64_t unix_ms) {
  if (!first_ms) first_ms = unix_ms;
  last_ms = unix_ms;
}

void GroupAccount::fence(const Event& event) {
  if (!event.token) return record_.begin_generation();
  record_.begin_term({*event.token, event.source});
  TermAccount& term = terms_[term_of(event)];
  term.fenced_ms = event.unix_ms;
  term.source = event.source;
}

void GroupAccount::write(const Event& event, const WriteRequest& stored) {
  for (const Series& series : stored.series()) {
    const std::span<const Sample> samples = stored.samples(series);
    const std::span<const Histogram> histograms = stored.histograms(series);
    if (samples.empty() && histograms.empty()) continue;
    SeriesAccount& account = series_of(series_key(stored.labels(series)), stored.labels(series));
    for (const Sample& sample : samples) store(account, Measured::of(sample), bits_of(sample.value), event);
    for (const Histogram& histogram : histograms) {
      const std::uint64_t hash = XXH3_64bits(histogram.encoded.data(), histogram.encoded.size());
      store(account, Measured::of(histogram), hash, event);
    }
  }
  const std::size_t count = stored.samples().size() + stored.histograms().size();
  TermAccount& term = terms_[term_of(event)];
  term.stored += count;
  term.duplicates += event.duplicates;
  term.covered += event.covered;
  term.accepted.add(event.unix_ms);
  if (count > 0) term.storing.add(event.unix_ms);
  if (event.token) advance_watermark(event);
}

void GroupAccount::refuse(const Event& event) {
  ++terms_[term_of(event)].refused[event.code];
}

void GroupAccount::advance_watermark(const Event& event) {
  if (!event.lowest_ms) return;
  const std::int64_t bounded = std::min(*event.lowest_ms, later(event.unix_ms, FenceRules{}.clock_grace));
  const auto [at, is_new] = record_.watermarks.try_emplace(event.stream, bounded);
  if (!is_new) at->second = std::max(at->second, bounded);
}

SeriesAccount& GroupAccount::series_of(SeriesKey key, std::span<const Label> labels) {
  const auto [at, is_new] = numbers_.try_emplace(key, series_.size());
  if (is_new) {
    series_.push_back({.key = key});
    for (const Label& label : labels) series_.back().labels.emplace_back(label.name, label.value);
  }
  return series_[at->second];
}

GroupSnapshot GroupAccount::snapshot() const {
  GroupSnapshot snapshot{record_, {}};
  snapshot.series.reserve(series_.size());
  for (const SeriesAccount& series : series_) snapshot.series.push_back({series.key, series.last});
  return snapshot;
}

void Account::apply(const Event& event, const WriteRequest& stored) {
  GroupAccount& group = groups_[event.group];
  switch (event.occurrence) {
    case Occurrence::fenced: group.fence(event); break;
    case Occurrence::written: group.write(event, stored); break;
    case Occurrence::refused: group.refuse(event); break;
  }
  if (event.occurrence == Occurrence::written && event.group.empty()) ++unfenced_writes_;
}

}  // namespace promfleet::remote_write
