// The account as the sink shows it (README.md).
#pragma once

#include <string>

#include "tests/fencing_sink/account.h"

namespace promfleet::remote_write {

// Of one moment: nothing arrives while it is written.
std::string format_account(const Account& account);
std::string format_totals(const Account& account);

}  // namespace promfleet::remote_write
