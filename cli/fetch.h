#pragma once

#include "cli/cli.h"

namespace weft::cli {

void add_fetch_verb(CLI::App& app, Program& program);

}  // namespace weft::cli
