#pragma once

/// What sources share: folders of files, the choice of clips and their random numbers, colours of instances, palettes.

#include "framework/data/clip_choice.h"
#include "framework/data/draws.h"
#include "framework/data/file_folder.h"
#include "framework/data/instance_colours.h"
#include "framework/data/palette.h"
