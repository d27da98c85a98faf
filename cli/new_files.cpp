#include "cli/new_files.h"

#include "framework/base/text.h"

#include <fstream>

namespace weft::cli {

namespace fs = std::filesystem;

void check_free(const std::string& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !(fs::is_directory(folder, error) && fs::is_empty(folder, error)))
    throw Error(Exit::Failed, text(folder, " is there already, and nothing is overwritten"))
        .hint("-o FOLDER writes elsewhere");
}

void write_new(const fs::path& file, const std::string& content, Program& program) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  std::ofstream out(file);
  out << content;
  out.close();
  if (!out)
    throw Error(Exit::Failed, text(file.string(), " cannot be written"))
        .hint("is there such a place, and may you write there?");
  program.log->note(text("written: ", file.string()));
}

}  // namespace weft::cli
