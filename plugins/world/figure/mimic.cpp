#include "plugins/world/figure/mimic.h"

#include "plugins/world/figure/drift.h"

#include <algorithm>

namespace weft::world {
namespace {

// Purposes of random numbers.
enum Part : int64_t { kBlink = 200, kGlance, kPause, kSyllable, kVowel, kMood, kBrows, kHead = 220 };

/// From 0 to 1 and back: fast down, slower up.
double blink(double seconds) {
  return smooth_step(-0.09, 0, seconds) * smooth_step(0.22, 0.05, seconds);
}

}  // namespace

double Mimic::speech_at(double seconds) const {
  // The person speaks for a while, then listens.
  const double speaks = smooth_step(-0.25, 0.1, Drift(seed_, kPause).at(0.45 * seconds));
  const double syllables = Drift(seed_, kSyllable).at(8.5 * seconds),
               stress = Drift(seed_, kSyllable + 50).at(2.2 * seconds);
  return speaks * std::clamp(0.34 + 0.85 * syllables + 0.3 * stress, 0.0, 1.0);
}

double Mimic::lids_at(double seconds) const {
  constexpr double kEvery = 2.6;
  const auto cell = static_cast<int64_t>(std::floor(seconds / kEvery));
  double lids = 0;
  for (int64_t i = cell - 1; i <= cell + 1; ++i) {
    Chance chance(seed_, Matter::Motion, i, kBlink);
    const double at = kEvery * (static_cast<double>(i) + chance.between(0.1, 0.9));
    lids = std::max(lids, blink(seconds - at));
    if (chance.happens(0.2)) lids = std::max(lids, blink(seconds - at - 0.32));
  }
  return lids;
}

void Mimic::look(double seconds, Expression& expression) const {
  // Eyes rest, and jump.
  constexpr double kEvery = 0.8;
  const double place = seconds / kEvery;
  const auto cell = static_cast<int64_t>(std::floor(place));
  const auto rest = [&](int64_t i, double& left, double& up) {
    Chance chance(seed_, Matter::Motion, i, kGlance);
    const bool is_ahead = chance.happens(0.45);
    left = is_ahead ? chance.between(-0.06, 0.06) : chance.between(-0.42, 0.42);
    up = is_ahead ? chance.between(-0.04, 0.04) : chance.between(-0.2, 0.16);
  };
  double left = 0, up = 0, next_left = 0, next_up = 0;
  rest(cell, left, up), rest(cell + 1, next_left, next_up);
  const double done = smooth_step(0.86, 1, place - static_cast<double>(cell));
  expression.look_left = left + done * (next_left - left);
  expression.look_up = up + done * (next_up - up);
}

Expression Mimic::face_at(double seconds) const {
  Expression expression;
  look(seconds, expression);
  expression.jaw = speech_at(seconds);
  const double mood = Drift(seed_, kMood).at(0.35 * seconds);
  expression.smile = std::clamp(0.15 + 0.9 * mood, 0.0, 1.0);
  expression.wide = std::clamp(
      0.9 * Drift(seed_, kVowel).at(4.2 * seconds) * (0.3 + expression.jaw) + 0.3 * expression.smile, -1.0, 1.0);
  // Lids follow the eyes a little, and a smile narrows them.
  const double lids =
      std::max(lids_at(seconds), std::clamp(0.10 - 0.7 * expression.look_up + 0.10 * expression.smile, 0.0, 0.3));
  const double both =
      0.18 + 0.7 * Drift(seed_, kBrows).at(0.9 * seconds) + 0.4 * Drift(seed_, kBrows + 50).at(2.6 * seconds);
  const double skew = 0.3 * Drift(seed_, kBrows + 60).at(0.7 * seconds);
  expression.lids = {lids, lids};
  expression.brows = {std::clamp(both + skew, -1.0, 1.0), std::clamp(both - skew, -1.0, 1.0)};
  return expression;
}

HeadStance Mimic::head_at(double seconds) const {
  const auto drift = [&](int64_t channel, double pace) { return Drift(seed_, kHead + channel).at(pace * seconds); };
  HeadStance head;
  head.turn = 0.62 * drift(0, 0.55) + 0.10 * drift(1, 1.7);
  head.nod = 0.24 * drift(2, 0.6) + 0.07 * drift(3, 1.9) + 0.03;
  head.roll = 0.20 * drift(4, 0.5) + 0.04 * drift(5, 1.5);
  head.aside = 0.035 * drift(6, 0.4), head.up = 0.012 * drift(7, 0.5), head.ahead = 0.05 * drift(8, 0.4);
  return head;
}

}  // namespace weft::world
