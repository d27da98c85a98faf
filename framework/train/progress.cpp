#include "framework/train/progress.h"

#include "framework/base/text.h"
#include "framework/spec/param.h"

#include <cmath>
#include <cstdio>

namespace weft::train {
namespace {

constexpr double kEvery = 0.2, kPlainEvery = 10;  // seconds, on a terminal and elsewhere
constexpr double kSmoothing = 0.1;

std::string quoted(const std::string& plain) {
  return toml_text(ParamValue(plain));  // TOML's texts are JSON's
}

std::string short_text(double number) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.4g", number);
  return buffer;
}

/// JSON knows no infinities.
std::string json_number(double number) {
  return std::isfinite(number) ? number_text(number) : "null";
}

}  // namespace

std::string curve_name(const UpdateResult& update, const std::string& what) {
  return text(update.name, '/', what);
}

std::map<std::string, double> numbers_of(const ChunkResult& chunk) {
  std::map<std::string, double> numbers;
  for (const UpdateResult& update : chunk.updates) {
    for (const UpdateResult::Loss& loss : update.losses) {
      if (loss.value) numbers[curve_name(update, loss.name)] = *loss.value;
    }
    numbers[curve_name(update, "rate")] = update.rate;
    if (!update.gradient_norm) continue;
    numbers[curve_name(update, "total")] = update.total;
    numbers[curve_name(update, "gradient")] = *update.gradient_norm;
  }
  for (const auto& [name, number] : chunk.watched) numbers[name] = number;
  return numbers;
}

std::string record_of(const ChunkResult& chunk, const std::string& stage, int64_t epoch, double seconds) {
  std::string numbers;
  for (const auto& [name, number] : numbers_of(chunk))
    numbers += text(numbers.empty() ? "" : ", ", quoted(name), ": ", json_number(number));
  return text("{\"level\": \"step\", \"step\": ", chunk.step, ", \"epoch\": ", epoch,
              stage.empty() ? "" : text(", \"stage\": ", quoted(stage)), ", \"clip\": ", quoted(chunk.clip),
              ", \"frames\": ", chunk.frames, ", \"seconds\": ", json_number(std::round(seconds * 1000) / 1000),
              ", \"numbers\": {", numbers, "}}");
}

void ProgressLine::chunk(const ChunkResult& chunk, double, const Standing& standing) {
  const auto& [trainer, stage, progress, chunks_left] = standing;
  const auto seconds_between = [](Clock::time_point a, Clock::time_point b) {
    return std::chrono::duration<double>(b - a).count();
  };
  const auto now = Clock::now();
  for (const UpdateResult& update : chunk.updates) {
    const auto [entry, is_new] = smooth_.emplace(update.name, update.total);
    if (!is_new && update.gradient_norm) entry->second += kSmoothing * (update.total - entry->second);
  }
  const bool is_first = !begun_ || stage_ != stage;
  if (is_first) {  // the first chunk makes ready what the others find; each stage has a pace of its own
    begun_ = last_shown_ = now;
    stage_ = stage;
    chunks_ = frames_ = 0;
    return;
  }
  ++chunks_;
  frames_ += chunk.frames;
  if (!is_shown_ || seconds_between(last_shown_, now) < (Log::on_terminal() ? kEvery : kPlainEvery)) return;
  last_shown_ = now;
  const double seconds = seconds_between(*begun_, now);
  const double rate = static_cast<double>(chunks_) / seconds;
  std::string line = text("step ", chunk.step + 1, progress.steps > 0 ? text(" of ", progress.steps) : "", "  epoch ",
                          progress.epoch + 1, " of ", progress.epochs, stage.empty() ? "" : text(" (", stage, ')'));
  for (const auto& [name, total] : smooth_) line += text("  ", name, ' ', short_text(total));
  line += text("  ", short_text(static_cast<double>(frames_) / seconds), " frames/s");
  if (chunks_left) line += text("  ", duration_text(static_cast<double>(*chunks_left) / rate), " left");
  Log::on_terminal() ? log_.status(line) : log_.note(line);
}

void ProgressLine::clear() {
  log_.status("");
}

}  // namespace weft::train
