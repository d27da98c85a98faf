#include "framework/base/csv.h"
#include "framework/base/text.h"
#include "framework/report/html.h"
#include "framework/report/report.h"
#include "framework/report/study_result.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>

namespace weft::report {
namespace {

using Json = nlohmann::ordered_json;
using Cells = std::vector<std::string>;

std::string percent(double share) {
  return percent_text(100 * share);
}

std::string interval_text(const Interval& interval) {
  return text(percent(interval.low), " to ", percent(interval.high));
}

const Cells kPairHead = {"set",      "first",   "second", "first preferred", "95 % (Wilson)", "95 % (clips, workers)",
                         "p (Holm)", "answers", "clips",  "workers"};
const Cells kRankHead = {"set", "method", "log strength", "Elo"};

Cells cells_of(const StudyResult::Pair& pair) {
  return {pair.set,
          pair.first,
          pair.second,
          percent(pair.preference()),
          interval_text(pair.wilson),
          interval_text(pair.clustered),
          short_number(pair.p_value),
          text(pair.answers),
          text(pair.clips),
          text(pair.workers)};
}

/// The methods of a ranking, the strongest first.
std::vector<Cells> cells_of(const StudyResult::Ranking& ranking) {
  std::vector<size_t> order(ranking.methods.size());
  std::iota(order.begin(), order.end(), 0);
  const std::vector<double>& strengths = ranking.strengths.log_strengths;
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return strengths[i] > strengths[j]; });
  const std::vector<double> elo = ranking.strengths.elo();
  std::vector<Cells> rows;
  for (const size_t i : order)
    rows.push_back({ranking.set, ranking.methods[i],
                    text(short_number(strengths[i]), " ± ", short_number(ranking.strengths.errors[i])),
                    short_number(elo[i])});
  return rows;
}

std::vector<Cells> pair_rows(const StudyResult& result) {
  std::vector<Cells> rows;
  for (const auto& pair : result.pairs) rows.push_back(cells_of(pair));
  return rows;
}

std::vector<Cells> rank_rows(const StudyResult& result) {
  std::vector<Cells> rows;
  for (const auto& ranking : result.rankings) {
    for (Cells& cells : cells_of(ranking)) rows.push_back(std::move(cells));
  }
  return rows;
}

Cells notes_of(const StudyResult& result) {
  Cells notes = {text(count_text(result.answers, "answer"), " of ", count_text(result.workers, "worker"), "; ",
                      percent(static_cast<double>(result.left_answers) / static_cast<double>(result.answers)),
                      " chose the left side")};
  notes.insert(notes.end(), result.notes.begin(), result.notes.end());
  for (const auto& ranking : result.rankings) {
    if (ranking.strengths.has_prior)
      notes.push_back(
          text(ranking.set, ": wins do not connect all methods; strengths are with half a win added for each pair"));
  }
  return notes;
}

std::string plain(const std::string& content) {
  std::string shown;
  for (const char c : printable(content)) shown += c == '|' ? std::string("\\|") : std::string(1, c);
  return shown;
}

std::string markdown_table(const Cells& head, const std::vector<Cells>& rows) {
  const auto line = [](const Cells& cells) {
    Cells safe;
    for (const std::string& cell : cells) safe.push_back(plain(cell));
    return text("| ", join(safe, " | "), " |\n");
  };
  std::string out = line(head) + line(Cells(head.size(), "---"));
  for (const Cells& cells : rows) out += line(cells);
  return out;
}

std::string html_table(const Cells& head, const std::vector<Cells>& rows) {
  const auto line = [](const Cells& cells, const char* tag) {
    std::string out = "<tr>";
    for (const std::string& cell : cells) out += text('<', tag, '>', escaped(cell), "</", tag, '>');
    return out + "</tr>\n";
  };
  std::string out = text("<table><thead>", line(head, "th"), "</thead><tbody>\n");
  for (const Cells& cells : rows) out += line(cells, "td");
  return out + "</tbody></table>\n";
}

}  // namespace

std::string StudyResult::markdown() const {
  std::string out = markdown_table(kPairHead, pair_rows(*this)) + '\n';
  if (!rankings.empty()) out += markdown_table(kRankHead, rank_rows(*this)) + '\n';
  for (const std::string& note : notes_of(*this)) out += text("* ", printable(note), '\n');
  return out;
}

std::string StudyResult::csv() const {
  std::string out =
      "set,first,second,wins,answers,preference,wilson_low,wilson_high,clustered_low,clustered_high,p_value,clips,"
      "workers\n";
  for (const Pair& pair : pairs) {
    out += text(csv_field(pair.set), ',', csv_field(pair.first), ',', csv_field(pair.second), ',', pair.wins, ',',
                pair.answers);
    for (const double number :
         {pair.preference(), pair.wilson.low, pair.wilson.high, pair.clustered.low, pair.clustered.high, pair.p_value})
      out += text(',', number_text(number));
    out += text(',', pair.clips, ',', pair.workers, '\n');
  }
  return out;
}

std::string StudyResult::json() const {
  Json out = {{"format", 1},
              {"name", name},
              {"workers", workers},
              {"answers", answers},
              {"left_answers", left_answers},
              {"pairs", Json::array()},
              {"rankings", Json::array()},
              {"notes", notes}};
  for (const Pair& pair : pairs) {
    out["pairs"].push_back({{"set", pair.set},
                            {"first", pair.first},
                            {"second", pair.second},
                            {"wins", pair.wins},
                            {"answers", pair.answers},
                            {"preference", pair.preference()},
                            {"wilson", {pair.wilson.low, pair.wilson.high}},
                            {"clustered", {pair.clustered.low, pair.clustered.high}},
                            {"p_value", pair.p_value},
                            {"clips", pair.clips},
                            {"workers", pair.workers}});
  }
  for (const Ranking& ranking : rankings) {
    out["rankings"].push_back({{"set", ranking.set},
                               {"methods", ranking.methods},
                               {"log_strengths", ranking.strengths.log_strengths},
                               {"errors", ranking.strengths.errors},
                               {"elo", ranking.strengths.elo()},
                               {"has_prior", ranking.strengths.has_prior}});
  }
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string StudyResult::html() const {
  std::string lines;
  for (const std::string& note : notes_of(*this)) lines += text("<p class=\"note\">", escaped(note), "</p>\n");
  const std::string ranks = rankings.empty() ? ""
                                             : text("<section><h2>Strengths (Bradley and Terry)</h2>\n",
                                                    html_table(kRankHead, rank_rows(*this)), "</section>\n");
  return text(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
      escaped(name), "</title>\n<style>", kReportStyle, "</style></head>\n<body><main>\n<header><h1>", escaped(name),
      "</h1></header>\n<section><h2>Preferences</h2>\n", html_table(kPairHead, pair_rows(*this)), lines, "</section>\n",
      ranks, "</main></body></html>\n");
}

}  // namespace weft::report
