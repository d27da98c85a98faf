#pragma once

/// All that tests of nodes include: weft::testing::NodeRunner runs one node, error_text() gives the text of an error,
/// values() the numbers of a tensor.

#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
