#pragma once

#include "framework/report/study.h"

#include <string>
#include <vector>

namespace weft::report {

/// The page of a study, which browsers open from a disk: asks the questions of a worker in random order, the clips on random
/// sides, by mouse or keyboard, and saves the answers as a file. It loads nothing but the clips, and names no method.
/// @param places  of each clip, where the page finds it: a path relative to it, or an address as data_address() makes one
std::string study_page(const Study& study, const std::vector<std::string>& places);

/// A file as a `data:` address, so that the page needs it no more.
/// @throws Error  (Data) when it cannot be read
std::string data_address(const std::string& file);

/// Whether browsers show files of this name as moving pictures: MP4, WebM, GIF, PNG.
bool is_playable(const std::string& file);

}  // namespace weft::report
