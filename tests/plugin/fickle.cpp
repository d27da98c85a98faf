// A plugin whose registration does what WEFT_FICKLE says. Tests also make faulty libraries of copies of it.
#include <weft/node.h>

#include <ATen/TensorOperators.h>

#include <cstdlib>
#include <stdexcept>

namespace weft::fickle {
namespace {

struct Twice {
  static constexpr auto about = "Twice its input";
  Out<"out", "like in[...]"> run(In<"in", "any[...]"> in) { return *in * 2; }
};

struct Faulty {
  static constexpr auto about = "A declaration that cannot be";
  Out<"out", "imago[B,3,H,W]"> run(In<"in", "any[...]"> in) { return *in; }
};

}  // namespace
}  // namespace weft::fickle

WEFT_PLUGIN("fickle", "1.2.3", registry) {
  using namespace weft::fickle;
  const char* wish = std::getenv("WEFT_FICKLE");
  const std::string how = wish ? wish : "";
  registry.add<Twice>("fickle.twice");
  if (how == "error") throw weft::Error(weft::Exit::Plugin, "no licence").hint("ask for one");
  if (how == "exception") throw std::runtime_error("no driver");
  if (how == "number") throw 7;
  if (how == "again") registry.add<Twice>("fickle.twice");
  if (how == "taken") registry.add<Twice>("toy.add");
  if (how == "name") registry.add<Twice>("Fickle");
  if (how == "port") registry.add<Faulty>("fickle.faulty");
}
