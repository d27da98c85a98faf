#include "plugins/media/numbered_files.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/media/files.h"

#include <filesystem>
#include <system_error>

namespace weft::media {

void NumberedFiles::params(Params& p) {
  p("path", path_, "the folder to write to; it is made, with those above it").required();
  p("name", name_, "the files' names: %d stands for the frame's number t, %06d for six digits of it");
}

void NumberedFiles::write(std::string_view bytes, Context& context) {
  if (!begun_) begin(context);
  if (is_finished_) {
    throw Error(Exit::Graph, text("the folder ", path_, " holds one sequence, but a second one has begun"))
        .hint("give each sequence a run of its own");
  }
  const auto name = NumberedName::parse(name_);
  write_file(std::filesystem::path(path_.c_str()) / (*name)(context.frame()), bytes);
}

void NumberedFiles::begin(Context& context) {
  if (!NumberedName::parse(name_)) {
    throw Error(Exit::Graph, text("`name` is \"", name_, "\", which cannot number PNG files"))
        .hint("write one %d or %06d in it, no folders, and .png at its end: \"frame_%06d.png\"");
  }
  make_folder(path_);
  std::error_code unknown;
  if (!std::filesystem::is_empty(path_.c_str(), unknown)) {
    context.log().note(text("the folder ", path_, " is not empty; files with the names of new ones are replaced"));
  }
  begun_ = true;
}

std::optional<NumberedName> NumberedName::parse(std::string_view name) {
  const size_t begin = name.find('%');
  if (begin == std::string_view::npos || name.find('/') != std::string_view::npos || !name.ends_with(".png")) return {};
  size_t end = begin + 1;
  size_t digits = 0;
  if (end < name.size() && name[end] == '0') {
    while (++end < name.size() && name[end] >= '0' && name[end] <= '9') digits = digits * 10 + size_t(name[end] - '0');
    if (digits == 0 || digits > 18) return {};
  }
  if (end >= name.size() || name[end] != 'd') return {};
  const std::string_view after = name.substr(end + 1);
  if (after.find('%') != std::string_view::npos) return {};
  return NumberedName{std::string(name.substr(0, begin)), digits, std::string(after)};
}

std::string NumberedName::operator()(int64_t number) const {
  const std::string plain = text(number);
  const std::string zeros(digits > plain.size() ? digits - plain.size() : 0, '0');
  return before + zeros + plain + after;
}

}  // namespace weft::media
