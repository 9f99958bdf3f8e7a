#pragma once
/// The only place that writes to standard output and standard error: whatever a verb says goes through here, with
/// control characters written out (pipeline/base/visible_text.h) and signs that the locale lacks replaced. Nothing is
/// buffered, so that both keep their order where they go to one file. Thread-safety: functions may be called
/// concurrently; each text is written in one piece as far as the kernel allows.
#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "pipeline/base/visible_text.h"

namespace qeval {

/// Gives missing standard descriptors /dev/null, so that no file opened later, a database say, becomes one of them.
/// What is written to a missing standard output fails all the same. To be called before anything is opened.
void open_missing_standard_streams();

/// To standard output, '\n' as a line end. Errors: std::system_error (broken_pipe) if its reader went away, Error with
/// ExitCode::stdout_closed if it is closed, RunError for a full disk or an I/O error.
void write_out(std::string_view text);

/// As write_out for what programs read: the same in every locale.
void write_data(std::string_view text);

/// To standard error. That it cannot be written changes nothing: a run goes on, and its exit code is that of its
/// result.
void write_err(std::string_view text) noexcept;

/// As write_err, byte for byte: for the escape sequences of the progress display.
void write_err_raw(std::string_view bytes) noexcept;

/// Columns of the terminal that standard output goes to, less the last one, after which some terminals wrap; what
/// COLUMNS says, if it is set. Without a limit elsewhere: whoever reads a file or a pipe has lines of any length.
std::size_t output_columns();

/// The same of standard error, whatever COLUMNS says: a log is for programs.
std::size_t error_columns();

/// As write_err; on a terminal, lines that are too wide for it are broken between words, and go on behind `indent`
/// blanks. Ends with a line end.
void write_err_wrapped(std::string_view text, std::size_t indent);

/// A text that is put into a message is a name: one line, whatever it holds.
inline std::string shown(std::string_view name) { return visible_name(name); }
template <class Value>
  requires(!std::convertible_to<const Value&, std::string_view>)
const Value& shown(const Value& value) {
  return value;  // NOLINT(bugprone-return-const-ref-from-parameter): lives as long as the message is made
}

/// fmt::print for standard output and standard error. Lines end where `format` says so, and nowhere else: text of
/// several lines is for write_out and write_err.
template <class... Arguments>
void out(fmt::format_string<decltype(shown(std::declval<Arguments>()))...> format, Arguments&&... arguments) {
  write_out(fmt::vformat(format, fmt::make_format_args(shown(arguments)...)));
}

template <class... Arguments>
void err(fmt::format_string<decltype(shown(std::declval<Arguments>()))...> format, Arguments&&... arguments) {
  write_err(fmt::vformat(format, fmt::make_format_args(shown(arguments)...)));
}

}  // namespace qeval
