#include "tests/sim/gate/judge.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "core/base/assert.h"

namespace promfleet::sim::gate {

namespace {

// Rules 7 and 8.
constexpr std::int64_t kClockGraceMs = 2'000;
constexpr std::int64_t kCounterGraceMs = 15'000;

constexpr std::int64_t kEpochMs =
    std::chrono::milliseconds(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1).time_since_epoch()).count();

std::int64_t milliseconds(Duration duration) {
  return std::chrono::floor<std::chrono::milliseconds>(duration).count();
}

auto first_after(const std::vector<Measurement>& samples, std::int64_t time_ms) {
  return std::ranges::upper_bound(samples, time_ms, {}, &Measurement::time_ms);
}

}  // namespace

ProcessNumber Judge::process_begins() {
  const std::vector<std::int64_t> nothing(targets_.series().size(), std::numeric_limits<std::int64_t>::min());
  processes_.push_back({.lives = true,
                        .wal = std::vector<Samples>(targets_.series().size()),
                        .taken_ms = nothing,
                        .taken_before = nothing});
  return processes_.size() - 1;
}

void Judge::appended(ProcessNumber process, const Measurement& sample) {
  processes_[process].wal[sample.series].push_back(sample);
}

void Judge::dropped(std::string_view writer, int status) {
  violated(fmt::format("{}'s Prometheus drops a batch that was answered {}", writer, status));
}

void Judge::holds_for_ever(std::string_view writer) {
  violated(fmt::format("{}'s Prometheus is not rid of its samples although all faults have stopped", writer));
}

void Judge::fenced(std::uint64_t token, std::string source) {
  if (!terms_.empty() && token < terms_.back().token) {
    violated(fmt::format("token {} fences after token {}", token, terms_.back().token));
  }
  if (!terms_.empty() && token <= terms_.back().token) return;
  terms_.push_back({.token = token,
                    .told = std::move(source),
                    .source = {},
                    .watermarks_ms = watermarks_ms_,
                    .candidates = candidates_});
  for (Process& process : processes_) process.taken_before = process.taken_ms;
  ++counts_["terms"];
}

void Judge::arrives(std::uint64_t token, const Batch& batch) {
  if (terms_.empty() || token != terms_.back().token) {
    return violated(fmt::format("a write with token {} is taken, which is not the present one", token));
  }
  Term& term = terms_.back();
  if (!term.source) term.source = batch.source;
  if (term.source != batch.source) {
    violated(fmt::format("process {} of Prometheus goes on with the term of process {}", batch.source, *term.source));
  }
  if (!term.told.empty() && term.told != std::to_string(batch.source)) {
    violated(fmt::format("process {} of Prometheus writes under the name of process {}", batch.source, term.told));
  }
  for (const Measurement& sample : batch.samples) {
    std::int64_t& taken_ms = processes_[batch.source].taken_ms[sample.series];
    taken_ms = std::max(taken_ms, sample.time_ms);
  }
  const std::int64_t lowest_ms = std::ranges::min(batch.samples, {}, &Measurement::time_ms).time_ms;
  std::optional<std::int64_t>& watermark_ms = watermarks_ms_[batch.stream];
  watermark_ms = std::max(watermark_ms.value_or(lowest_ms), lowest_ms);
}

void Judge::stored(SeriesNumber series, std::int64_t time_ms) {
  if (violation_) return;
  const Samples& samples = wal(terms_.back(), series);
  const auto sample = std::ranges::lower_bound(samples, time_ms, {}, &Measurement::time_ms);
  ASSERT(sample != samples.end() && sample->time_ms == time_ms);
  const auto place = static_cast<std::size_t>(sample - samples.begin());
  std::optional<Last>& last = last_[series];
  ++counts_["samples"];
  if (last) check_value(*last, *sample);
  if (last && last->term == terms_.size()) {
    goes_on(*last, samples, place);
  } else {
    begins(last, samples, place);
  }
  const std::optional<Measurement> value = last ? last->value : std::nullopt;
  last = Last{
      .sample = *sample, .term = terms_.size(), .place = place, .value = sample->is_stale_marker() ? value : *sample};
}

void Judge::check_value(const Last& last, const Measurement& sample) {
  if (sample.time_ms <= last.sample.time_ms) {
    violated(fmt::format("{} is stored after {}", words(sample), words(last.sample)));
  }
  if (sample.is_stale_marker() || !last.value || targets_.series()[sample.series].kind != Kind::counter) return;
  if (sample.value < last.value->value && sample.resets == last.value->resets) {
    violated(fmt::format("{} looks like a reset after {}", words(sample), words(*last.value)));
  }
}

void Judge::goes_on(const Last& last, const Samples& wal, std::size_t place) {
  if (place > last.place + 1) violated(fmt::format("{} is left out within a term", words(wal[last.place + 1])));
}

void Judge::begins(const std::optional<Last>& last, const Samples& wal, std::size_t place) {
  const Measurement& first = wal[place];
  if (!is_behind(&terms_.back(), last, first)) {
    violated(fmt::format("{} begins a term too near to {}", words(first), words(last->sample)));
  }
  for (std::size_t before = 0; before < place; ++before) {
    if (is_due(last, wal[before])) {
      violated(fmt::format("{} is lost: the term of token {} begins with {}", words(wal[before]), terms_.back().token,
                           words(first)));
    }
  }
  if (last) note_gap(*last, first);
}

bool Judge::is_due(const std::optional<Last>& last, const Measurement& sample) {
  if (!is_behind(&terms_.back(), last, sample)) return false;
  if (sample.time_ms <= processes_[*terms_.back().source].taken_before[sample.series]) return false;
  const std::optional<Rest> rest = rest_when_acknowledged(last, sample, terms_.size());
  const bool is_counter = targets_.series()[sample.series].kind == Kind::counter;
  if (!rest || rest == Rest::due || (rest == Rest::covered && !is_counter)) return true;
  if (rest == Rest::covered) count("samples beside a reset", sample);
  if (sample.is_stale_marker()) count("late stale markers", sample);
  return false;
}

