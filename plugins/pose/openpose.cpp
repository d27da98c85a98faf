#include "plugins/pose/openpose.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/ordinary_file.h"
#include "framework/weights/json_text.h"
#include "plugins/pose/body_points.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <span>

namespace weft::pose {
namespace {

using nlohmann::json;

constexpr int64_t kMostBytes = 8'000'000;         // some hundred people
constexpr int64_t kMostBytesOfList = 64'000'000;  // an hour of one person
constexpr double kFarthest = 1e6;                 // pixels; no picture is that large
constexpr size_t kMostPeople = 1000;              // in a frame

Error fault_of(const std::string& file, const std::string& what) {
  return Error(Exit::Data, text(file, ' ', what));
}

/// The value of the first of these keys that an object has, and the key; null is as good as absent.
std::pair<const json*, std::string> find_any(const json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const auto found = object.find(key);
    if (found != object.end() && !found->is_null()) return {&*found, key};
  }
  return {nullptr, *keys.begin()};
}

/// The list of people of a frame, or null where `frame` is nothing of the kind.
const json* list_of_people(const json& frame) {
  if (!frame.is_object()) return nullptr;
  const json* people = find_any(frame, {"people", "bodies"}).first;
  return people && people->is_array() ? people : nullptr;
}

/// One person while it is read, so that every message names the place.
class PersonReader {
 public:
  PersonReader(const std::string& file, size_t number) : file_(file), who_(text("person ", number)) {}

  Person read(const json& described) const {
    if (!described.is_object()) throw fault(text("is not an OpenPose file: ", who_, " is not a table"));
    const auto [body, key] = find_any(described, {"pose_keypoints_2d", "pose_keypoints", "keypoints", "joints"});
    if (!body) throw fault(text("has no `", key, "` for ", who_));
    Person person;
    const std::vector<Keypoint> points = read_points(*body, key);
    if (!points.empty() && !set_body(points, person)) {
      throw fault(text("has ", points.size(), " points in `", key, "` of ", who_, ", which is no known body model"))
          .hint(text("known are ", body_models()));
    }
    read_part(described, {"face_keypoints_2d", "face_keypoints"}, 68, person.face);
    read_part(described, {"hand_left_keypoints_2d", "hand_left_keypoints"}, 21, person.left_hand);
    read_part(described, {"hand_right_keypoints_2d", "hand_right_keypoints"}, 21, person.right_hand);
    return person;
  }

 private:
  Error fault(const std::string& what) const { return fault_of(file_, what); }

  /// Parts that were not looked for are absent or empty: their points stay 0, as those that were not found.
  /// @param least  points; as many as there is space for are allowed, too
  void read_part(const json& described, std::initializer_list<const char*> keys, size_t least,
                 std::span<Keypoint> part) const {
    const auto [list, key] = find_any(described, keys);
    if (!list) return;
    const std::vector<Keypoint> points = read_points(*list, key);
    if (points.empty()) return;
    if (points.size() != least && points.size() != part.size()) {
      throw fault(text("has ", points.size(), " points in `", key, "` of ", who_, ", but it must be ", least,
                       least == part.size() ? "" : text(" or ", part.size())));
    }
    std::copy(points.begin(), points.end(), part.begin());
  }

  /// x, y and confidence of each point.
  std::vector<Keypoint> read_points(const json& list, const std::string& key) const {
    if (!list.is_array()) throw fault(text("has something other than a list as `", key, "` of ", who_));
    if (list.size() % 3 != 0) {
      throw fault(text("has ", list.size(), " numbers in `", key, "` of ", who_, ", which are no triples"))
          .hint("each point has three numbers: x, y and confidence");
    }
    std::vector<Keypoint> points;
    for (size_t i = 0; i < list.size() / 3; ++i) {
      const auto number = [&](size_t part) { return read_number(list[3 * i + part], key, i); };
      points.push_back({number(0), number(1), number(2)});
    }
    return points;
  }

