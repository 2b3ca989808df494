#include "app/lease_report.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/json/writer.h"
#include "core/base/utf8.h"
#include "elector/status/in_words.h"

namespace promfleet {

namespace {

using rfc3339::MicroTime;

// Rows of columns, each column as wide as its widest text.
class Table {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  std::string text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string out;
    for (const auto& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        fmt::format_to(std::back_inserter(out), "{:<{}}  ", row[i], widths[i]);
      }
      out.erase(out.find_last_not_of(' ') + 1);
      out += '\n';
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

// C0, DEL and C1 (U+0080 to U+009F), each by a blank.
std::string without_controls(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, std::max<std::size_t>(utf8_length(text), 1));
    const auto last = static_cast<unsigned char>(character.back());
    const bool is_c0 = character.size() == 1 && (last < ' ' || last >= 0x7f);
    const bool is_c1 = character.size() == 2 && character.front() == '\xC2' && last < 0xA0;
    printable += is_c0 || is_c1 ? " " : character;
    text.remove_prefix(character.size());
  }
  return printable;
}

// An object of the answer; what is absent or of another kind reads as empty.
class Answer {
 public:
  explicit Answer(const json::Object* object) : object_(object) {}

  Answer object(std::string_view key) const {
    const json::Value* value = find(key);
    return Answer(value != nullptr ? value->if_object() : nullptr);
  }
  std::vector<Answer> objects(std::string_view key) const {
    std::vector<Answer> objects;
    const json::Value* value = find(key);
    if (value == nullptr || !value->is_array()) return objects;
    for (const json::Value& item : value->get_array()) objects.emplace_back(item.if_object());
    return objects;
  }
  // On one line and without what a terminal would take for a command: names in a lease are written by others.
  std::string text(std::string_view key) const {
    const json::Value* value = find(key);
    return value != nullptr && value->is_string() ? without_controls(value->get_string()) : "";
  }
  bool is_true(std::string_view key) const {
    const json::Value* value = find(key);
    return value != nullptr && value->is_bool() && value->get_bool();
  }
  // As it is written.
  std::string number(std::string_view key) const {
    const json::Value* value = find(key);
    return value != nullptr && value->is_number() ? json::write(*value) : "0";
  }
  std::optional<Duration> seconds(std::string_view key) const {
    const json::Value* value = find(key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    // A span of centuries does not fit into a Duration.
    constexpr double kSecondsMax = 1e9;
    const double seconds = std::clamp(value->to_number<double>(), -kSecondsMax, kSecondsMax);
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  }
  std::optional<MicroTime> time(std::string_view key) const {
    const Result<MicroTime> time = rfc3339::parse(text(key));
    return time ? std::optional(*time) : std::nullopt;
  }

 private:
  const json::Value* find(std::string_view key) const {
    return object_ != nullptr ? object_->if_contains(key) : nullptr;
  }

  const json::Object* object_;
};

// "3h 12m ago", by the clock of the elector.
std::string ago(std::optional<MicroTime> then, std::optional<MicroTime> now) {
  return then && now ? elector::age_in_words(*then, *now) + " ago" : "at an unknown time";
}

std::string leader_in_words(const Answer& status) {
  std::string leader = status.text("leader");
  if (leader.empty()) return "nobody, as far as this member knows";
  const std::optional<MicroTime> since = status.time("leader_since");
  if (!since) return leader;
  return fmt::format("{}, since {}, {}", leader, elector::time_in_words(*since), ago(since, status.time("time")));
}

void add_lease(Table& table, const Answer& status) {
  const Answer lease = status.object("lease");
  table.add({"lease", lease.text("name")});
  const std::string holder = lease.text("holder");
  if (!lease.seconds("duration_seconds")) return;
  table.add({"", fmt::format("held by {}, {}s at a time, renewed {}", holder.empty() ? "nobody" : holder,
                             lease.number("duration_seconds"), ago(lease.time("renew_time"), status.time("time")))});
  table.add({"", fmt::format("transitions {}, revision {}", lease.number("transitions"), lease.number("revision"))});
}

void add_prometheus(Table& table, const Answer& status) {
  const Answer reconciler = status.object("reconciler");
  const std::string wanted = reconciler.text("wanted");
  const std::string confirmed = reconciler.text("confirmed");
  table.add({"Prometheus", status.object("prometheus").is_true("fit_to_lead") ? "fit to lead" : "not fit to lead"});
  if (reconciler.is_true("arrived")) {
    table.add({"", fmt::format("runs the {}'s configuration", confirmed)});
  } else if (!wanted.empty()) {
    table.add({"", fmt::format("is to run the {}'s configuration; confirmed: {}", wanted,
                               confirmed.empty() ? "nothing" : "the " + confirmed + "'s")});
  }
  if (const std::optional<Duration> running = reconciler.seconds("reload_running_seconds")) {
    table.add({"", "reloads for " + elector::span_in_words(*running)});
  }
  if (const std::optional<Duration> took = reconciler.seconds("last_reload_duration_seconds")) {
    const std::string_view outcome = reconciler.text("last_reload_error").empty() ? "accepted" : "failed";
    table.add(
        {"", fmt::format("last reload {}, {} after {}", ago(reconciler.time("last_reload_time"), status.time("time")),
                         outcome, elector::span_in_words(*took))});
  }
}

// A line for each entry of the gate.
void add_gate(Table& table, const Answer& status) {
  std::string_view label = "gate";
  for (const Answer& destination : status.object("gate").objects("destinations")) {
    std::string text = fmt::format("{}: {}", destination.text("name"), destination.text("state_in_words"));
    if (const std::optional<Duration> age = destination.seconds("watermark_age_seconds")) {
      text += fmt::format("; arrived up to {} ago", elector::span_in_words(*age));
    }
    text += fmt::format("; requests waiting: {}", destination.number("held_requests"));
    table.add({std::string(std::exchange(label, "")), text});
  }
}

void add_members(Table& table, const Answer& status) {
  std::string_view label = "members";
  for (const Answer& member : status.objects("members")) {
    std::string text = member.text("name");
    if (member.is_true("leader")) text += ", leads";
    if (member.is_true("self")) text += ", this member";
    table.add({std::string(std::exchange(label, "")), text});
  }
}

std::string problems_text(const Answer& status) {
  std::string out;
  for (const Answer& problem : status.objects("problems")) {
    fmt::format_to(std::back_inserter(out), "  {}\n", problem.text("what"));
    const std::string advice = problem.text("advice");
    if (!advice.empty()) fmt::format_to(std::back_inserter(out), "      {}\n", advice);
  }
  return out;
}

}  // namespace

std::string status_report(const json::Object& object) {
  const Answer status(&object);
  Table table;
  table.add({"leader", leader_in_words(status)});
  table.add({"this member", fmt::format("{} {}", status.text("member"), status.text("state_in_words"))});
  if (status.text("role") == "leader") {
    const Duration left = status.seconds("authority_left_seconds").value_or(Duration(0));
    table.add({"authority", fmt::format("{} left unless renewed, token {}", elector::span_in_words(left),
                                        status.object("term").number("token"))});
  }
  table.add({"paused", status.is_true("paused") ? "yes" : "no"});
  add_lease(table, status);
  add_prometheus(table, status);
  add_gate(table, status);
  add_members(table, status);
  const std::string problems = problems_text(status);
  table.add({"problems", problems.empty() ? "none" : ""});
  return table.text() + problems;
}

std::string history_report(const json::Object& object) {
  Table table;
  for (const Answer& transition : Answer(&object).objects("history")) {
    const std::optional<MicroTime> time = transition.time("time");
    const std::string holder = transition.text("holder");
    table.add(
        {time ? elector::time_in_words(*time) : "-", holder.empty() ? "nobody" : holder, transition.text("reason")});
  }
  const std::string report = table.text();
  return report.empty() ? "nothing has happened yet\n" : report;
}

}  // namespace promfleet
