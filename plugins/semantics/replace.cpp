#include "plugins/semantics/label_tables.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/where.h>

#include <algorithm>

namespace weft::semantics {
namespace {

constexpr int64_t kIdsOfClass = 1000;  // Cityscapes: the id of an object is 1000 * class + its number

/// Edits a label map: some classes become others, and the rest stays.
///
/// Source: Wang et al. 2018, "Video-to-Video Synthesis", semantic manipulation: trees become buildings, and buildings trees.
struct Replace {
  static constexpr auto about =
      "Semantic manipulation of a label map: replaces classes everywhere, inside one instance, or where a mask is 1; "
      "all "
      "other pixels keep their class. The edited instance map is an output, for edges that fit. To convert all ids of "
      "a "
      "data set into those of another, use semantics.remap";

  enum class Ids { Class, Object, Zero, Keep };

  std::vector<int64_t> from, to;
  std::optional<int64_t> other, instance;
  Ids ids = Ids::Class;

  void params(Params& p) {
    p("from", from, "classes that are replaced by those of `to`, one to one and at once: two classes can change places")
        .min(kSmallestId)
        .max(kLargestId);
    p("to", to, "the new classes of those in `from`").min(0).max(kLargestId);
    p("other", other,
      "the new class of all classes that are not in `from`, such as to paint the whole mask in one class; default: "
      "they "
      "stay")
        .min(0)
        .max(kLargestId);
    p("instance", instance, "replaces only pixels of this id of the instance map; default: of all ids").min(0);
    p("ids", ids,
      "the new instance ids of replaced pixels. class: the id is the new class, as Cityscapes has it where there is no "
      "object, so that a replaced object leaves no edge within its new class; object: an object stays an object, 1000 "
      "* "
      "new class + its number; zero: 0, for maps that count objects from 1; keep: unchanged",
      {{"class", Ids::Class}, {"object", Ids::Object}, {"zero", Ids::Zero}, {"keep", Ids::Keep}});
  }

  void shape(Shapes& shapes) const {
    check_params();
    if (instance && shapes.input("instances").empty()) {
      throw Error(Exit::Graph, "semantics.replace has `instance`, but nothing is wired to the input `instances`")
          .hint("wire the instance map, or select the pixels with `mask`");
    }
  }

  std::tuple<Out<"labels", "labels[B,1,H,W]">, Out<"instances", "instances[B,1,H,W]">> run(
      In<"labels", "labels[B,1,H,W]"> labels, Opt<"instances", "instances[B,1,H,W]"> instances,
      Opt<"mask", "mask[B,1,H,W]"> mask) {
    at::Tensor edited = other ? at::full_like(*labels, *other) : *labels;
    for (size_t i = 0; i < from.size(); ++i) edited = edited.masked_fill(*labels == from[i], to[i]);
    if (instance) edited = at::where(*instances == *instance, edited, *labels);
    if (mask) edited = at::where(*mask >= 0.5, edited, *labels);
    return {edited, instances ? edited_ids(*instances, *labels, edited) : edited};
  }

 private:
  void check_params() const {
    check_pairs(from, to);
    if (from.empty() && !other) {
      throw Error(Exit::Graph, "semantics.replace has nothing to do: give `from` and `to`, or `other`");
    }
    for (auto id = from.begin(); id != from.end(); ++id) {
      if (std::find(from.begin(), id, *id) == id) continue;
      throw Error(Exit::Graph, text("`from` has the class ", *id, " twice, so its new class is not clear"));
    }
  }

  at::Tensor edited_ids(const at::Tensor& instances, const at::Tensor& labels, const at::Tensor& edited) const {
    const at::Tensor is_replaced = edited != labels;
    switch (ids) {
      case Ids::Class:
        return at::where(is_replaced, edited, instances);
      case Ids::Object: {
        const at::Tensor objects = edited * kIdsOfClass + instances.remainder(kIdsOfClass);
        return at::where(is_replaced, at::where(instances >= kIdsOfClass, objects, edited), instances);
      }
      case Ids::Zero:
        return instances.masked_fill(is_replaced, 0);
      case Ids::Keep:
        break;
    }
    return instances;
  }
};

}  // namespace

void add_replace(Registry& registry) {
  registry.add<Replace>("semantics.replace");
}

}  // namespace weft::semantics
