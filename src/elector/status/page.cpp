#include "elector/status/page.h"

#include <cstdint>
#include <ranges>

#include "elector/status/gate_in_words.h"
#include "elector/status/html.h"
#include "elector/status/in_words.h"
#include "elector/status/page_style.h"

namespace promfleet::elector {

namespace {

using rfc3339::MicroTime;

MicroTime micros(WallTime time) {
  return std::chrono::floor<std::chrono::microseconds>(time);
}

Html moment(MicroTime time) {
  return html("<time datetime=\"{}\">{}</time>", rfc3339::format(time), time_in_words(time));
}

// "3m 20s ago 2026-11-21 10:00:00 UTC".
Html age_and_moment(MicroTime time, WallTime now) {
  return html("{} ago <span class=quiet>{}</span>", age_in_words(time, micros(now)), moment(time));
}

std::string counted(std::uint64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

template <class Value>
Html row(std::string_view name, const Value& value) {
  return html("<dt>{}</dt><dd>{}</dd>", name, value);
}

Html section(std::string_view title, const Html& content) {
  return html("<section><h2>{}</h2>{}</section>", title, content);
}
Html wide_section(std::string_view title, const Html& content) {
  return html("<section class=wide><h2>{}</h2>{}</section>", title, content);
}

// Who leads, and whether everything is all right.
Html verdict(const StatusView& view, std::size_t problem_count) {
  const election::ElectionStatus& election = view.election;
  const bool somebody_leads = !election.leader.empty();
  Html since;
  if (election.leader_since) {
    since = html("<p>for {} <span class=quiet>since {}</span></p>",
                 age_in_words(*election.leader_since, micros(view.now)), moment(*election.leader_since));
  }
  const std::string_view colour = !somebody_leads ? "bad" : problem_count > 0 ? "warn" : "good";
  return html(
      "<section class=\"wide verdict {}\"><h1>{} leads</h1>{}<p>This member {}.</p><strong>{}</strong></section>",
      colour, somebody_leads ? election.leader : "Nobody", since, election.in_words,
      problem_count == 0 ? "Everything works" : counted(problem_count, "problem"));
}

Html problem_list(const std::vector<Problem>& found) {
  if (found.empty()) return {};
  Html items;
  for (const Problem& problem : found) {
    const Html advice = problem.advice.empty() ? Html() : html("<p>{}</p>", problem.advice);
    items += html("<li><b>{}</b>{}</li>", problem.what, advice);
  }
  return wide_section("What is wrong, and what to do", html("<ul>{}</ul>", items));
}

Html lease(const StatusView& view) {
  const election::ElectionStatus& election = view.election;
  Html rows = row("Lease", view.lease);
  if (election.lease) {
    const election::LeaseSpec& spec = election.lease->record.spec;
    rows += row("Holder", spec.holder.empty() ? "nobody" : spec.holder);
    rows += row("Duration", fmt::format("{}s", spec.duration.count()));
    if (spec.acquire_time) rows += row("Acquired", age_and_moment(*spec.acquire_time, view.now));
    if (spec.renew_time) rows += row("Renewed", age_and_moment(*spec.renew_time, view.now));
    rows += row("Transitions", spec.transitions);
    rows += row("Revision", election.lease->revision.value());
  } else {
    rows += row("Holder", "not known");
  }
  rows +=
      row("Last answer", election.store_error.empty() ? "after " + span_in_words(election.store_latency) : "failed");
  return section("Lease", html("<dl>{}</dl>", rows));
}

Html election_rows(const election::ElectionStatus& election) {
  Html rows = row("Name", election.member);
  if (election.has_authority) {
    rows += row("Authority", fmt::format("{} left unless renewed", span_in_words(election.authority_left)));
  }
  if (election.term) rows += row("Term", fmt::format("token {}", election.term->token.value()));
  rows += row("Paused", election.is_paused ? "yes; promfleet lease resume ends it" : "no");
  if (election.demotion_overruns > 0) {
    rows += row("Overruns", counted(static_cast<std::uint64_t>(election.demotion_overruns), "late demotion"));
  }
  return rows;
}

std::string configuration_in_words(const ReconcilerStatus& reconciler) {
  if (!reconciler.wanted) return "untouched until the election has begun";
  if (reconciler.has_arrived) return fmt::format("the {}'s, as wanted", to_string(*reconciler.wanted));
  const std::string wanted = fmt::format("the {}'s wanted", to_string(*reconciler.wanted));
  if (!reconciler.confirmed) return wanted + ", not confirmed yet";
  if (reconciler.confirmed == reconciler.wanted) return wanted + ", an older version of it runs";
  return fmt::format("{}, still the {}'s", wanted, to_string(*reconciler.confirmed));
}

Html prometheus_rows(const StatusView& view) {
  const ReconcilerStatus& reconciler = view.reconciler;
  const std::string trouble = prometheus_trouble(view);
  Html rows = row("Prometheus", trouble.empty() ? "fit to lead" : trouble);
  rows += row("Configuration", configuration_in_words(reconciler));
  if (reconciler.reload_sent_at) {
    rows += row("Reload", "under way for " + span_in_words(view.boot_now - *reconciler.reload_sent_at));
  }
  if (reconciler.last_reload_at) {
    rows += row("Last reload", age_and_moment(micros(*reconciler.last_reload_at), view.now));
  }
  if (reconciler.last_reload_took) {
    const std::string_view outcome = reconciler.reload_error.empty() ? "accepted" : "failed";
    rows += row("Result", fmt::format("{} after {}", outcome, span_in_words(*reconciler.last_reload_took)));
  }
  if (reconciler.foreign_writes > 0) {
    rows += row("Output", counted(reconciler.foreign_writes, "change") + " by someone else, put right");
  }
  rows += row("Preflight", view.findings.empty() ? "everything fits" : counted(view.findings.size(), "finding"));
  return rows;
}

Html this_member(const StatusView& view) {
  Html rows = election_rows(view.election);
  rows += prometheus_rows(view);
  return section("This member", html("<dl>{}</dl>", rows));
}

Html members(const StatusView& view) {
  Html items;
  for (const KnownMember& member : known_members(view)) {
    const std::string_view part = member.is_leader ? member.is_self ? "leads, this member" : "leads"
                                  : member.is_self ? "this member"
                                                   : "";
    items += html("<li class=entry><b>{}</b><span>{}</span></li>", member.name, part);
  }
  if (!view.service.empty()) {
    const std::string addresses = fmt::format("{}", fmt::join(view.service_addresses, ", "));
    items += html("<li class=quiet>The service {} resolves to {}</li>", view.service,
                  addresses.empty() ? "nothing" : addresses);
  }
  return wide_section("Members", html("<ul>{}</ul>", items));
}

std::string size_in_words(std::size_t bytes) {
  constexpr std::size_t kKibi = 1024;
  if (bytes < kKibi) return counted(bytes, "byte");
  return bytes < kKibi * kKibi ? fmt::format("{} KiB", bytes / kKibi) : fmt::format("{} MiB", bytes / kKibi / kKibi);
}

std::string arrival_in_words(const OutletStatus& outlet, WallTime now) {
  const std::optional<WallTime> arrived = watermark(outlet);
  if (!arrived) return "what has arrived is not known";
  return fmt::format("arrived up to {} ago", age_in_words(micros(*arrived), micros(now)));
}

// What there is to tell of an entry beside its state.
std::string account_in_words(const OutletStatus& outlet) {
  std::string text = "nothing waits";
  if (outlet.held_requests > 0) {
    text = fmt::format("{} of {} wait", counted(outlet.held_requests, "request"), size_in_words(outlet.held_bytes));
  }
  if (outlet.counts.covered_samples > 0) {
    text += fmt::format(" · {} covered by former leaders'", counted(outlet.counts.covered_samples, "sample"));
  }
  for (const auto& [status, samples] : outlet.counts.refused_samples) {
    text += fmt::format(" · {} refused with {}", counted(samples, "sample"), status);
  }
  return text;
}

Html gate_rows(const GateStatus& gate) {
  Html rows;
  if (!gate.source_started_at.empty()) rows += row("Prometheus", "started at " + gate.source_started_at);
  if (gate.clock_difference_ms) {
    const std::chrono::milliseconds difference(*gate.clock_difference_ms);
    const std::string_view side = difference < 0ms ? "behind" : "ahead of";
    rows += row("Clock", fmt::format("{} {} the leader's", span_in_words(std::chrono::abs(difference)), side));
  }
  if (gate.handicap > Duration(0)) {
    rows += row("Takeover", fmt::format("leaves the lease to others for {} more, since it has fewer samples to give",
                                        span_in_words(gate.handicap)));
  }
  return rows;
}

Html gate(const StatusView& view) {
  if (!view.gate) return {};
  Html items;
  for (const OutletStatus& outlet : view.gate->outlets) {
    items +=
        html("<li><div class=entry><b>{}</b><span>{}</span><span class=quiet>{}</span></div><p>{} → {} · {}</p></li>",
             outlet.name, outlet_in_words(outlet), arrival_in_words(outlet, view.now), outlet.path, outlet.origin,
             account_in_words(outlet));
  }
  if (const Html rows = gate_rows(*view.gate); !rows.markup().empty()) items += html("<li><dl>{}</dl></li>", rows);
  return wide_section("Gate", html("<ul>{}</ul>", items));
}

Html additions(const StatusView& view) {
  if (view.leader_additions.empty()) return wide_section("What leadership adds", html("<p>nothing</p>"));
  return wide_section("What leadership adds", html("<pre>{}</pre>", view.leader_additions));
}

std::string_view explain(election::Reason reason) {
  using election::Reason;
  switch (reason) {
    case Reason::acquired: return "took the lease";
    case Reason::released: return "the lease was released after a demotion";
    case Reason::emptied: return "the lease was emptied, by a client-go member or by hand";
    case Reason::deleted: return "the lease was deleted";
    case Reason::starting: return "started anew";
    case Reason::resumed: return "goes on with its term after a restart";
    case Reason::authority_lost: return "could not renew in time";
    case Reason::lease_lost: return "somebody else wrote the lease";
    case Reason::unhealthy: return "its Prometheus is not fit to lead";
    case Reason::load_failed: return "its Prometheus did not load the leader's configuration";
    case Reason::stepped_down: return "an operator asked it to step down";
    case Reason::switched_over: return "an operator handed leadership to another member";
    case Reason::source_restarted:
      return "its Prometheus was restarted, and lacks samples that another member may have";
    case Reason::source_jumped: return "its Prometheus left out samples that another member may have";
    case Reason::stopping: return "is ending";
  }
  return "";
}

Html history(const StatusView& view) {
  if (view.history.empty()) return wide_section("History", html("<p>nothing has happened yet</p>"));
  Html items;
  for (const election::PastTransition& past : std::views::reverse(view.history)) {
    items += html("<li class=entry><b>{}</b><span>{}</span><span class=quiet>{}</span></li>",
                  past.holder.empty() ? "nobody" : past.holder, explain(past.reason), moment(micros(past.at)));
  }
  return wide_section("History, as this member saw it", html("<ul>{}</ul>", items));
}

Html footer(const StatusView& view) {
  return html(
      "<footer><p>To act, on this machine: <code>promfleet lease step-down | switchover --to MEMBER | pause | "
      "resume</code></p><p>promfleet {} · as of {} · <a href=\"/_elector/status\">JSON</a> · <a "
      "href=\"/_elector/metrics\">metrics</a></p></footer>",
      view.version, moment(micros(view.now)));
}

}  // namespace

std::string status_page(const StatusView& view) {
  const std::vector<Problem> found = problems(view);
  Html content = verdict(view, found.size());
  content += problem_list(found);
  content += this_member(view);
  content += lease(view);
  content += gate(view);
  content += members(view);
  content += additions(view);
  content += history(view);
  const std::string leader = view.election.leader.empty() ? "nobody" : view.election.leader;
  return html(
             "<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8><title>{} leads · promfleet elector</title>"
             "<meta name=viewport content=\"width=device-width\"><meta http-equiv=refresh content=5>"
             "<link rel=icon href=\"data:,\"><style>{}</style></head>\n"
             "<body><header><span>promfleet elector</span><b>{}</b></header><main>{}</main>{}</body></html>\n",
             leader, Html::verbatim(std::string(kPageStyle)), view.election.member, content, footer(view))
      .markup();
}

}  // namespace promfleet::elector
