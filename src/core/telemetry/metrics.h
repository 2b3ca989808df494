// What this process tells Prometheus about itself.
//
//   Counter& reloads = registry.counter("promfleet_reloads_total", "Reloads sent to Prometheus.");
//   reloads.increment();
//
// Metrics are created once, at construction of their owner, and live as long as the registry.
//
// Thread safety: creating metrics and rendering belong to one thread; values may be changed from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace promfleet {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void increment(double by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = 0;
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double by) { value_.fetch_add(by, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = 0;
};

class Histogram {
 public:
  // Upper bounds, ascending, without +Inf.
  explicit Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), buckets_(bounds_.size() + 1) {}

  void observe(double value);

 private:
  friend class Registry;

  std::vector<double> bounds_;
  std::deque<std::atomic<std::uint64_t>> buckets_;  // one each, not cumulative; the last is +Inf
  std::atomic<double> sum_ = 0;
};

class Registry {
 public:
  Registry() = default;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // The metric of that name and these labels, created if it is new. A name keeps one kind and one help text.
  Counter& counter(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                       const MetricLabels& labels = {});

  // Runs before each rendering: for gauges that show a state kept elsewhere. The owner of what `refresh` uses outlives
  // the registry or the last rendering.
  void before_render(std::function<void()> refresh) { refreshes_.push_back(std::move(refresh)); }

  // Prometheus' text format 0.0.4, families by name, series in the order of their creation.
  std::string render() const;

 private:
  enum class Kind : std::uint8_t { counter, gauge, histogram };
  template <class Metric>
  struct Series {
    std::string labels;  // rendered: a="1",b="2"
    Metric* metric;
  };
  struct Family {
    Kind kind;
    std::string help;
    std::vector<Series<Counter>> counters;
    std::vector<Series<Gauge>> gauges;
    std::vector<Series<Histogram>> histograms;
  };

  Family& family(std::string_view name, std::string_view help, Kind kind);
  static void render_histogram(std::string& out, const std::string& name, const Series<Histogram>& series);

  std::deque<Counter> counters_;
  std::deque<Gauge> gauges_;
  std::deque<Histogram> histograms_;
  std::map<std::string, Family, std::less<>> families_;
  std::vector<std::function<void()>> refreshes_;
};

}  // namespace promfleet
