#pragma once

#include "plugins/estimators/region.h"
#include <weft/node.h>

#include <vector>

namespace weft::estimators {

/// What an estimator remembers of the objects that it follows: where each is expected in the next frame, and the state of
/// its filters. Each sequence of a batch has as many places for objects.
class Tracks {
 public:
  /// @param places   objects of a sequence
  /// @param columns  numbers of an object that are filtered
  /// @param rows     of a filter's state
  Tracks(int64_t places, int64_t rows, int64_t columns) : places_(places), rows_(rows), columns_(columns) {}

  /// Makes room for the sequences of a batch, where none is remembered.
  void begin(int64_t batch);

  bool is_followed(int64_t sequence, int64_t place) const;
  /// Whether the filters hold a value of the object.
  bool has_state(int64_t sequence, int64_t place) const;
  Region region(int64_t sequence, int64_t place) const;
  /// Where an object is expected in the next frame. A new one has no state.
  void follow(int64_t sequence, int64_t place, const Region& region, bool is_new);
  void lose(int64_t sequence, int64_t place);
  /// The filters' state [rows, columns], to be changed in place; from now on has_state() is true.
  at::Tensor state_of(int64_t sequence, int64_t place);

  /// Starts to follow objects that are not followed yet, while there are places.
  /// @param found  the best first
  void add(int64_t sequence, const std::vector<Region>& found);
  /// Loses objects that are followed twice.
  void lose_doubles(int64_t sequence);
  bool has_free_place(int64_t sequence) const;

  void reset();
  void state(Archive& archive);

 private:
  int64_t places_, rows_, columns_;
  at::Tensor regions_;  // [B, places, 6]: x, y, size, angle, is followed, has state
  at::Tensor filters_;  // [B, places, rows, columns]
};

}  // namespace weft::estimators
