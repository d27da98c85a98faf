#pragma once

/// Networks from files of other systems, ready to run.

#include "framework/engines/engine.h"
#include "framework/engines/model_file.h"
