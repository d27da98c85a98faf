#include "tests/device/simulated/ledger.h"

#include "framework/base/text.h"
#include "tests/device/simulated/faults.h"
#include "tests/device/simulated/memory.h"

#include <algorithm>
#include <utility>

namespace weft::simulated {
namespace {

thread_local int stream_of_thread = 0;

std::string name_of(int stream) {
  return stream == 0 ? "the default stream" : text("stream ", stream);
}

void raise(Clock& clock, const Clock& to) {
  for (size_t i = 0; i < clock.size(); ++i) clock[i] = std::max(clock[i], to[i]);
}

uint64_t& at(Clock& clock, int stream) {
  return clock[static_cast<size_t>(stream)];
}

}  // namespace

int current_stream() {
  return stream_of_thread;
}

int set_current_stream(int stream) {
  return std::exchange(stream_of_thread, stream);
}

Ledger& ledger() {
  static auto& one = *new Ledger();
  return one;
}

Ledger::Block* Ledger::block_of(const void* memory) {
  const auto found = blocks_.find(memory);
  return found == blocks_.end() ? nullptr : &found->second;
}

void Ledger::add_block(void* memory, size_t bytes, int stream) {
  const std::lock_guard lock(mutex_);
  Block block;
  block.bytes = bytes;
  block.stream = stream;
  // The memory may be what earlier work of the stream has just let go.
  block.written = {stream, at(of_stream_[static_cast<size_t>(stream)], stream), "the allocation"};
  blocks_[memory] = block;
}

void Ledger::remove_block(void* memory) {
  const std::lock_guard lock(mutex_);
  const auto found = blocks_.find(memory);
  if (found == blocks_.end()) return;
  const Block& block = found->second;
  for (const auto& [stream, number] : block.touched) {
    const bool is_over = stream == block.stream || block.recorded.contains(stream) ||
                         at(of_stream_[static_cast<size_t>(block.stream)], stream) >= number ||
                         at(of_host_, stream) >= number;
    if (is_over) continue;
    add_fault(text(block.bytes, " bytes of ", name_of(block.stream), " are freed while ", name_of(stream),
                   " may use them: record_stream is missing"));
  }
  blocks_.erase(found);
}

void Ledger::record(const void* memory, int stream) {
  const std::lock_guard lock(mutex_);
  if (Block* block = block_of(memory)) block->recorded.insert(stream);
}

void Ledger::compare(const Use& before, int stream, const std::string& name, const char* does) {
  if (before.number == 0 || before.stream == stream) return;
  if (at(of_stream_[static_cast<size_t>(stream)], before.stream) >= before.number) return;
  add_fault(text(name, " of ", name_of(stream), ' ', does, ' ', before.name, " of ", name_of(before.stream),
                 " without waiting for it"));
}

uint64_t Ledger::add_work(int stream, const std::string& name, const std::vector<const void*>& reads,
                          const std::vector<const void*>& writes) {
  const std::lock_guard lock(mutex_);
  Clock& clock = of_stream_[static_cast<size_t>(stream)];
  raise(clock, of_host_);
  const Use use{stream, ++at(clock, stream), name};
  for (const void* memory : reads) {
    Block* block = block_of(memory);
    if (!block) continue;
    compare(block->written, stream, name, "reads what is written by");
    block->used[stream] = use;
    block->touched[stream] = use.number;
  }
  for (const void* memory : writes) {
    Block* block = block_of(memory);
    if (!block) continue;
    compare(block->written, stream, name, "writes over the result of");
    for (const auto& [other, earlier] : block->used) compare(earlier, stream, name, "writes over what is read by");
    block->used.clear();
    block->written = use;
    block->touched[stream] = use.number;
  }
  return use.number;
}

Clock Ledger::clock_of(int stream) {
  const std::lock_guard lock(mutex_);
  return of_stream_[static_cast<size_t>(stream)];
}

void Ledger::let_wait(int stream, const Clock& clock) {
  const std::lock_guard lock(mutex_);
  raise(of_stream_[static_cast<size_t>(stream)], clock);
}

void Ledger::wait(const Clock& clock) {
  const std::lock_guard lock(mutex_);
  raise(of_host_, clock);
  std::erase_if(copies_, [this](const Copy& copy) {
    const bool is_over = at(of_host_, copy.stream) >= copy.number;
    if (is_over) locked_memory().protect(copy.memory, copy.bytes, PROT_READ | PROT_WRITE);
    return is_over;
  });
}

void Ledger::add_copy(const void* memory, size_t bytes, int stream, uint64_t number, HostMay may) {
  if (bytes == 0) return;
  const std::lock_guard lock(mutex_);
  copies_.push_back({memory, bytes, stream, number});
  locked_memory().protect(memory, bytes, may == HostMay::Read ? PROT_READ : PROT_NONE);
}

void Ledger::forget_copies(const void* memory, size_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto* begin = static_cast<const std::byte*>(memory);
  std::erase_if(copies_, [&](const Copy& copy) {
    const auto* place = static_cast<const std::byte*>(copy.memory);
    return place >= begin && place < begin + bytes;
  });
  locked_memory().protect(memory, bytes, PROT_READ | PROT_WRITE);
}

}  // namespace weft::simulated
