#include "framework/data/clip_choice.h"
#include "plugins/media/clip_frame.h"
#include "plugins/media/data_set.h"
#include "plugins/media/picture.h"
#include <weft/node.h>

#include <deque>
#include <filesystem>
#include <future>
#include <memory>
#include <tuple>

namespace weft::media {
namespace {

/// Clips of a data set.
///
/// All that is drawn depends on the seed, the epoch and the sequence alone, not on what was read before: training that
/// is resumed sees the same clips, and so does a second node that reads files of the same sequences.
///
/// Source: the data rules of the 2018 program; docs/media.md.
struct Clips {
  static constexpr auto about =
      "Clips of a data set: images, label maps, instance maps and condition images that belong together. In training, "
      "an epoch has one clip of each sequence, from a random start, in random order; in a run, each sequence gives its "
      "first frames, in natural order. Outputs that the data set lacks cannot be wired. `window` is the visible part "
      "of the files' frames, in pixels of the clip's first file: its upper left and lower right corner, or its upper "
      "right and lower left one where the clip is mirrored; wired to pose.draw and the face nodes, it makes them show "
      "the same part";
  static constexpr bool random = true;

  DataSetParams data;
  std::optional<std::string> remap;
  data::ClipRules rules;
  std::optional<int64_t> clips;
  data::ExampleRules example;
  std::optional<std::string> held_out;
  ViewRules view;
  Lacking missing = Lacking::Fault;
  int64_t workers = 2;

  void params(Params& p) {
    data.params(p);
    p("remap", remap, "the layout's table that converts label ids, such as training_ids of cityscapes");
    p("length", rules.length, "frames of a clip; 0: the whole sequence. A shorter sequence gives all its frames")
        .min(0);
    p("stride", rules.longest_step,
      "in training, a clip takes every n-th frame, with a random n from 1 to this, or to the largest that the "
      "sequence's length allows")
        .min(1);
    p("clips", clips,
      "clips in an epoch of training, each of a random sequence with a probability in proportion to its frames, for "
      "data with a few long videos; 0: as many as there are frames; default: one of each sequence")
        .min(0);
    example.declare(p);
    p("held_out", held_out,
      "the split that is kept for measuring, such as \"val\": none of its sequences may be read here, by its name");
    view.params(p);
    p("missing", missing, "a frame that lacks a file of some kind: an error, or left out as a whole",
      {{"error", Lacking::Fault}, {"skip", Lacking::LeftOut}});
    p("workers", workers, "threads that read files ahead").min(1).max(64);
  }

  void shape(Shapes& shapes) const {
    view.shape(shapes);
    if (remap && !data.layout_file) data.read().remap(*remap);
    if (held_out && *held_out == data.split)
      throw Error(Exit::Graph, text("media.clips: `held_out` is the split that is read, ", quoted(data.split)));
  }

  std::optional<int64_t> frame_count() const {
    if (example.number) return 1;
    return rules.length > 0 ? std::optional(rules.length) : std::nullopt;
  }

  std::vector<std::string> sequences() {
    load();
    std::vector<std::string> names;
    for (const DataSequence& sequence : found_->sequences) names.push_back(name_of_sequence(sequence));
    return names;
  }

  bool skip_sequence() {
    load();
    return next_++ < most_clips();
  }

  std::optional<std::string> next_sequence(Context& context) {
    load();
    ahead_.clear();
    const uint64_t seed = data::clip_seed(context);
    if (order_.empty()) order_ = order_of_epoch(context, seed);
    if (next_ >= order_.size()) return {};
    const size_t number = order_[next_];
    // A sequence that is chosen twice gives two clips.
    const size_t of_clip = clips ? next_ : number;
    data::Draws draws = data::draws_of_clip(seed, of_clip);
    ++next_;
    sequence_ = &found_->sequences[number];
    frames_ = context.is_training() ? data::draw_clip(rules, sequence_->frames(), draws)
                                    : data::first_clip(rules, sequence_->frames());
    if (example.number) {
      frames_ = {.begin = data::draw_example(example, frames_, name_of_sequence(*sequence_), sequence_->frames(),
                                             data::draws_of_examples(seed, of_clip)),
                 .count = 1};
    }
    begun_ = given_ = 0;
    look_at_first(context.is_training() ? &draws : nullptr);
    return name_of_sequence(*sequence_);
  }

  std::vector<std::string> frame_names() {
    std::vector<std::string> names;
    for (int64_t t = 0; t < frames_.count; ++t) names.push_back(sequence_->frame_names[frame_at(t)]);
    return names;
  }

  std::vector<std::vector<std::string>> drawn_from() {
    load();
    std::vector<std::vector<std::string>> names;
    for (const DataSequence& sequence : found_->sequences) names.push_back(sequence.frame_names);
    return names;
  }

  std::optional<int64_t> frames() { return frames_.count; }

  bool skip() {
    if (given_ == frames_.count) return false;
    ++given_;
    if (!ahead_.empty()) ahead_.pop_front();
    begun_ = std::max(begun_, given_);
    return true;
  }

