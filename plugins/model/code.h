#pragma once

#include "framework/engines/engine.h"

namespace weft::model {

/// Opens a file that holds code. Its ports are not in it: only values are compared with the declared ones.
/// @throws Error  (Exit::Usage) without WEFT_TRUST=1; (Exit::Data) for a file that is missing or damaged
std::unique_ptr<engines::Engine> open_pt2(const engines::Declared& declared);
std::unique_ptr<engines::Engine> open_torchscript(const engines::Declared& declared);

}  // namespace weft::model
