#pragma once

/// Feature networks that several families use.

#include "framework/backbones/vgg19.h"
