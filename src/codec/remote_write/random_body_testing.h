// Bodies as no sender of ours would write them and protobuf allows: fields in any order, left away, twice, unknown,
// repeated numbers packed and not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <protozero/pbf_writer.hpp>

namespace promfleet::remote_write {

class RandomBody {
 public:
  explicit RandomBody(std::uint64_t seed) : random_(seed) {}

  std::string v1() {
    std::string body;
    protozero::pbf_writer request(body);
    for (auto count = one_in(50) ? 400 : below(6); count > 0; --count) {
      if (one_in(5))
        request.add_message(
            3, message({[&](auto& to) { to.add_int32(1, static_cast<int>(below(9)) - 1); },
                        [&](auto& to) { to.add_string(2, text()); }, [&](auto& to) { to.add_string(4, text()); },
                        [&](auto& to) { to.add_string(5, text()); }}));
      else if (one_in(8))
        request.add_enum(2, 1);
      else
        request.add_message(1, one_in(3) ? odd_series_v1() : usual_series_v1());
    }
    // The walk over usual series ends before the end of the body.
    if (one_in(2)) request.add_string(9, std::string(300, 'x'));
    return body;
  }

  std::string v2() {
    symbols_ = {""};
    for (auto count = below(40); count > 0; --count) symbols_.push_back(text());
    std::vector<std::string> fields;
    for (const std::string& symbol : symbols_) fields.push_back(symbol_field(symbol));
    for (auto count = one_in(50) ? 400 : below(6); count > 0; --count) {
      std::string field;
      protozero::pbf_writer(field).add_message(5, series_v2());
      // Symbols are in their order, series anywhere between them.
      fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(one_in(3) ? below(fields.size()) : fields.size()),
                    field);
    }
    std::string body;
    for (const std::string& field : fields) body += field;
    return body;
  }

  // Some bytes of it changed, taken away or put in.
  std::string damaged(std::string body) {
    for (auto count = 1 + below(3); count > 0 && !body.empty(); --count) {
      const std::size_t at = below(body.size());
      if (one_in(3))
        body.erase(at, 1 + below(3));
      else if (one_in(3))
        body.insert(at, 1, static_cast<char>(random_()));
      else
        body[at] = one_in(2) ? static_cast<char>(random_()) : static_cast<char>(body[at] ^ (1 << below(8)));
    }
    return body;
  }

 private:
  using Write = std::function<void(protozero::pbf_writer&)>;

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  bool one_in(std::size_t count) { return below(count) == 0; }

  std::string text() {
    static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz_\x01\xc3\xa9";
    std::string text;
    for (auto size = one_in(20) ? 100 + below(100) : below(12); size > 0; --size)
      text += kLetters[below(kLetters.size())];
    return text;
  }

  std::int64_t timestamp() {
    if (one_in(10)) return static_cast<std::int64_t>(random_());
    return one_in(10) ? static_cast<std::int64_t>(below(1000))
                      : 1'795'180'839'552 + static_cast<std::int64_t>(below(1000));
  }

  double value() { return one_in(4) ? 0 : std::bit_cast<double>(random_()); }

  // The fields in some order, some of them missing, some twice, one of a number that nobody knows.
  std::string message(std::vector<Write> fields) {
    if (one_in(4)) fields.push_back(fields[below(fields.size())]);
    if (one_in(4)) fields.push_back([&](auto& to) { unknown(to); });
    std::ranges::shuffle(fields, random_);
    std::string bytes;
    protozero::pbf_writer to(bytes);
    for (const Write& write : fields) {
      if (!one_in(6)) write(to);
    }
    return bytes;
  }

  void unknown(protozero::pbf_writer& to) {
    const auto number = static_cast<protozero::pbf_tag_type>(20 + below(5000));
    switch (below(4)) {
      case 0: to.add_uint64(number, random_()); break;
      case 1: to.add_fixed64(number, random_()); break;
      case 2: to.add_fixed32(number, static_cast<std::uint32_t>(random_())); break;
      default: to.add_string(number, text());
    }
  }

  std::string usual_label() {
    std::string bytes;
    protozero::pbf_writer to(bytes);
    to.add_string(1, "l" + text());
    to.add_string(2, "v" + text());
    return bytes;
  }

  std::string usual_sample() {
    std::string bytes;
    protozero::pbf_writer to(bytes);
    const double number = value();
    if (number != 0) to.add_double(1, number);
    to.add_int64(2, timestamp());
    return bytes;
  }

  std::string usual_series_v1() {
    std::string bytes;
    protozero::pbf_writer to(bytes);
    for (auto count = below(9); count > 0; --count) to.add_message(1, usual_label());
    to.add_message(2, usual_sample());
    return bytes;
  }

  std::string odd_label() {
    return message({[&](auto& to) { to.add_string(1, text()); }, [&](auto& to) { to.add_string(2, text()); }});
  }

  std::string odd_sample() {
    return message({[&](auto& to) { to.add_double(1, value()); }, [&](auto& to) { to.add_int64(2, timestamp()); },
                    [&](auto& to) { to.add_int64(3, timestamp()); }});
  }

