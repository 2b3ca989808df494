#include "tests/fencing_sink/account_json.h"

#include <fmt/format.h>

#include "codec/json/writer.h"

namespace promfleet::remote_write {
namespace {

// Null for what is not there.
template <class T>
void write_optional(json::Writer& out, std::string_view name, const std::optional<T>& value) {
  out.key(name);
  if (value) {
    out.value(*value);
  } else {
    out.value(nullptr);
  }
}

std::optional<std::string> shown_group(const std::string& name) {
  return name.empty() ? std::nullopt : std::optional(name);
}

std::optional<std::uint64_t> shown_token(std::uint64_t token) {
  return token == 0 ? std::nullopt : std::optional(token);
}

void write_refused(json::Writer& out, const std::map<std::string, std::size_t>& refused) {
  out.key("refused").begin_object();
  for (const auto& [code, count] : refused) out.member(code, count);
  out.end_object();
}

void write_counts(json::Writer& out, const TermAccount& counts) {
  out.member("stored", counts.stored).member("duplicates", counts.duplicates).member("covered", counts.covered);
  write_refused(out, counts.refused);
}

void write_term(json::Writer& out, const std::string& group, const TermKey& key, const TermAccount& term) {
  out.begin_object();
  write_optional(out, "group", shown_group(group));
  out.member("generation", key.first);
  write_optional(out, "token", shown_token(key.second));
  write_counts(out, term);
  write_optional(out, "source", term.source.empty() ? std::nullopt : std::optional(term.source));
  write_optional(out, "fenced_unix_ms", term.fenced_ms);
  write_optional(out, "first_accepted_unix_ms", term.accepted.first_ms);
  write_optional(out, "last_accepted_unix_ms", term.accepted.last_ms);
  write_optional(out, "first_stored_unix_ms", term.storing.first_ms);
  write_optional(out, "last_stored_unix_ms", term.storing.last_ms);
  out.end_object();
}

TermAccount sum_of(const Account& account) {
  TermAccount sum;
  for (const auto& [name, group] : account.groups()) {
    for (const auto& [key, term] : group.terms()) {
      sum.stored += term.stored;
      sum.duplicates += term.duplicates;
      sum.covered += term.covered;
      for (const auto& [code, count] : term.refused) sum.refused[code] += count;
    }
  }
  return sum;
}

void write_totals(json::Writer& out, const Account& account) {
  out.begin_object();
  write_counts(out, sum_of(account));
  out.member("unfenced", account.unfenced_writes()).key("terms").begin_array();
  for (const auto& [name, group] : account.groups()) {
    for (const auto& [key, term] : group.terms()) write_term(out, name, key, term);
  }
  out.end_array().end_object();
}

std::string value_text(const StoredSample& sample) {
  return fmt::format("{}{:016x}", sample.kind == ValueKind::histogram ? "histogram:" : "", sample.bits);
}

void write_series(json::Writer& out, const std::string& group, const SeriesAccount& series) {
  out.begin_object();
  write_optional(out, "group", shown_group(group));
  out.key("labels").begin_object();
  for (const auto& [name, value] : series.labels) out.member(name, value);
  out.end_object().key("samples").begin_array();
  for (const StoredSample& sample : series.samples) {
    out.begin_array().value(sample.timestamp_ms).value(value_text(sample));
    if (sample.token == 0) {
      out.value(nullptr);
    } else {
      out.value(sample.token);
    }
    out.end_array();
  }
  out.end_array().end_object();
}

}  // namespace

std::string format_account(const Account& account) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("totals");
  write_totals(out, account);
  out.key("series").begin_array();
  for (const auto& [name, group] : account.groups()) {
    for (const SeriesAccount& series : group.series()) write_series(out, name, series);
  }
  out.end_array().end_object();
  return text;
}

std::string format_totals(const Account& account) {
  std::string text;
  json::Writer out(text);
  write_totals(out, account);
  return text;
}

}  // namespace promfleet::remote_write
