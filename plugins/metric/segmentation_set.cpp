#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/metric/confusion.h"
#include "plugins/metric/results.h"

#include <algorithm>
#include <map>
#include <optional>

namespace weft::metric {
namespace {

/// Accuracy of labels over a whole set.
struct SegmentationSet {
  static constexpr bool on_host = true;
  static constexpr bool whole_batch = true;
  static constexpr auto about =
      "Segmentation accuracy over all sequences: pixel accuracy, class accuracy, mean intersection over union (mIoU) "
      "and "
      "frequency-weighted IoU from one confusion matrix, reported at the end of the run. For generated frames wire the "
      "labels that a segmentation network finds in them, and as `target` the labels that they were made from; compare "
      "with the same numbers of real frames. Targets that are no class, such as 255, are left out; classes that do not "
      "occur have no IoU";

  Reporting reporting;
  int64_t classes = 19;
  bool each = false;
  std::vector<int64_t> subset;

  void params(Params& p) {
    reporting.declare(p, "name before the numbers in the report, such as \"segmentation\"");
    reporting.declare_by_frame(p, "the mIoU");
    p("classes", classes, "number of classes: ids 0 to classes - 1").min(1).max(4096);
    p("each_class", each, "whether the IoU of each class that occurs is reported too");
    p("subset", subset, "classes whose mIoU is reported too, such as those that move").min(0).max(4095);
  }

  void shape(Shapes&) const {
    for (const int64_t c : subset) {
      if (std::count(subset.begin(), subset.end(), c) > 1) throw Error(Exit::Graph, text("`subset` has ", c, " twice"));
      if (c >= classes) throw Error(Exit::Graph, text("`subset` has ", c, ", but there are ", classes, " classes"));
    }
  }

  void run(In<"labels", "labels[B,1,H,W]"> labels, In<"target", "labels[B,1,H,W]"> target, Context& context) {
    if (!confusion_) confusion_.emplace(classes);
    confusion_->add(*target, *labels);
    if (reporting.by_frame) by_frame_.try_emplace(context.frame(), classes).first->second.add(*target, *labels);
  }

  void complete(Context& context) {
    const Confusion::Accuracy found = confusion_ ? confusion_->accuracy() : Confusion::Accuracy{};
    if (found.pixels == 0 && context.is_broken_off()) return;
    if (found.pixels == 0) {
      throw Error(Exit::Data, text("no pixel of the target is one of the classes 0 to ", classes - 1))
          .hint("set `classes`, or remap the labels with semantics.remap");
    }
    const auto named = [&](const char* what) { return text(reporting.name, ' ', what); };
    Findings findings{.metric = reporting.name,
                      .method = reporting.method,
                      .settings = text(context.origin("labels"), context.origin("labels").empty() ? "" : "; ", classes,
                                       " classes, one matrix for the set"),
                      .samples = count_text(found.pixels, "pixel"),
                      .numbers = {{named("pixel accuracy"), found.pixel},
                                  {named("class accuracy"), found.classes},
                                  {named("mIoU"), found.mean_iou},
                                  {named("fwIoU"), found.weighted_iou}}};
    if (!subset.empty()) add_subset(findings, found);
    if (each) add_each(findings, found);
    findings.by_frame = curve(named("mIoU"));
    findings.is_broken_off = context.is_broken_off();
    reporting.publish(findings, context);
  }

 private:
  FrameCurve curve(const std::string& name) const {
    FrameCurve curve{name, {}};
    for (const auto& [t, confusion] : by_frame_) {
      const Confusion::Accuracy found = confusion.accuracy();
      if (found.pixels > 0) curve.points.push_back({t, found.mean_iou});
    }
    return curve;
  }

  void add_subset(Findings& findings, const Confusion::Accuracy& found) const {
    const auto iou = found.iou.accessor<double, 1>();
    double sum = 0;
    int64_t known = 0;
    std::vector<std::string> names;
    for (const int64_t c : subset) {
      names.push_back(text(c));
      if (iou[c] != iou[c]) continue;
      sum += iou[c];
      ++known;
    }
    if (known > 0)
      findings.numbers.push_back({text(reporting.name, " mIoU of subset"), sum / static_cast<double>(known)});
    findings.settings += text("; subset ", join(names));
  }

  void add_each(Findings& findings, const Confusion::Accuracy& found) const {
    const auto iou = found.iou.accessor<double, 1>();
    for (int64_t c = 0; c < classes; ++c) {
      if (iou[c] == iou[c]) findings.numbers.push_back({text(reporting.name, " IoU ", c), iou[c]});
    }
  }

  std::optional<Confusion> confusion_;
  std::map<int64_t, Confusion> by_frame_;
};

}  // namespace

void add_segmentation(Registry& registry) {
  registry.add<SegmentationSet>("metric.segmentation");
}

}  // namespace weft::metric
