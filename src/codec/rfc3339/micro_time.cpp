#include "codec/rfc3339/micro_time.h"

#include <optional>

#include "core/base/try.h"

namespace promfleet::rfc3339 {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Takes the text apart from its beginning; the first piece that does not fit spoils the rest.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) number = number * 10 + digit();
    return number;
  }

  void expect(std::string_view any_of) { taken(any_of); }

  // Whether the next character is one of `any_of`, which is then taken.
  bool takes(std::string_view any_of) {
    if (rest_.empty() || !any_of.contains(rest_[0])) return false;
    rest_.remove_prefix(1);
    return true;
  }

  char taken(std::string_view any_of) {
    if (rest_.empty() || !any_of.contains(rest_[0])) {
      spoiled_ = true;
      return any_of[0];
    }
    const char found = rest_[0];
    rest_.remove_prefix(1);
    return found;
  }

  bool has_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
  int digit() { return taken("0123456789") - '0'; }
  bool is_complete() const { return !spoiled_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool spoiled_ = false;
};

microseconds read_fraction(Reader& reader) {
  microseconds fraction{reader.digit() * 100'000};
  for (microseconds::rep unit = 10'000; reader.has_digit(); unit /= 10) fraction += microseconds(reader.digit() * unit);
  return fraction;
}

minutes read_offset(Reader& reader) {
  const char sign = reader.taken("Zz+-");
  if (sign == 'Z' || sign == 'z') return minutes(0);
  const hours whole(reader.digits(2));
  reader.expect(":");
  const minutes offset = whole + minutes(reader.digits(2));
  return sign == '-' ? -offset : offset;
}

}  // namespace

std::string format(MicroTime time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<microseconds> clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

Result<MicroTime> parse(std::string_view text) {
  Reader reader(text);
  const std::chrono::year year(reader.digits(4));
  reader.expect("-");
  const std::chrono::month month(static_cast<unsigned>(reader.digits(2)));
  reader.expect("-");
  const std::chrono::day day(static_cast<unsigned>(reader.digits(2)));
  reader.expect("Tt ");
  const hours hour(reader.digits(2));
  reader.expect(":");
  const minutes minute(reader.digits(2));
  reader.expect(":");
  const seconds second(reader.digits(2));
  const microseconds fraction = reader.takes(".") ? read_fraction(reader) : microseconds(0);
  const minutes offset = read_offset(reader);
  const std::chrono::year_month_day date(year, month, day);
  const bool in_range = date.ok() && hour < hours(24) && minute < minutes(60) && second < seconds(60) &&
                        offset < hours(24) && offset > -hours(24);
  if (!reader.is_complete() || !in_range) {
    return fail(Errc::invalid_input, "\"{}\" is not a time such as 2026-01-02T03:04:05.678901Z", text);
  }
  return std::chrono::sys_days(date) + hour + minute + second + fraction - offset;
}

}  // namespace promfleet::rfc3339
