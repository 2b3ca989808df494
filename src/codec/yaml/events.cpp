#include "codec/yaml/events.h"

#include "core/base/assert.h"

namespace promfleet::yaml {
namespace {

Mark to_mark(const yaml_mark_t& mark) {
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

}  // namespace

Mark Event::mark() const {
  return to_mark(raw_.start_mark);
}

std::string_view Event::anchor() const {
  switch (raw_.type) {
    case YAML_ALIAS_EVENT: return view(raw_.data.alias.anchor);
    case YAML_SCALAR_EVENT: return view(raw_.data.scalar.anchor);
    case YAML_SEQUENCE_START_EVENT: return view(raw_.data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT: return view(raw_.data.mapping_start.anchor);
    default: return {};
  }
}

std::string_view Event::tag() const {
  switch (raw_.type) {
    case YAML_SCALAR_EVENT: return view(raw_.data.scalar.tag);
    case YAML_SEQUENCE_START_EVENT: return view(raw_.data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT: return view(raw_.data.mapping_start.tag);
    default: return {};
  }
}

EventReader::EventReader(std::string_view text) : text_(text), parser_(new yaml_parser_t{}) {
  ASSERT(yaml_parser_initialize(parser_.get()) == 1);  // fails only without memory
  // Named, so that libyaml does not take a text for UTF-16 by its first bytes.
  yaml_parser_set_encoding(parser_.get(), YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(parser_.get(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

Result<Event> EventReader::next() {
  Event event;
  if (yaml_parser_parse(parser_.get(), &event.raw_) == 0) return failure();
  return event;
}

std::unexpected<Error> EventReader::failure() const {
  const yaml_parser_t& parser = *parser_;
  ASSERT(parser.error != YAML_MEMORY_ERROR);
  if (parser.error == YAML_READER_ERROR) {  // which does not know lines
    return fail_at(mark_at(text_, parser.problem_offset), "{} (the text must be UTF-8 without control characters)",
                   parser.problem);
  }
  const Mark mark = to_mark(parser.problem_mark);
  if (parser.context == nullptr) return fail_at(mark, "{}", parser.problem);
  return fail_at(mark, "{} {} that begins in line {}", parser.problem, parser.context, parser.context_mark.line + 1);
}

}  // namespace promfleet::yaml