bool Judge::is_behind(const Term* term, const std::optional<Last>& last, const Measurement& sample) const {
  if (!last) return true;
  const std::int64_t by_ms = sample.time_ms - last->sample.time_ms;
  if (by_ms <= 0) return false;
  if (sample.is_stale_marker() || goes_on_for(term, *last)) return true;
  if (by_ms <= kClockGraceMs) return false;
  const bool is_lower = !last->sample.is_stale_marker() && sample.value < last->sample.value;
  return !(is_lower && targets_.series()[sample.series].kind == Kind::counter && by_ms <= kCounterGraceMs);
}

// The last sample is of the same process, and the receiver knows so.
bool Judge::goes_on_for(const Term* term, const Last& last) const {
  const Term& of_last = terms_[last.term - 1];
  return term != nullptr && !term->told.empty() && term->source == of_last.source && !of_last.told.empty();
}

std::optional<Judge::Rest> Judge::rest_when_acknowledged(const std::optional<Last>& last, const Measurement& sample,
                                                         std::size_t terms) const {
  const std::size_t stream = sample.series % watermarks_ms_.size();
  const std::int64_t needed_ms = sample.time_ms + lateness_ms_;
  const auto passed = [&](const Term& term) {
    return term.watermarks_ms[stream] && *term.watermarks_ms[stream] >= needed_ms;
  };
  // In the term before the first that began with such a watermark it was reached.
  const auto begun = std::span(terms_).first(terms);
  const auto next = std::ranges::find_if(begun, passed);
  if (next == begun.end()) return std::nullopt;
  const std::int64_t around_ms = sample.time_ms + milliseconds(targets_.of(sample.series).interval);
  return rest_of(static_cast<std::size_t>(next - begun.begin()) - 1, last, sample.series, around_ms);
}

// What its leader had let go as a follower, in an earlier term, it had no more.
Judge::Rest Judge::rest_of(std::size_t number, const std::optional<Last>& last, SeriesNumber series,
                           std::int64_t until_ms) const {
  const Term& term = terms_[number];
  Rest rest = Rest::nothing;
  for (const Measurement& sample : wal(term, series)) {
    if (sample.time_ms > until_ms || sample.is_stale_marker() || !is_behind(&term, last, sample)) continue;
    const bool was_taken = sample.time_ms <= processes_[*term.source].taken_ms[series];
    const Rest left = was_taken ? Rest::covered : rest_when_acknowledged(last, sample, number + 1).value_or(Rest::due);
    if (left == Rest::due) return Rest::due;
    if (left == Rest::covered) rest = Rest::covered;
  }
  return rest;
}

// The leader's Prometheus has nothing from more than an interval before its first, where another one has.
void Judge::note_gap(const Last& last, const Measurement& first) {
  Term& term = terms_.back();
  const std::int64_t until_ms = first.time_ms - milliseconds(targets_.of(first.series).interval) - kClockGraceMs;
  if (term.has_gap || until_ms <= last.sample.time_ms) return;
  const auto has_some = [&](const Samples& samples) {
    const auto after = first_after(samples, last.sample.time_ms);
    return after != samples.end() && after->time_ms < until_ms;
  };
  if (std::ranges::any_of(processes_[*term.source].wal, has_some)) return;
  std::string_view whose;
  for (ProcessNumber number = 0; number < processes_.size(); ++number) {
    const Samples& samples = processes_[number].wal[first.series];
    const auto in_gap = [&](const Measurement& sample) {
      return sample.time_ms < until_ms && !sample.is_stale_marker() && is_behind(nullptr, last, sample);
    };
    if (std::none_of(first_after(samples, last.sample.time_ms), samples.end(), in_gap)) continue;
    const bool could_lead = std::ranges::find(term.candidates, number) != term.candidates.end();
    if (could_lead) whose = "gaps of a candidate";
    if (processes_[number].lives && whose.empty()) whose = "gaps of one that could not lead";
    term.has_gap = true;
  }
  if (term.has_gap) count(whose.empty() ? "gaps of the dead" : whose, first);
}

void Judge::has_arrived(Instant until) {
  if (terms_.empty() || !terms_.back().source) return violated("nothing is written although all faults have stopped");
  for (SeriesNumber series = 0; series < last_.size(); ++series) {
    const std::optional<Last>& last = last_[series];
    const Samples& samples = wal(terms_.back(), series);
    const bool has_begun = last && last->term == terms_.size();
    for (std::size_t place = has_begun ? last->place + 1 : 0; place < samples.size(); ++place) {
      if (samples[place].appended_at > until) break;
      if (has_begun || is_due(last, samples[place])) {
        return violated(fmt::format("{} has not arrived although all faults have stopped", words(samples[place])));
      }
    }
  }
}

void Judge::count(std::string_view what, const Measurement& sample) {
  ++counts_[std::string(what)];
  if (trace_.is_on()) trace_.line("----", "{}: {}", what, words(sample));
}

std::string Judge::words(const Measurement& sample) const {
  const double seconds = static_cast<double>(sample.time_ms - kEpochMs) / 1000;
  if (sample.is_stale_marker())
    return fmt::format("{} stale at {:.3f}", targets_.series()[sample.series].name, seconds);
  return fmt::format("{} {} at {:.3f}", targets_.series()[sample.series].name, sample.value, seconds);
}

void Judge::violated(std::string what) {
  if (!violation_) violation_ = std::move(what);
}

}  // namespace promfleet::sim::gate
