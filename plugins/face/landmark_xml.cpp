#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/frame_number.h"
#include "plugins/face/landmark_file.h"
#include "plugins/face/landmarks.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace weft::face {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr int64_t kMostParts = 1000;

/// `<part name='00' x='12' y='7'/>`: nothing in dlib's files but tags matters, and tags are not nested in a way that
/// matters, so that one after the other is enough.
struct Tag {
  std::string_view name;  ///< with the slash of a closing tag
  std::map<std::string_view, std::string_view> attributes;
};

class XmlReader {
 public:
  XmlReader(const std::string& file, std::string_view bytes) : file_(file), rest_(bytes), listed_(file) {}

  std::vector<NamedLandmarks> read() {
    while (const auto tag = next()) use(*tag);
    if (!is_closed_) throw fault("ends before </dataset>: it is cut off, or no file of dlib's");
    return std::move(images_);
  }

 private:
  Error fault(const std::string& what) const { return Error(Exit::Data, text(file_, ' ', what)); }

  void use(const Tag& tag) {
    if (tag.name == "/dataset") is_closed_ = true;
    if (tag.name == "image" || tag.name == "/dataset") check_parts();
    if (tag.name == "image") {
      images_.emplace_back(listed_.frame_of(std::string(attribute(tag, "file"))), Landmarks());
      boxes_ = 0;
      parts_.clear();
    }
    if (images_.empty()) return;
    if (tag.name == "box") ++boxes_;
    if (tag.name == "part" && boxes_ == 1) add(tag, images_.back().second);
  }

  /// Parts may come in any order; their names are their numbers.
  void add(const Tag& tag, Landmarks& landmarks) {
    const double place = number(tag, "name");
    const bool is_whole = place >= 0 && place < kMostParts && std::floor(place) == place;
    if (!is_whole) throw fault(text("has a part with the number ", number_text(place)));
    const auto at = static_cast<size_t>(place);
    if (at >= landmarks.size()) landmarks.resize(at + 1);
    landmarks[at] = {coordinate(tag, "x"), coordinate(tag, "y")};
    if (!parts_.insert(at).second) throw fault(text("has part ", at, " twice in one <box>"));
  }

  /// Refuses a face that lacks parts between others: they would lie in the corner of the picture.
  void check_parts() const {
    if (images_.empty() || parts_.size() == images_.back().second.size()) return;
    size_t missing = 0;
    while (parts_.contains(missing)) ++missing;
    throw fault(
        text("has no part ", missing, " in image \"", images_.back().first, "\", but a part of a larger number"));
  }

  double coordinate(const Tag& tag, std::string_view name) const {
    const double value = number(tag, name);
    if (is_in_a_picture(value)) return value;
    throw fault(
        text("has ", number_text(value), " in part ", attribute(tag, "name"), ", which is not a position in an image"));
  }

  std::string_view attribute(const Tag& tag, std::string_view name) const {
    const auto found = tag.attributes.find(name);
    if (found == tag.attributes.end()) throw fault(text("has a <", tag.name, "> without ", name));
    return found->second;
  }

  double number(const Tag& tag, std::string_view name) const {
    const std::string_view word = attribute(tag, name);
    double value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error == std::errc() && end == word.data() + word.size()) return value;
    throw fault(text("has \"", word.substr(0, 40), "\" instead of a number as ", name, " of a <", tag.name, '>'));
  }

  /// The next tag; comments and what begins with `<?` or `<!` are skipped.
  std::optional<Tag> next() {
    for (;;) {
      rest_.remove_prefix(std::min(rest_.find('<'), rest_.size()));
      if (rest_.empty()) return {};
      const std::string_view end = rest_.starts_with("<!--") ? "-->" : ">";
      const size_t length = rest_.find(end);
      if (length == std::string_view::npos) throw fault("ends within a tag: it is cut off, or not XML");
      const std::string_view content = rest_.substr(1, length - 1);
      rest_.remove_prefix(length + end.size());
      if (!content.starts_with('!') && !content.starts_with('?')) return tag_of(content);
    }
  }

  static Tag tag_of(std::string_view content) {
    const size_t end = std::min(content.find_first_of(" \t\r\n"), content.size());
    Tag tag{content.substr(0, end), {}};
    if (tag.name.size() > 1 && tag.name.ends_with('/')) tag.name.remove_suffix(1);
    content.remove_prefix(end);
    for (;;) {
      content.remove_prefix(std::min(content.find_first_not_of(kBlanks), content.size()));
      const size_t equals = content.find('=');
      if (equals == std::string_view::npos) return tag;
      const std::string_view name = content.substr(0, content.find_first_of(" \t\r\n="));
      content.remove_prefix(equals + 1);
      content.remove_prefix(std::min(content.find_first_not_of(kBlanks), content.size()));
      if (content.empty()) return tag;
      const size_t close = content.find(content.front(), 1);
      if (close == std::string_view::npos) return tag;
      tag.attributes[name] = content.substr(1, close - 1);
      content.remove_prefix(close + 1);
    }
  }

  const std::string& file_;
  std::string_view rest_;
  std::vector<NamedLandmarks> images_;
  data::ListedImages listed_;
  int64_t boxes_ = 0;
  std::set<size_t> parts_;  ///< of the last image
  bool is_closed_ = false;
};

}  // namespace

std::vector<NamedLandmarks> read_dlib_xml(const std::string& file, std::string_view bytes) {
  return XmlReader(file, bytes).read();
}

}  // namespace weft::face
