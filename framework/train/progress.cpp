#include "framework/train/progress.h"

#include "framework/base/text.h"
#include "framework/weights/json_text.h"

#include <cmath>
#include <cstdio>

namespace weft::train {
namespace {

constexpr double kSmoothing = 0.1;

std::string short_text(double number) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.4g", number);
  return buffer;
}

}  // namespace

std::string curve_name(const UpdateResult& update, const std::string& what) {
  return text(update.name, '/', what);
}

using weights::json_number;
using weights::json_quoted;

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
    numbers += text(numbers.empty() ? "" : ", ", json_quoted(name), ": ", json_number(number));
  return text("{\"level\": \"step\", \"step\": ", chunk.step, ", \"epoch\": ", epoch,
              stage.empty() ? "" : text(", \"stage\": ", json_quoted(stage)), ", \"clip\": ", json_quoted(chunk.clip),
              ", \"frames\": ", chunk.frames, ", \"seconds\": ", json_number(std::round(seconds * 1000) / 1000),
              ", \"numbers\": {", numbers, "}}");
}

void ProgressLine::chunk(const ChunkResult& chunk, double, const Standing& standing) {
  const auto& [trainer, stage, progress, chunks_left] = standing;
  for (const UpdateResult& update : chunk.updates) {
    const auto [entry, is_new] = smooth_.emplace(update.name, update.total);
    if (!is_new && update.gradient_norm) entry->second += kSmoothing * (update.total - entry->second);
  }
  const bool is_first = !begun_ || stage_ != stage;
  if (is_first) {  // the first chunk makes ready what the others find; each stage has a pace of its own
    begun_ = Clock::now();
    status_.begin();
    stage_ = stage;
    chunks_ = frames_ = 0;
    return;
  }
  ++chunks_;
  frames_ += chunk.frames;
  if (!is_shown_ || !status_.is_due()) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - *begun_).count();
  const double rate = static_cast<double>(chunks_) / seconds;
  std::string line = text("step ", chunk.step + 1, progress.steps > 0 ? text(" of ", progress.steps) : "", "  epoch ",
                          progress.epoch + 1, " of ", progress.epochs, stage.empty() ? "" : text(" (", stage, ')'));
  for (const auto& [name, total] : smooth_) line += text("  ", name, ' ', short_text(total));
  line += text("  ", rate_text(static_cast<double>(frames_), seconds));
  if (chunks_left) line += text("  ", duration_text(static_cast<double>(*chunks_left) / rate), " left");
  status_.show(line);
}

}  // namespace weft::train
