// What must hold of what the receiver stores, whatever happens (ARCHITECTURE.md, "Gate", and docs/format/fencing.md):
//
//   - nothing is stored, and no fence accepted, with a token that is lower than one that was accepted before;
//   - one term, one process of Prometheus;
//   - each series only goes forward, nothing is stored twice, and no counter seems to be reset that was not;
//   - of each series the old leader's samples up to its last, then the new leader's: from the first that is due on,
//     without a hole.
//
// Due is what lies behind the series' last and is neither within the grace for clocks nor a counter that is lower, and
// was not in an earlier term of the same process. A new leader may have acknowledged, as a follower, what is a lateness
// behind the watermark: that is not due if the leader of then had nothing of the series left to deliver around it.
// Neither is it if that leader's was a counter that had been reset, and was covered by the higher last sample of then
// (rule 7): who led next may have brought an end of the old counter, and the reset, that were later than that.
//
// What only a Prometheus had that died cannot be had from another one, which is why each leader is measured by its own
// WAL. Two kinds of loss are known and are counted instead: gaps that a member could have filled which did not come to
// lead, and stale markers, which Prometheus writes so late that a follower may have acknowledged its own.
//
// Sees everything, with true time. The first violation ends the run.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/sim/gate/targets.h"
#include "tests/sim/program.h"

namespace promfleet::sim::gate {

class Judge {
 public:
  // Series are spread over `streams` by their number.
  Judge(const Trace& trace, const Targets& targets, std::chrono::milliseconds lateness, std::size_t streams)
      : trace_(trace),
        targets_(targets),
        lateness_ms_(lateness.count()),
        watermarks_ms_(streams),
        last_(targets.series().size()) {}

  // Of each Prometheus.
  ProcessNumber process_begins();
  void appended(ProcessNumber process, const Measurement& sample);
  void dropped(std::string_view writer, int status);
  void process_ends(ProcessNumber process) { processes_[process].lives = false; }

  // Of the members: someone begins a term, while those with `candidates` could have led as well for a while.
  void promoted(std::vector<ProcessNumber> candidates) { candidates_ = std::move(candidates); }

  // Of the receiver: as it becomes durable. A write arrives, then each sample of it that is stored.
  // `source`: as the fence named it, by its number; empty: not at all.
  void fenced(std::uint64_t token, std::string source);
  void arrives(std::uint64_t token, const Batch& batch);
  void stored(SeriesNumber series, std::int64_t time_ms);

  // Once things are calm: everything has arrived that the last leader's Prometheus had at `until`.
  void has_arrived(Instant until);
  // Progress: once faults stop, someone leads, and what was scraped is not held for ever.
  void nobody_leads() { violated("nobody leads although all faults have stopped"); }
  void holds_for_ever(std::string_view writer);

  const std::optional<std::string>& violation() const { return violation_; }
  const Counts& counts() const { return counts_; }

 private:
  using Samples = std::vector<Measurement>;
  struct Process {
    bool lives = true;
    std::vector<Samples> wal;                // of each series
    std::vector<std::int64_t> taken_ms;      // of each series, up to where writes were taken, be it as covered
    std::vector<std::int64_t> taken_before;  // the same, in earlier terms
  };
  struct Term {
    std::uint64_t token;
    std::string told;  // which process writes
    std::optional<ProcessNumber> source;
    std::vector<std::optional<std::int64_t>> watermarks_ms;  // of each stream, as it began
    std::vector<ProcessNumber> candidates;
    bool has_gap = false;
  };
  // Of one series.
  struct Last {
    Measurement sample;
    std::size_t term;
    std::size_t place;                 // in the WAL
    std::optional<Measurement> value;  // the last that is no stale marker
  };

  const Samples& wal(const Term& term, SeriesNumber series) const { return processes_[*term.source].wal[series]; }
  // The sample at `place` of the leader's WAL is stored next: whether it leaves out any before it.
  void goes_on(const Last& last, const Samples& wal, std::size_t place);
  void begins(const std::optional<Last>& last, const Samples& wal, std::size_t place);
  void check_value(const Last& last, const Measurement& sample);
  // Whether it is to be stored, in another term than the last one's.
  bool is_due(const std::optional<Last>& last, const Measurement& sample);
  // Of a term's own process; `term` none: of another one than the last sample's.
  bool is_behind(const Term* term, const std::optional<Last>& last, const Measurement& sample) const;
  bool goes_on_for(const Term* term, const Last& last) const;
  // Of what the leader had around a sample when a follower could acknowledge its own; nullopt: none could.
  enum class Rest : std::uint8_t {
    nothing,  // that would stand behind the last sample now
    covered,  // it was taken, and not stored, since a counter was higher then
    due,
  };
  // `terms`: as so many had begun.
  std::optional<Rest> rest_when_acknowledged(const std::optional<Last>& last, const Measurement& sample,
                                             std::size_t terms) const;
  // `number`: of the term that was led then.
  Rest rest_of(std::size_t number, const std::optional<Last>& last, SeriesNumber series, std::int64_t until_ms) const;
  void note_gap(const Last& last, const Measurement& first);
  void count(std::string_view what, const Measurement& sample);
  std::string words(const Measurement& sample) const;
  void violated(std::string what);

  const Trace& trace_;
  const Targets& targets_;
  std::int64_t lateness_ms_;
  std::vector<Process> processes_;
  std::vector<ProcessNumber> candidates_;
  std::vector<Term> terms_;
  std::vector<std::optional<std::int64_t>> watermarks_ms_;  // of each stream
  std::vector<std::optional<Last>> last_;                   // of each series
  Counts counts_;
  std::optional<std::string> violation_;
};

}  // namespace promfleet::sim::gate
