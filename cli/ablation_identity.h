#pragma once

#include "cli/cli.h"
#include "framework/graph/plan.h"

#include <string>

namespace weft::cli {

/// All that a plan's numbers depend on: the resolved graph, files that it reads (by size and time), plugins.
std::string identity_of(const graph::Plan& plan, Program& program);

/// A checksum and the length of such texts together.
std::string hash_of(const std::string& all);

}  // namespace weft::cli
