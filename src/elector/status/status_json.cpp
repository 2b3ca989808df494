#include "elector/status/status_json.h"

#include <optional>
#include <string_view>

#include "codec/json/writer.h"
#include "codec/rfc3339/micro_time.h"
#include "elector/status/gate_in_words.h"

namespace promfleet::elector {

namespace {

std::string_view to_word(election::Role role) {
  switch (role) {
    case election::Role::idle: return "idle";
    case election::Role::resuming: return "resuming";
    case election::Role::demoting: return "demoting";
    case election::Role::following: return "following";
    case election::Role::leading: return "leading";
    case election::Role::finished: return "finished";
  }
  return "unknown";
}

// A member, or null where there is nothing to say.
class Members {
 public:
  explicit Members(json::Writer& out) : out_(out) {}

  template <class T>
  Members& always(std::string_view name, const T& value) {
    out_.member(name, value);
    return *this;
  }
  Members& text(std::string_view name, std::string_view value) {
    return value.empty() ? always(name, nullptr) : always(name, value);
  }
  Members& time(std::string_view name, std::optional<rfc3339::MicroTime> value) {
    return value ? always(name, rfc3339::format(*value)) : always(name, nullptr);
  }
  Members& seconds(std::string_view name, std::optional<Duration> value) {
    return value ? always(name, to_seconds(*value)) : always(name, nullptr);
  }
  Members& role(std::string_view name, std::optional<Role> value) {
    return value ? always(name, to_string(*value)) : always(name, nullptr);
  }

