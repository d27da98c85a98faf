#include "plugins/prediction/prednet_network.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <ATen/ops/zeros.h>

namespace weft::prediction {

PredNetState PredNetState::before(const PredNetShape& shape, const at::Tensor& frame) {
  PredNetState state;
  int64_t height = frame.size(2), width = frame.size(3);
  for (size_t layer = 0; layer < shape.layers(); ++layer, height /= 2, width /= 2) {
    const auto zeros = [&](int64_t channels) {
      return at::zeros({frame.size(0), channels, height, width}, frame.options());
    };
    state.hidden.push_back(zeros(shape.hidden[layer]));
    state.cells.push_back(zeros(shape.hidden[layer]));
    state.errors.push_back(zeros(2 * shape.targets[layer]));
  }
  return state;
}

std::vector<at::Tensor*> PredNetState::all() {
  std::vector<at::Tensor*> all;
  for (std::vector<at::Tensor>* kind : {&hidden, &cells, &errors}) {
    for (at::Tensor& map : *kind) all.push_back(&map);
  }
  return all;
}

at::Tensor PredNetState::packed() const {
  std::vector<at::Tensor> flat;
  for (const std::vector<at::Tensor>* kind : {&hidden, &cells, &errors}) {
    for (const at::Tensor& map : *kind) flat.push_back(map.contiguous().flatten(1));
  }
  return at::cat(flat, 1);
}

PredNetState PredNetState::unpacked(const at::Tensor& packed, const PredNetShape& shape, const at::Tensor& frame) {
  PredNetState state = before(shape, frame);
  int64_t first = 0, size = 0;
  for (const at::Tensor* map : state.all()) size += map->numel() / map->size(0);
  if (packed.dim() != 2 || packed.size(1) != size) {
    throw Error(Exit::Graph, text("PredNet's state has ", size, " numbers a sample for frames of ", frame.size(2), "x",
                                  frame.size(3), ", but ", packed.size(-1), " were given"))
        .hint("wire its own output: in.state = \"NODE.state[t-1]\"");
  }
  for (at::Tensor* map : state.all()) {
    const int64_t count = map->numel() / map->size(0);
    *map = packed.narrow(1, first, count).reshape(map->sizes()).to(frame.scalar_type());
    first += count;
  }
  return state;
}

at::Tensor PredNetNetwork::operator()(const at::Tensor& frame, PredNetState& state) const {
  at::Tensor above;
  for (size_t layer = shape_.layers(); layer-- > 0;) {
    const nn::LstmState after = represent(layer, {state.hidden[layer], state.cells[layer]}, state.errors[layer], above);
    state.hidden[layer] = after.hidden;
    state.cells[layer] = after.cell;
    if (layer > 0) above = at::upsample_nearest2d(after.hidden, {2 * after.hidden.size(2), 2 * after.hidden.size(3)});
  }
  at::Tensor seen = frame, of_frame;
  for (size_t layer = 0; layer < shape_.layers(); ++layer) {
    const at::Tensor expected = predict(layer, state.hidden[layer]);
    if (layer == 0) of_frame = expected;
    state.errors[layer] = at::cat({(expected - seen).relu(), (seen - expected).relu()}, 1);
    if (layer + 1 < shape_.layers()) seen = pass_up(layer, state.errors[layer]);
  }
  return of_frame;
}

}  // namespace weft::prediction