  double read_number(const json& number, const std::string& key, size_t point) const {
    const std::string where = text("point ", point, " of `", key, "` of ", who_);
    if (!number.is_number()) throw fault(text("has ", weights::kind_text(number), " instead of a number at ", where));
    const auto value = number.get<double>();
    if (std::isfinite(value) && std::abs(value) <= kFarthest) return value;
    throw fault(text("has ", number_text(value), " at ", where, ", which is not a position in an image"));
  }

  const std::string& file_;
  std::string who_;
};

json parse(const std::string& file) {
  data::OrdinaryFile opened(file);
  const std::string front = opened.read(64);
  const size_t begin = front.find_first_not_of(" \t\r\n\xEF\xBB\xBF");  // a byte order mark may stand before
  const bool is_list = begin != std::string::npos && front[begin] == '[';
  const std::string bytes = data::read_small_text(file, is_list ? kMostBytesOfList : kMostBytes);
  if (bytes.find_first_not_of(" \t\r\n") == std::string::npos) return nullptr;
  return weights::parse_json(file, bytes);
}

}  // namespace

PeopleFile::PeopleFile(const std::string& file)
    : file_(file), content_(std::make_unique<json>(parse(file))), images_(file) {
  const json& content = *content_;
  if (const json* people = list_of_people(content)) {
    add("", *people);
  } else if (content.is_array() || content.is_null()) {
    add_entries(content);
  } else if (content.is_object() && !content.empty() && std::all_of(content.begin(), content.end(), list_of_people)) {
    for (const auto& [name, frame] : content.items()) add(frame_of(name), *list_of_people(frame));
  } else {
    throw fault_of(file_, "is not an OpenPose file: it has no list `people`")
        .hint("an empty frame is written as {\"people\": []}");
  }
}

void PeopleFile::add(const std::string& frame, const json& people) {
  std::vector<const json*>& of_frame = people_[frame];
  for (const json& person : people) of_frame.push_back(&person);
}

/// Of a list: frames one after the other, or people with the names of their images.
void PeopleFile::add_entries(const json& entries) {
  if (entries.empty()) add("", json::array());
  size_t number = 0;
  for (const json& entry : entries) {
    if (const json* people = list_of_people(entry)) {
      add(entries.size() == 1 ? "" : text(number++), *people);
    } else {
      const bool is_named = entry.is_object() && entry.contains("image_id");
      people_[is_named ? frame_of(entry["image_id"]) : ""].push_back(&entry);
    }
  }
}

/// "000012" of "frames/000012.jpg", and the numbers of COCO's images.
std::string PeopleFile::frame_of(const json& id) {
  if (id.is_number_unsigned()) return text(id.get<uint64_t>());
  if (!id.is_string()) throw fault_of(file_, text("has ", weights::kind_text(id), " as `image_id`"));
  return images_.frame_of(id.get<std::string>());
}

PeopleFile::~PeopleFile() = default;
PeopleFile::PeopleFile(PeopleFile&&) noexcept = default;
PeopleFile& PeopleFile::operator=(PeopleFile&&) noexcept = default;

bool PeopleFile::is_empty() const {
  return content_->is_null();
}

std::vector<std::string> PeopleFile::frames() const {
  if (people_.size() == 1) return {};
  std::vector<std::string> names;
  for (const auto& [name, people] : people_) names.push_back(name);
  return data::without_gaps(file_, std::move(names));
}

std::vector<Person> PeopleFile::people(const std::string& frame) const {
  const auto found = frame.empty() ? people_.begin() : people_.find(frame);
  std::vector<Person> people;
  if (found == people_.end()) return people;
  if (found->second.size() > kMostPeople) {
    throw fault_of(file_, text("has ", found->second.size(), " people",
                               frame.empty() ? "" : text(" in frame \"", frame, '"'), ", more than ", kMostPeople));
  }
  for (const json* described : found->second) people.push_back(PersonReader(file_, people.size()).read(*described));
  return people;
}

}  // namespace weft::pose
