#pragma once

/// All that a program includes that runs graphs itself: it reads and checks a graph, gives and takes frames.
/// docs/deploy.md has one, whole.

#include "framework/plugin/plugins.h"
#include "framework/run/session.h"

#include <ATen/TensorOperators.h>
