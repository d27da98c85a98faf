#include "plugins/media/data_look.h"
#include <weft/node.h>

#include <ATen/ops/scalar_tensor.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <tuple>

namespace weft::media {
namespace {

/// The faults of a data set, one by one; `weft data check` prints them.
struct CheckData {
  static constexpr auto about =
      "Checks a data set before training, as `weft data check` does: gives a text for each fault, and at the end a "
      "summary, whose last line comes with `facts`, a JSON object";

  DataSetParams data;
  std::optional<std::string> remap;
  bool only_headers = false;

  void params(Params& p) {
    data.params(p);
    p("remap", remap,
      "the layout's table that the training converts label ids with; default: the layout's own ids count");
    p("only_headers", only_headers, "reads only the headers of files, which tell their sizes, and no pixels");
  }

  std::optional<
      std::tuple<Out<"finding", "text">, Out<"way_out", "text">, Out<"is_fault", "scalar">, Out<"facts", "text">>>
  run() {
    if (!found_) begin();
    while (findings_.empty() && next_ < found_->sequences.size()) {
      for (const DataFault& fault : look_->look_at(found_->sequences[next_])) findings_.push_back({fault, true});
      if (++next_ == found_->sequences.size()) end();
    }
    if (findings_.empty()) return {};
    const Finding finding = std::move(findings_.front());
    findings_.pop_front();
    return std::tuple{Out<"finding", "text">(finding.fault.what), Out<"way_out", "text">(finding.fault.way_out),
                      Out<"is_fault", "scalar">(at::scalar_tensor(finding.is_fault ? 1 : 0, at::kFloat)),
                      Out<"facts", "text">(findings_.empty() ? facts_ : "")};
  }

 private:
  struct Finding {
    DataFault fault;
    bool is_fault = false;
  };

  void begin() {
    layout_ = data.read();
    const RemapTable* table = remap ? &layout_.remap(*remap) : nullptr;
    found_ = std::make_unique<DataSet>(find_data(layout_, data.root, data.split));
    look_ = std::make_unique<DataLook>(layout_, table, only_headers ? Look::Headers : Look::Whole);
    for (const DataFault& fault : found_->faults) findings_.push_back({fault, true});
    for (const auto& [kind, keypoints] : layout_.keypoints) {
      if (!keypoints.is_required || found_->keypoints.contains(kind)) continue;
      const std::string folder = keypoints.folder(layout_.folder_of_split(data.split));
      findings_.push_back(
          {{text("there is no folder ", data.root, '/', folder, ", where the files of [", kind, "] should lie"),
            text("the layout ", layout_.name, " wants ", keypoints.pattern)},
           true});
    }
  }

  /// The summary, after all faults.
  void end() {
    int64_t shortest = found_->sequences.front().frames(), longest = 0;
    for (const DataSequence& sequence : found_->sequences) {
      shortest = std::min(shortest, sequence.frames());
      longest = std::max(longest, sequence.frames());
    }
    const std::string each = shortest == longest ? text(shortest) : text(shortest, " to ", longest);
    add_note(text(data.split, ": ", count_text(static_cast<int64_t>(found_->sequences.size()), "sequence"), " of ",
                  each, longest == 1 ? " frame, " : " frames, ", found_->frames(), " in all"));
    for (const std::string& line : look_->summary(*found_)) add_note(line);
    facts_ = look_->facts(*found_);
  }

  void add_note(const std::string& line) { findings_.push_back({{line, ""}, false}); }

  Layout layout_;
  std::unique_ptr<const DataSet> found_;
  std::unique_ptr<DataLook> look_;
  size_t next_ = 0;
  std::deque<Finding> findings_;
  std::string facts_;  ///< given with the last finding
};

}  // namespace

void add_check_data(Registry& registry) {
  registry.add<CheckData>("media.check_data");
}

}  // namespace weft::media
