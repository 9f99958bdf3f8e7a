#pragma once
/// Times as people read them, and as they write them. Thread-safety: free functions; the process's time zone must not
/// change meanwhile.
#include <ctime>
#include <string>

namespace qeval {

/// A stored time, "2025-06-01T09:30:00.125Z", on this machine's clock: "2025-06-01 11:30". As it is if it has another
/// form.
std::string local_time_text(const std::string& utc);

/// The stored form, "2025-06-01T09:30:00.000Z".
std::string utc_text(std::time_t time);

/// The moment that `since` names, in the stored form: so long before `now`, "30m", "12h", "7d", "2w"; or the local
/// "2025-06-01", with a time behind it, "2025-06-01 11:30". UsageError for anything else.
std::string since_utc(const std::string& since, std::time_t now);

}  // namespace qeval
