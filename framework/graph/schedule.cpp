#include "framework/graph/schedule.h"

#include "framework/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

namespace weft::graph {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words = split(text, ' ');
  std::erase_if(words, [](const std::string& word) { return word.empty(); });
  return words;
}

std::optional<double> number_in(const std::string& word) {
  double number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  const bool is_whole = error == std::errc() && end == word.data() + word.size();
  return is_whole && std::isfinite(number) && number >= 0 ? std::optional<double>(number) : std::nullopt;
}

/// How far `at` is on the way from `begin` to `end`, in 0 … 1.
double part_of(double at, double begin, double end) {
  return end > begin ? std::clamp((at - begin) / (end - begin), 0.0, 1.0) : 0.0;
}

}  // namespace

std::optional<Schedule> Schedule::parse(std::string_view text, std::string& fault) {
  Schedule schedule;
  const std::string whole(text);
  const std::vector<std::string> words = words_of(text);
  const std::string first = words.empty() ? "" : words.front();
  bool is_good = false;
  if (first == "constant") {
    is_good = words.size() == 1;
  } else if (first == "cosine") {
    schedule.form_ = Form::Cosine;
    const auto last = words.size() == 3 && words[1] == "to" ? number_in(words[2]) : std::nullopt;
    is_good = words.size() == 1 || last;
    schedule.last_ = last.value_or(0);
  } else if (first == "linear") {
    is_good = schedule.read_linear(whole);
  } else if (first == "original") {
    is_good = schedule.read_original(whole);
  }
  if (is_good) return schedule;
  fault =
      "must be \"constant\", \"linear to 0 from 10\" (epochs; or \"10 steps\", \"10 %\"), \"cosine\", \"cosine to "
      "0.1\" or \"original 10 10\"";
  return {};
}

bool Schedule::read_linear(const std::string& text) {
  form_ = Form::Linear;
  const std::vector<std::string> words = words_of(text);
  if (words.size() < 5 || words.size() > 6 || words[1] != "to" || words[3] != "from") return false;
  const auto last = number_in(words[2]), begin = number_in(words[4]);
  if (words.size() == 6) {
    if (words[5] != "steps" && words[5] != "epochs" && words[5] != "%") return false;
    unit_ = words[5] == "steps" ? Unit::Steps : words[5] == "%" ? Unit::Percent : Unit::Epochs;
  }
  if (!last || !begin || (unit_ == Unit::Percent && *begin > 100)) return false;
  last_ = *last;
  begin_ = *begin;
  return true;
}

bool Schedule::read_original(const std::string& text) {
  form_ = Form::Original;
  const std::vector<std::string> words = words_of(text);
  if (words.size() != 3 && !(words.size() == 5 && words[3] == "from")) return false;
  const auto begin = number_in(words[1]), decay = number_in(words[2]);
  if (!begin || !decay || *decay < 1) return false;
  begin_ = *begin;
  decay_ = *decay;
  if (words.size() == 5) base_ = number_in(words[4]);
  return words.size() == 3 || base_;
}

double Schedule::rate(double rate, const Progress& progress) const {
  const bool by_steps = progress.steps > 0 && unit_ != Unit::Epochs;
  const bool counts_steps = unit_ == Unit::Steps || (progress.steps > 0 && (form_ == Form::Cosine || by_steps));
  const auto at = static_cast<double>(counts_steps ? progress.step : progress.epoch);
  const auto end = static_cast<double>(counts_steps ? progress.steps : progress.epochs);
  switch (form_) {
    case Form::Constant:
      return rate;
    case Form::Linear: {
      const double begin = unit_ == Unit::Percent ? begin_ * end / 100 : begin_;
      return rate * (1 - (1 - last_) * part_of(at, begin, end));
    }
    case Form::Cosine: {
      const double fallen = (1 - std::cos(std::numbers::pi * part_of(at, 0, end))) / 2;
      return rate * (1 - (1 - last_) * fallen);
    }
    case Form::Original: {
      const double epoch =
          static_cast<double>(progress.epoch);  // epochs that are over, as the original counts at their end
      return epoch <= begin_ ? rate : base_.value_or(rate) * (1 - std::min((epoch - begin_) / decay_, 1.0));
    }
  }
  return rate;
}

}  // namespace weft::graph
