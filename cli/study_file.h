#pragma once

#include "framework/report/study.h"

#include <string>

namespace weft::cli {

/// What a study file says, with the clips that its folders hold; docs/study.md.
struct StudyFile {
  report::StudyDesign design;
  bool embeds = true;  ///< clips within the page
};

/// @throws Error  (Graph) with the place of a fault, (Data) when there are no clips
StudyFile read_study_file(const std::string& file);

}  // namespace weft::cli
