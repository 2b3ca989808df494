#include "remote_write/fence/kept.h"

#include <algorithm>

namespace promfleet::remote_write {
namespace {

void copy_series(const WriteRequest& request, const Series& series, const Verdict* verdict, WriteRequest& kept) {
  kept.begin_series(request.labels(series));
  if (series.metadata != 0) kept.set_metadata(request.metadata(series));
  for (const Sample& sample : request.samples(series)) {
    if (*verdict++ == Verdict::store) kept.add_sample(sample);
  }
  for (const Histogram& histogram : request.histograms(series)) {
    if (*verdict++ == Verdict::store) kept.add_histogram(histogram);
  }
  for (const Exemplar& exemplar : request.exemplars(series)) {
    kept.add_exemplar(exemplar.timestamp_ms, exemplar.value, request.labels(exemplar));
  }
}

}  // namespace

void copy_kept(const WriteRequest& request, std::span<const Verdict> verdicts, WriteRequest& kept) {
  kept.clear();
  std::size_t at = 0;
  for (const Series& series : request.series()) {
    const std::span<const Verdict> own = verdicts.subspan(at, series.samples.count + series.histograms.count);
    at += own.size();
    const bool has_more = series.exemplars.count > 0 || series.metadata != 0;
    if (has_more || std::ranges::find(own, Verdict::store) != own.end()) copy_series(request, series, own.data(), kept);
  }
  for (const FamilyMetadata& family : request.families()) kept.add_family(family);
}

}  // namespace promfleet::remote_write
