#pragma once

/// What discriminators and adversarial losses share: the record of a judgement.

#include "framework/gan/judgement.h"
