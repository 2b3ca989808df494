// What Prometheus says of its own failures, fit to be shown to whoever may see the status page.
#pragma once

#include <string>
#include <string_view>

namespace promfleet::elector {

// `text` without what it may quote of a configuration's secrets, and bounded. Hidden are
// - user information and query of URLs, and the parts of a broken URL that Go quotes a second time;
// - the values that YAML could not put where they stand: a password in a wrong place is one.
// Names of fields, files and lines stay.
std::string shown_error(std::string_view text);

}  // namespace promfleet::elector
