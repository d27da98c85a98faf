#include <weft/node.h>

namespace weft::tensor {
namespace {

/// The same values, from which no gradient goes back.
struct Detach {
  static constexpr auto about = "Stops gradients (detach): passes a value on unchanged, as a target";
  static constexpr bool stops_gradients = true;

  Out<"detached", "like in[...]"> run(In<"in", "any[...]"> in) { return in->detach(); }
};

}  // namespace

void add_detach(Registry& registry) {
  registry.add<Detach>("tensor.detach");
}

}  // namespace weft::tensor
