#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace weft::simulated {

/// Of each stream how many pieces of its work are known to be over.
///
/// A clock of a stream holds what its next work comes after; that of the host what the host has waited for. Work of stream s
/// with number n comes before whatever has a clock with clock[s] >= n. Source: Mattern 1989, "Virtual Time and Global States
/// of Distributed Systems".
constexpr int kStreams = 33;  ///< the default one and a pool, as CUDA's
using Clock = std::array<uint64_t, kStreams>;

/// Which memory is used by which work of which stream, and what was declared to come before what.
class Ledger {
 public:
  /// @param stream  on which the memory was allocated: there its end needs no wait
  void add_block(void* memory, size_t bytes, int stream);
  /// A fault where another stream may still use it.
  void remove_block(void* memory);
  /// The block will not be reused before this stream's work of now is over (Tensor::record_stream).
  void record(const void* memory, int stream);

  /// Notes one piece of work. A fault where it uses memory without being after the work that writes it, or writes memory
  /// without being after the work that uses it.
  /// @returns its number
  uint64_t add_work(int stream, const std::string& name, const std::vector<const void*>& reads,
                    const std::vector<const void*>& writes);
  /// What comes after all work of a stream so far.
  Clock clock_of(int stream);
  /// Further work of the stream comes after this.
  void let_wait(int stream, const Clock& clock);
  /// The host has waited.
  void wait(const Clock& clock);

  /// Page-locked memory of the host from or to which a copy is under way: until the host has waited for it, it may be
  /// read at most (Read) or not touched (None).
  enum class HostMay { Read, None };
  void add_copy(const void* memory, size_t bytes, int stream, uint64_t number, HostMay may);
  /// The host gives page-locked memory back.
  void forget_copies(const void* memory, size_t bytes);

 private:
  struct Use {
    int stream = 0;
    uint64_t number = 0;
    std::string name;
  };
  struct Block {
    size_t bytes = 0;
    int stream = 0;
    Use written;                      ///< number 0: not yet
    std::map<int, Use> used;          ///< by stream, the last use since it was written
    std::map<int, uint64_t> touched;  ///< by stream, the last use at all
    std::set<int> recorded;
  };
  struct Copy {
    const void* memory = nullptr;
    size_t bytes = 0;
    int stream = 0;
    uint64_t number = 0;
  };

  Block* block_of(const void* memory);
  void compare(const Use& before, int stream, const std::string& name, const char* does);

  std::mutex mutex_;
  std::map<const void*, Block> blocks_;
  std::array<Clock, kStreams> of_stream_ = {};
  Clock of_host_ = {};
  std::vector<Copy> copies_;
};

Ledger& ledger();

/// The stream on which the work of this thread goes.
int current_stream();
/// @returns the one before
int set_current_stream(int stream);

}  // namespace weft::simulated