 private:
  json::Writer& out_;
};

rfc3339::MicroTime micros(WallTime time) {
  return std::chrono::floor<std::chrono::microseconds>(time);
}

void write_election(json::Writer& out, const election::ElectionStatus& election) {
  Members members(out);
  members.always("member", election.member)
      .always("role", election.has_authority ? "leader" : "follower")
      .always("state", to_word(election.role))
      .always("state_in_words", election.in_words)
      .text("leader", election.leader)
      .time("leader_since", election.leader_since)
      .always("authority_left_seconds", to_seconds(election.authority_left))
      .always("paused", election.is_paused)
      .always("demotion_overruns", election.demotion_overruns);
  out.key("term");
  if (!election.term) {
    out.value(nullptr);
    return;
  }
  out.begin_object().member("token", election.term->token.value());
  Members(out).time("acquire_time", election.term->acquire_time);
  out.end_object();
}

void write_lease(json::Writer& out, const StatusView& view) {
  out.begin_object();
  Members members(out);
  members.always("name", view.lease);
  const election::ElectionStatus& election = view.election;
  const election::LeaseSpec spec = election.lease ? election.lease->record.spec : election::LeaseSpec();
  members.text("holder", spec.holder).time("acquire_time", spec.acquire_time).time("renew_time", spec.renew_time);
  if (election.lease) {
    members.always("duration_seconds", spec.duration.count())
        .always("transitions", spec.transitions)
        .always("revision", election.lease->revision.value());
  } else {
    members.always("duration_seconds", nullptr).always("transitions", nullptr).always("revision", nullptr);
  }
  members.always("refused", election.refuses_lease)
      .text("store_error", election.store_error)
      .always("store_latency_seconds", to_seconds(election.store_latency));
  out.end_object();
}

void write_prometheus(json::Writer& out, const StatusView& view) {
  out.begin_object();
  Members(out)
      .always("ready", view.health.has_value())
      .always("fit_to_lead", view.health == Health::healthy)
      .text("error", view.health_error);
  out.end_object();
}

void write_reconciler(json::Writer& out, const StatusView& view) {
  const ReconcilerStatus& reconciler = view.reconciler;
  std::optional<rfc3339::MicroTime> last_reload;
  if (reconciler.last_reload_at) last_reload = micros(*reconciler.last_reload_at);
  std::optional<Duration> reloading_for;
  if (reconciler.reload_sent_at) reloading_for = view.boot_now - *reconciler.reload_sent_at;
  out.begin_object();
  Members(out)
      .role("wanted", reconciler.wanted)
      .role("confirmed", reconciler.confirmed)
      .always("arrived", reconciler.has_arrived)
      .seconds("reload_running_seconds", reloading_for)
      .always("reload_late", reconciler.reload_is_late)
      .time("last_reload_time", last_reload)
      .seconds("last_reload_duration_seconds", reconciler.last_reload_took)
      .text("last_reload_error", reconciler.reload_error)
      .text("file_error", reconciler.file_error)
      .always("foreign_writes", reconciler.foreign_writes);
  out.end_object();
}

void write_service(json::Writer& out, const StatusView& view) {
  out.begin_object();
  Members(out).text("name", view.service);
  out.key("addresses").begin_array();
  for (const std::string& address : view.service_addresses) out.value(address);
  out.end_array().end_object();
}

void write_outlet(json::Writer& out, const OutletStatus& outlet, WallTime now) {
  const std::optional<WallTime> arrived = watermark(outlet);
  std::optional<rfc3339::MicroTime> watermark_time;
  if (arrived) watermark_time = micros(*arrived);
  std::optional<Duration> age;
  if (arrived) age = now - *arrived;
  out.begin_object();
  Members(out)
      .always("name", outlet.name)
      .always("path", outlet.path)
      .always("origin", outlet.origin)
      .always("group", outlet.group)
      .always("receiver", to_word(outlet.receiver))
      .always("state", to_word(outlet.state))
      .always("state_in_words", outlet_in_words(outlet))
      .always("held_requests", outlet.held_requests)
      .always("held_bytes", outlet.held_bytes)
      .time("watermark_time", watermark_time)
      .seconds("watermark_age_seconds", age)
      .always("covered_samples", outlet.counts.covered_samples)
      .always("duplicate_samples", outlet.counts.duplicate_samples)
      .always("times_fenced", outlet.counts.fenced);
  out.key("refused_samples").begin_object();
  for (const auto& [status, samples] : outlet.counts.refused_samples) out.member(std::to_string(status), samples);
  out.end_object();
  Members(out).text("problem", outlet.problem);
  out.end_object();
}

void write_gate(json::Writer& out, const StatusView& view) {
  if (!view.gate) {
    out.value(nullptr);
    return;
  }
  const GateStatus& gate = *view.gate;
  std::optional<Duration> clock_difference;
  if (gate.clock_difference_ms) clock_difference = std::chrono::milliseconds(*gate.clock_difference_ms);
  out.begin_object();
  Members(out)
      .text("source_start_time", gate.source_started_at)
      .seconds("clock_difference_seconds", clock_difference)
      .always("handicap_seconds", to_seconds(gate.handicap));
  out.key("destinations").begin_array();
  for (const OutletStatus& outlet : gate.outlets) write_outlet(out, outlet, view.now);
  out.end_array().end_object();
}

void write_history(json::Writer& out, const std::deque<election::PastTransition>& history) {
  out.begin_array();
  for (const election::PastTransition& transition : history) {
    out.begin_object();
    Members(out)
        .time("time", micros(transition.at))
        .text("holder", transition.holder)
        .always("reason", to_string(transition.reason));
    out.end_object();
  }
  out.end_array();
}

void write_lists(json::Writer& out, const StatusView& view) {
  out.key("preflight").begin_array();
  for (const Finding& finding : view.findings) {
    out.begin_object().member("id", finding.id).member("message", finding.message).end_object();
  }
  out.end_array().key("members").begin_array();
  for (const KnownMember& member : known_members(view)) {
    out.begin_object().member("name", member.name);
    out.member("leader", member.is_leader).member("self", member.is_self).end_object();
  }
  out.end_array().key("problems").begin_array();
  for (const Problem& problem : problems(view)) {
    out.begin_object().member("what", problem.what);
    Members(out).text("advice", problem.advice);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::string status_json(const StatusView& view) {
  std::string text;
  json::Writer out(text);
  out.begin_object().member("version", view.version).member("time", rfc3339::format(micros(view.now)));
  write_election(out, view.election);
  write_lease(out.key("lease"), view);
  write_prometheus(out.key("prometheus"), view);
  write_reconciler(out.key("reconciler"), view);
  out.key("config").begin_object();
  Members(out)
      .text("error", view.config_error)
      .always("leader_additions", view.leader_additions)
      .text("web_config_error", view.web_config_error)
      .text("http_config_error", view.http_config_error)
      .text("gate_config_error", view.gate_config_error);
  out.end_object();
  write_gate(out.key("gate"), view);
  write_service(out.key("service"), view);
  write_lists(out, view);
  write_history(out.key("history"), view.history);
  out.end_object();
  return text;
}

std::string history_json(const std::deque<election::PastTransition>& history) {
  std::string text;
  json::Writer out(text);
  write_history(out.begin_object().key("history"), history);
  out.end_object();
  return text;
}

}  // namespace promfleet::elector
