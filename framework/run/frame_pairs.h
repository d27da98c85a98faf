#pragma once

#include "framework/base/error.h"
#include "framework/base/log.h"
#include "framework/graph/flat_graph.h"
#include "framework/run/paired_source.h"
#include "framework/run/source_needs.h"

#include <string>
#include <vector>

namespace weft::run {

/// A source that has opened a sequence.
struct OpenSource {
  const graph::FlatNode* description = nullptr;
  PairedSource* node = nullptr;
  SourceNeed need;
  std::string sequence;  ///< its name
};

/// The way out where the numbers in names do not say what belongs together.
inline constexpr auto kPairByPosition =
    "run.pair = \"position\" takes the first with the first, whatever they are called";

/// Puts together what belongs together: the frames of sources that are read side by side, by the numbers in their names.
///
/// Sources without names, or whose names have no rising numbers, are read in order. A frame that some of them lack is an
/// error, left out, or filled by nobody, as the settings `pair` and `missing` of [run] say. Sources of different lengths
/// are reported.
/// @param sequence  its name, for messages
/// @throws Error  (Data) when frames lack partners, or a source has fewer frames than the graph reads of its beginning
void pair_frames(const std::vector<OpenSource>& sources, const graph::RunSettings& settings,
                 const std::string& sequence, Log& log);

/// " of sequence "walk"", for messages; empty where it has no name.
std::string of_sequence(const std::string& sequence);

/// ""labels" lacks "frame_7" and 3 more", of a node; empty where nothing is lacking.
std::string lacks_text(const graph::FlatNode& node, const std::vector<std::string>& lacking);

/// What is said of a source that has fewer frames than the graph reads of its beginning.
Error short_beginning(const graph::FlatNode& node, int64_t frames, int64_t wanted, const std::string& sequence);

}  // namespace weft::run
