#include "framework/data/output_path.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/frame_files.h"
#include "framework/data/output_file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace weft::data {

std::string with_sequence(const std::string& path, const std::string& sequence) {
  static const std::string mark = "{sequence}";
  std::string filled = path;
  for (size_t at = 0; (at = filled.find(mark, at)) != std::string::npos; at += sequence.size()) {
    if (sequence.empty()) {
      throw Error(Exit::Graph, text("`path` is \"", path, "\", but no source gives the sequence a name"))
          .hint("replace {sequence} by a name");
    }
    filled.replace(at, mark.size(), sequence);
  }
  return filled;
}

std::string unfinished_name(const std::string& file) {
  const std::filesystem::path whole(file);
  return whole.parent_path() / text(whole.stem().string(), ".part", whole.extension().string());
}

std::string unfinished_place(const std::string& output) {
  const std::filesystem::path whole(output);
  const bool is_pattern = FrameName::parse(whole.filename().string()).has_value();
  return is_pattern ? (whole.parent_path() / kUnfinishedFolder).string() : unfinished_name(output);
}

void finish_file(const std::string& unfinished, const std::string& file) {
  if (std::rename(unfinished.c_str(), file.c_str()) != 0) fail_to_write(file, system_text(errno));
}

void fail_at_second_sequence(const std::string& path) {
  throw Error(Exit::Graph, text(path, " holds one sequence, but a second one has begun"))
      .hint("write {sequence} in `path`, as in \"out/{sequence}.mp4\": each sequence then has an output of its own");
}

}  // namespace weft::data
