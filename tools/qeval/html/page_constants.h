#pragma once
/// What every page has: its style, and the script that sorts and searches its tables. Without the script all is there
/// to be read. Plain constants.
#include "tools/qeval/html/html_writer.h"

namespace qeval {

extern const OwnMarkup page_style;
extern const OwnMarkup page_script;

}  // namespace qeval