  std::string odd_series_v1() {
    std::vector<Write> fields;
    for (auto count = 1 + below(9); count > 0; --count) {
      switch (below(6)) {
        case 0: fields.push_back([&](auto& to) { to.add_message(1, odd_label()); }); break;
        case 1: fields.push_back([&](auto& to) { to.add_message(2, odd_sample()); }); break;
        case 2: fields.push_back([&](auto& to) { to.add_message(3, exemplar_v1()); }); break;
        case 3: fields.push_back([&](auto& to) { to.add_message(4, histogram()); }); break;
        case 4: fields.push_back([&](auto& to) { to.add_message(2, usual_sample()); }); break;
        default: fields.push_back([&](auto& to) { to.add_message(1, usual_label()); });
      }
    }
    return message(fields);
  }

  std::string exemplar_v1() {
    return message({[&](auto& to) { to.add_message(1, odd_label()); },
                    [&](auto& to) { to.add_message(1, odd_label()); }, [&](auto& to) { to.add_double(2, value()); },
                    [&](auto& to) { to.add_int64(3, timestamp()); }});
  }

  void span(protozero::pbf_writer& to, protozero::pbf_tag_type number) {
    to.add_message(number, message({[&](auto& span) { span.add_sint32(1, static_cast<int>(below(40)) - 20); },
                                    [&](auto& span) { span.add_uint32(2, static_cast<std::uint32_t>(below(9))); }}));
  }

  std::string histogram() {
    const std::vector<std::int64_t> deltas{3, -1, 0, static_cast<std::int64_t>(random_())};
    const std::vector<double> counts{value(), value()};
    return message({[&](auto& to) { to.add_uint64(1, below(1000)); }, [&](auto& to) { to.add_double(2, value()); },
                    [&](auto& to) { to.add_double(3, value()); }, [&](auto& to) { to.add_sint32(4, -3); },
                    [&](auto& to) { to.add_double(5, 0.001); }, [&](auto& to) { to.add_uint64(6, below(9)); },
                    [&](auto& to) { to.add_double(7, value()); }, [&](auto& to) { span(to, 8); },
                    [&](auto& to) { to.add_packed_sint64(9, deltas.begin(), deltas.end()); },
                    [&](auto& to) { to.add_packed_double(10, counts.begin(), counts.end()); },
                    [&](auto& to) { span(to, 11); }, [&](auto& to) { span(to, 11); },
                    [&](auto& to) { to.add_sint64(12, deltas[below(4)]); },
                    [&](auto& to) { to.add_double(13, value()); }, [&](auto& to) { to.add_enum(14, 2); },
                    [&](auto& to) { to.add_int64(15, timestamp()); },
                    [&](auto& to) { to.add_packed_double(16, counts.begin(), counts.end()); },
                    [&](auto& to) { to.add_int64(17, timestamp()); }});
  }

  static std::string symbol_field(const std::string& symbol) {
    std::string bytes;
    protozero::pbf_writer(bytes).add_string(4, symbol);
    return bytes;
  }

  std::uint32_t reference() { return static_cast<std::uint32_t>(below(symbols_.size())); }

  // An even number of references, in fields of every kind.
  std::vector<Write> references() {
    std::vector<std::uint32_t> numbers;
    for (auto count = 2 * below(9); count > 0; --count) numbers.push_back(reference());
    std::vector<Write> fields;
    for (std::size_t at = 0; at < numbers.size();) {
      const std::size_t count =
          one_in(3) ? std::min<std::size_t>(1 + below(4), numbers.size() - at) : numbers.size() - at;
      const std::vector<std::uint32_t> part(numbers.begin() + static_cast<std::ptrdiff_t>(at),
                                            numbers.begin() + static_cast<std::ptrdiff_t>(at + count));
      if (part.size() == 1)
        fields.push_back([part](auto& to) { to.add_uint32(1, part[0]); });
      else
        fields.push_back([part](auto& to) { to.add_packed_uint32(1, part.begin(), part.end()); });
      at += count;
    }
    return fields;
  }

  // Those of `references` in their order and whole, the others among them.
  std::string referring_message(const std::vector<Write>& references, const std::vector<Write>& others) {
    std::string bytes;
    protozero::pbf_writer to(bytes);
    const bool is_behind = one_in(2);
    if (!is_behind)
      for (const Write& write : references) write(to);
    bytes += others.empty() ? "" : message(others);
    if (is_behind)
      for (const Write& write : references) write(to);
    return bytes;
  }

  std::string series_v2() {
    std::vector<Write> fields;
    for (auto count = below(7); count > 0; --count) {
      switch (below(6)) {
        case 0: fields.push_back([&](auto& to) { to.add_message(2, usual_sample()); }); break;
        case 1: fields.push_back([&](auto& to) { to.add_message(2, odd_sample()); }); break;
        case 2: fields.push_back([&](auto& to) { to.add_message(3, histogram()); }); break;
        case 3: fields.push_back([&](auto& to) { to.add_message(4, exemplar_v2()); }); break;
        case 4: fields.push_back([&](auto& to) { to.add_message(5, metadata_v2()); }); break;
        default: fields.push_back([&](auto& to) { to.add_int64(6, timestamp()); });
      }
    }
    return referring_message(references(), fields);
  }

  std::string exemplar_v2() {
    return referring_message(
        references(), {[&](auto& to) { to.add_double(2, value()); }, [&](auto& to) { to.add_int64(3, timestamp()); }});
  }

  std::string metadata_v2() {
    return message({[&](auto& to) { to.add_int32(1, static_cast<int>(below(9)) - 1); },
                    [&](auto& to) { to.add_uint32(3, reference()); },
                    [&](auto& to) { to.add_uint32(4, reference()); }});
  }

  std::mt19937_64 random_;
  std::vector<std::string> symbols_;
};

}  // namespace promfleet::remote_write