  std::optional<std::tuple<Out<"image", "image[B,3,H,W]">, Out<"labels", "labels[B,1,H,W]">,
                           Out<"instances", "instances[B,1,H,W]">, Out<"condition", "image[B,3,H,W]">,
                           Out<"window", "keypoints[B,2,3]">>>
  run() {
    if (given_ == frames_.count) return {};
    for (; begun_ < frames_.count && begun_ < given_ + workers; ++begun_) {
      ahead_.push_back(
          std::async(std::launch::async, [files = files_at(begun_), how = how_] { return read_frame(files, *how); }));
    }
    ++given_;
    std::future<std::array<at::Tensor, kModalities>> next = std::move(ahead_.front());
    ahead_.pop_front();
    auto [image, labels, instances, condition] = next.get();
    return std::tuple{
        Out<"image", "image[B,3,H,W]">(std::move(image)), Out<"labels", "labels[B,1,H,W]">(std::move(labels)),
        Out<"instances", "instances[B,1,H,W]">(std::move(instances)),
        Out<"condition", "image[B,3,H,W]">(std::move(condition)), Out<"window", "keypoints[B,2,3]">(window_)};
  }

 private:
  void load() {
    if (found_) return;
    layout_ = data.read();
    lookup_ = id_lookup(remap ? &layout_.remap(*remap) : nullptr);
    auto found = std::make_unique<DataSet>(whole_split(data.split));
    if (held_out) {
      std::vector<std::string> names, kept;
      for (const DataSequence& one : found->sequences) names.push_back(one.name);
      for (const DataSequence& one : whole_split(*held_out).sequences) kept.push_back(one.name);
      data::check_disjoint(names, kept, text("the split ", *held_out));
    }
    found_ = std::move(found);
  }

  /// @throws Error  (Data) with the first fault; of a split that is held out too, whose sequences would not be known otherwise
  DataSet whole_split(const std::string& split) const {
    DataSet found = find_data(layout_, data.root, split, missing);
    if (found.faults.empty()) return found;
    const DataFault& fault = found.faults.front();
    const auto others = static_cast<int64_t>(found.faults.size()) - 1;
    const std::string more = others > 0 ? text(" (and ", count_text(others, "more fault"), ')') : "";
    const std::string layout =
        data.layout_file ? text("--layout-file ", *data.layout_file) : text("--layout ", data.layout);
    throw Error(Exit::Data,
                text(split == data.split ? "" : text("`held_out`, the split ", split, ": "), fault.what, more))
        .hint(fault.way_out)
        .hint(text("to see all: weft data check ", data.root, ' ', layout, " --split ", split));
  }

  std::string name_of_sequence(const DataSequence& sequence) const {
    if (!sequence.name.empty()) return sequence.name;
    return std::filesystem::path(data.root.c_str()).lexically_normal().filename();
  }

  std::vector<int64_t> frames_of_sequences() const {
    std::vector<int64_t> frames;
    for (const DataSequence& sequence : found_->sequences) frames.push_back(sequence.frames());
    return frames;
  }

  /// Whether this is training, where there may be more clips than sequences, only next_sequence() knows.
  size_t most_clips() const {
    const size_t sequences = found_->sequences.size();
    return clips ? std::max(sequences, static_cast<size_t>(data::count_clips(frames_of_sequences(), *clips)))
                 : sequences;
  }

  std::vector<size_t> order_of_epoch(const Context& context, uint64_t seed) const {
    const size_t count = found_->sequences.size();
    if (context.is_training() && !clips) return data::shuffled_sequences(count, seed);
    if (context.is_training()) return data::drawn_sequences(frames_of_sequences(), *clips, seed);
    std::vector<size_t> order(count);
    for (size_t i = 0; i < count; ++i) order[i] = i;
    return order;
  }

  /// The size of the first frame decides what is seen of all; of the files that the others are drawn after, as the
  /// program does.
  void look_at_first(data::Draws* draws) {
    FrameRules how;
    const FrameFilesOf first = files_at(0);
    for (const Modality modality : {Modality::Labels, Modality::Condition, Modality::Image, Modality::Instances}) {
      const auto at = static_cast<size_t>(modality);
      if (layout_.files[at]) how.filters[at] = layout_.files[at]->filter;
      if (how.source_file.empty()) how.source_file = first[at];
    }
    view.check();
    how.source = picture_size(how.source_file);
    how.view = view.view(how.source, draws);
    how.keeps_size = view.keeps_size();
    how.lookup = lookup_;
    how.palette = layout_.palette;
    window_ = window_of(how.view, how.source);
    how_ = std::make_shared<const FrameRules>(std::move(how));
  }

  size_t frame_at(int64_t t) const { return static_cast<size_t>(frames_.begin + t * frames_.step); }

  FrameFilesOf files_at(int64_t t) const {
    FrameFilesOf files;
    for (size_t at = 0; at < kModalities; ++at) {
      if (!sequence_->files[at].empty()) files[at] = sequence_->files[at][frame_at(t)];
    }
    return files;
  }

  Layout layout_;
  IdLookup lookup_;
  std::unique_ptr<const DataSet> found_;
  std::vector<size_t> order_;  ///< sequences of the epoch for which this node was made
  size_t next_ = 0;            ///< clip of the epoch
  const DataSequence* sequence_ = nullptr;
  data::ClipFrames frames_;
  std::shared_ptr<const FrameRules> how_;
  at::Tensor window_;              ///< [1, 2, 3], of the clip
  int64_t begun_ = 0, given_ = 0;  ///< frames of the clip that were begun to be read, and given
  std::deque<std::future<std::array<at::Tensor, kModalities>>> ahead_;
};

}  // namespace

void add_clips(Registry& registry) {
  registry.add<Clips>("media.clips");
}

}  // namespace weft::media
