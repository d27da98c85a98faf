#include "framework/weights/json_text.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/byte_reader.h"

#include <nlohmann/json.hpp>

#include <set>
#include <vector>

namespace weft::weights {
namespace {

using nlohmann::json;

/// Goes through a text before anything is made of it: nlohmann's parser nests without limit and takes the last of equal
/// keys, and its callback, which could tell, costs the square of an object's keys.
class Rules : public json::json_sax_t {
 public:
  Rules(const std::string& what, size_t deepest) : what_(what), deepest_(deepest) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(json::number_integer_t) override { return true; }
  bool number_unsigned(json::number_unsigned_t) override { return true; }
  bool number_float(json::number_float_t, const json::string_t&) override { return true; }
  bool string(json::string_t&) override { return true; }
  bool binary(json::binary_t&) override { return true; }

  bool start_object(size_t) override { return begin(); }
  bool start_array(size_t) override { return begin(); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool key(json::string_t& key) override {
    if (keys_.back().insert(key).second) return true;
    throw Error(Exit::Data, text(what_, " has the key \"", shown_name(key), "\" twice"));
  }
  bool parse_error(size_t, const std::string&, const json::exception& exception) override {
    const std::string reason = exception.what();
    throw Error(Exit::Data, text(what_, " is not JSON"))
        .hint(reason.substr(reason.find(' ') + 1, 160));  // without the library's own number
  }

 private:
  bool begin() {
    keys_.emplace_back();
    if (keys_.size() <= deepest_) return true;
    throw Error(Exit::Data, text(what_, " is nested more than ", deepest_, " deep"));
  }
  bool end() {
    keys_.pop_back();
    return true;
  }

  const std::string& what_;
  size_t deepest_;
  std::vector<std::set<std::string>> keys_;  ///< of the lists and objects around the present place
};

}  // namespace

json parse_json(const std::string& what, std::string_view text, size_t deepest) {
  Rules rules(what, deepest);
  json::sax_parse(text.begin(), text.end(), &rules);
  return json::parse(text.begin(), text.end());
}

std::string kind_text(const json& value) {
  if (value.is_array()) return text("a list of ", value.size());
  if (value.is_object()) return "an object";
  if (value.is_string()) return "a text";
  return value.dump();
}

std::string json_quoted(const std::string& plain) {
  return json(plain).dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

std::string json_number(double number) {
  return json(number).dump();
}

}  // namespace weft::weights
