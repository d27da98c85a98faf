#include "framework/run/sequences.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace weft::run {

Sequences::Sequences(SourceGroup& sources) : sources_(sources), places_(sources.rows()) {
  std::iota(places_.begin(), places_.end(), size_t{0});
}

const std::optional<std::vector<std::string>>& Sequences::names() {
  if (!names_) names_ = sources_.names();
  return *names_;
}

void Sequences::pass_over(const IsDone& is_done) {
  const auto& known = names();
  for (; known && index_ < known->size() && is_done((*known)[index_]); ++index_) ++passed_over_;
}

/// Opens the next sequence that is not done.
std::optional<Row> Sequences::open_next(size_t place, const IsDone& is_done) {
  for (;;) {
    pass_over(is_done);
    auto name = sources_.open(place, index_);
    if (!name) return {};
    Row row{std::move(*name), index_++, place, nullptr, {}};
    if (is_done(row.name)) {
      ++passed_over_;
      continue;
    }
    sources_.add_facts(row);
    return row;
  }
}

std::vector<Row> Sequences::next(const IsDone& is_done) {
  std::vector<Row> rows;
  std::vector<std::optional<int64_t>> common;
  bool is_known = true;
  if (waiting_) std::rotate(places_.begin(), std::find(places_.begin(), places_.end(), waiting_->place), places_.end());
  while (rows.size() < places_.size() && is_known) {
    const size_t place = places_[rows.size()];
    std::optional<Row> row = waiting_ ? std::exchange(waiting_, {}) : open_next(place, is_done);
    if (!row) break;
    const auto own = sources_.lengths(place);
    is_known = std::all_of(own.begin(), own.end(), [](const auto& length) { return length.has_value(); });
    if (!rows.empty() && (own != common || !is_known)) {
      waiting_ = std::move(row);
      break;
    }
    common = own;
    rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace weft::run
