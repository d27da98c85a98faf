#include "plugins/media/data_set.h"

#include "framework/base/text.h"
#include "framework/data/frame_number.h"
#include "framework/data/ordinary_file.h"
#include "plugins/media/endings.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

namespace weft::media {
namespace {

namespace fs = std::filesystem;

/// The files of one kind, by sequence, in natural order.
struct Listed {
  struct Sequence {
    std::string name;
    std::vector<std::string> frames, files;
  };
  Modality modality = Modality::Image;
  std::vector<Sequence> sequences;
  std::map<std::string, size_t> places;  ///< of sequences, by name

  Sequence& add(const std::string& name) {
    places.emplace(name, sequences.size());
    return sequences.emplace_back(Sequence{name, {}, {}});
  }
  const Sequence* find(const std::string& name) const {
    const auto found = places.find(name);
    return found == places.end() ? nullptr : &sequences[found->second];
  }
};

bool follows(const std::string& before, const std::string& frame) {
  const auto first = data::frame_number(before), second = data::frame_number(frame);
  return !first || !second || *second == *first + 1;
}

Listed list(const std::vector<FoundFile>& found, Modality modality, bool is_cut_at_gaps) {
  Listed listed;
  listed.modality = modality;
  const FoundFile* before = nullptr;
  for (const FoundFile& file : found) {
    const bool goes_on =
        before && before->sequence == file.sequence && (!is_cut_at_gaps || follows(before->frame, file.frame));
    if (!goes_on) listed.add(is_cut_at_gaps ? text(file.sequence, '_', file.frame) : file.sequence);
    listed.sequences.back().frames.push_back(file.frame);
    listed.sequences.back().files.push_back(file.path);
    before = &file;
  }
  return listed;
}

/// "sequence "ulm"", or nothing to say where there is but one without a name.
std::string of_sequence(const std::string& name) {
  return name.empty() ? "" : text(" of sequence \"", name, '"');
}

bool all_digits(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_same_frame(const std::string& a, const std::string& b) {
  return a == b ||
         (all_digits(a) && all_digits(b) && data::frame_number(a) && data::frame_number(a) == data::frame_number(b));
}

/// Frames that are there twice, as a copy of another ending or by the same number, and sequences of one name in two folders.
void report_doubles(const std::vector<FoundFile>& found, std::vector<DataFault>& faults) {
  const FoundFile* before = nullptr;
  std::string folder, first;  // of the file before, and of its sequence
  bool is_told = false;
  for (const FoundFile& file : found) {
    const std::string last = std::exchange(folder, fs::path(file.path).parent_path().string());
    const FoundFile* const earlier = std::exchange(before, &file);
    if (!earlier || earlier->sequence != file.sequence) {
      first = folder;
      is_told = false;
      continue;
    }
    if (!file.sequence.empty() && first != folder && !std::exchange(is_told, true)) {
      faults.push_back({text("the sequence \"", file.sequence, "\" lies in two folders: ", first, " and ", folder),
                        "give them different names"});
    }
    if (folder != last || !is_same_frame(earlier->frame, file.frame)) continue;
    faults.push_back({text("the frame ", file.frame, of_sequence(file.sequence), " is there twice: ", earlier->path,
                           " and ", file.path),
                      "remove one of them"});
  }
}

std::vector<std::string> folders_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code unknown;
    const std::string name = entry->path().filename();
    if (entry->is_directory(unknown) && !name.starts_with('.')) names.push_back(name);
  }
  std::sort(names.begin(), names.end(), natural_less);
  return names;
}

/// Reports the sequences that the list of a split names, and of which there are no files. @returns whether there are any
bool report_absent(const Layout& layout, const std::string& split, const std::vector<FoundFile>& found,
                   std::vector<DataFault>& faults) {
  const auto list = layout.sequences.find(split);
  if (list == layout.sequences.end()) return false;
  const size_t before = faults.size();
  for (const std::string& name : list->second) {
    if (std::any_of(found.begin(), found.end(), [&](const FoundFile& file) { return file.sequence == name; })) continue;
    faults.push_back({text("the sequence \"", name, "\" of the split ", split, " is not there"),
                      text("add its files; of the layout ", layout.name, ", [sequences] lists those of each split")});
  }
  return faults.size() > before;
}

/// No file of a kind that must be there.
DataFault nothing_found(const ModalityFiles& files, Modality modality, const Layout& layout, const std::string& root,
                        const std::string& split) {
  const std::string folder = files.pattern.folder(layout.folder_of_split(split));
  const fs::path whole = fs::path(root) / folder;
  std::error_code unknown;
  if (!fs::is_directory(whole, unknown)) {
    const fs::path splits = fs::path(root) / files.pattern.folder(".");
    const bool is_above = fs::path(folder).parent_path() == files.pattern.folder(".");  // the folder of all splits
    const std::vector<std::string> others = is_above ? folders_in(splits) : std::vector<std::string>();
    if (split != "." && !others.empty() && files.pattern.files(root, ".", endings_of(modality)).empty())
      return {text("there is no split ", whole.string()),
              text(splits.string(), " has ", quoted_list(others, "and", 6))};
    if (split != "." && fs::is_directory(splits, unknown))
      return {text("there is no split ", (fs::path(root) / layout.folder_of_split(split)).string()),
              "the data has no splits: give `split = \".\"`, on the command line --split ."};
    const std::vector<std::string> names = folders_in(root);
    return {text("there is no folder ", whole.string(), ", where the files of [", name_of(modality), "] should lie"),
            names.empty() ? text(root, " has no folders at all")
                          : text("the layout ", layout.name, " wants ", files.pattern.text(), "; ", root, " has ",
                                 quoted_list(names, "and", 6))};
  }
  return {text("the folder ", whole.string(), " has no files of [", name_of(modality), ']'),
          text("the layout ", layout.name, " wants ", files.pattern.text(),
               files.pattern.has_ending() ? "" : text(" with an ending: ", join(endings_of(modality), " or ")))};
}

/// Whether a folder has pictures, but none whose ending counts.
bool has_others_alone(const fs::path& folder, const std::vector<std::string>& endings) {
  constexpr int kMostEntries = 100'000;
  const std::vector<std::string> pictures = picture_endings();
  bool has_others = false;
  std::error_code error;
  int entries = 0;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end && ++entries < kMostEntries;
       entry.increment(error)) {
    const std::string ending = lower_case(entry->path().extension());
    if (std::find(endings.begin(), endings.end(), ending) != endings.end()) return false;
    has_others = has_others || std::find(pictures.begin(), pictures.end(), ending) != pictures.end();
  }
  return has_others;
}

/// What two frames that belong together have in common, for each frame of a sequence.
/// @returns nothing where the first belongs to the first
std::vector<std::string> keys_of(const Listed::Sequence& sequence, Pairs pairs) {
  if (pairs == Pairs::Name) return sequence.frames;
  std::vector<std::string> keys;
  if (pairs == Pairs::Order) return keys;
  for (const int64_t number : data::rising_numbers(sequence.frames)) keys.push_back(std::to_string(number));
  return keys;
}

/// The same sequence of two kinds of files, with the keys of its frames.
struct SamePair {
  const Listed* listed;
  const Listed::Sequence* own;
  std::vector<std::string> keys;
};

/// Frames that `a` has and `b` has not.
std::vector<std::string> missing_in(const SamePair& a, const SamePair& b) {
  const std::set<std::string> known(b.keys.begin(), b.keys.end());
  std::vector<std::string> missing;
  for (size_t i = 0; i < a.keys.size(); ++i) {
    if (!known.contains(a.keys[i])) missing.push_back(a.own->frames[i]);
  }
  return missing;
}

/// Compares the same sequence of two kinds of files. @returns whether they belong together
bool fits(const SamePair& one, const SamePair& reference, std::vector<DataFault>& faults) {
  const std::string kind = name_of(one.listed->modality), other = name_of(reference.listed->modality);
  const std::string where = of_sequence(reference.own->name);
  if (!one.keys.empty() && !reference.keys.empty()) {
    const std::vector<std::string> here = missing_in(reference, one), there = missing_in(one, reference);
    for (const auto& [missing, without, with] : {std::tuple(&here, &kind, &other), std::tuple(&there, &other, &kind)}) {
      if (missing->empty()) continue;
      faults.push_back(
          {text(*without, where, " has no file for frame ", missing->front(),
                missing->size() > 1 ? text(" and ", missing->size() - 1, " more") : "", ", but ", *with, " has"),
           text("add the missing ones to ", *without, ", or remove this one from ", *with)});
    }
    if (!here.empty() || !there.empty()) return false;  // otherwise a frame may be there twice
  }
  if (one.own->files.size() == reference.own->files.size()) return true;
  faults.push_back({text(kind, where, " has ", count_text(static_cast<int64_t>(one.own->files.size()), "file"),
                         ", but ", other, " has ", reference.own->files.size()),
                    "frames are matched by their order, so there must be as many of each"});
  return false;
}

/// Keeps the frames of a sequence that every kind of files has, as far as their names say that.
std::vector<Listed::Sequence> common_frames(const std::vector<SamePair>& kinds) {
  std::vector<std::set<std::string>> known;
  for (const SamePair& kind : kinds) known.emplace_back(kind.keys.begin(), kind.keys.end());
  std::vector<Listed::Sequence> common;
  for (const SamePair& kind : kinds) {
    Listed::Sequence kept{kind.own->name, {}, {}};
    for (size_t i = 0; i < kind.own->files.size(); ++i) {
      const bool is_common = kind.keys.empty() || std::all_of(known.begin(), known.end(), [&](const auto& keys) {
                               return keys.empty() || keys.contains(kind.keys[i]);
                             });
      if (!is_common) continue;
      kept.frames.push_back(kind.own->frames[i]);
      kept.files.push_back(kind.own->files[i]);
    }
    common.push_back(std::move(kept));
  }
  return common;
}

/// Adds a sequence of which all kinds of files were found.
void add_sequence(const std::vector<SamePair>& found, const Layout& layout, Lacking lacking, DataSet& data) {
  std::vector<Listed::Sequence> common;
  std::vector<SamePair> kinds = found;
  if (lacking == Lacking::LeftOut) {
    common = common_frames(found);
    kinds.clear();
    for (size_t i = 0; i < found.size(); ++i) {
      kinds.push_back({found[i].listed, &common[i], keys_of(common[i], layout.pairs)});
    }
    if (common.front().files.empty()) kinds = found;  // whose faults say why
  }
  DataSequence paired{kinds.front().own->name, kinds.front().own->frames, {}};
  bool is_whole = true;
  for (const SamePair& kind : kinds) {
    is_whole = fits(kind, kinds.front(), data.faults) && is_whole;
    paired.files[static_cast<size_t>(kind.listed->modality)] = kind.own->files;
  }
  if (is_whole) data.sequences.push_back(std::move(paired));
}

/// Puts the files of each sequence together; the first kind says which sequences there are.
void pair(const std::vector<Listed>& all, const Layout& layout, Lacking lacking, DataSet& data) {
  const Listed& reference = all.front();
  for (const Listed& listed : all) {
    // The folders of single sequences may be called what they like.
    if (listed.sequences.size() == 1 && reference.sequences.size() == 1) continue;
    for (const Listed::Sequence& own : listed.sequences) {
      if (reference.find(own.name)) continue;
      data.faults.push_back({text(name_of(listed.modality), " has the sequence \"", own.name, "\", but ",
                                  name_of(reference.modality), " has not"),
                             "folders of one sequence have one name; add the missing one, or remove this one"});
    }
  }
  for (const Listed::Sequence& sequence : reference.sequences) {
    std::vector<SamePair> kinds;
    std::vector<DataFault> lacking_kinds;
    for (const Listed& listed : all) {
      const bool is_single = listed.sequences.size() == 1 && reference.sequences.size() == 1;
      const Listed::Sequence* own = is_single ? &listed.sequences.front() : listed.find(sequence.name);
      if (own) kinds.push_back({&listed, own, keys_of(*own, layout.pairs)});
      if (own) continue;
      lacking_kinds.push_back({text(name_of(reference.modality), " has the sequence \"", sequence.name, "\", but ",
                                    name_of(listed.modality), " has not"),
                               "folders of one sequence have one name; add the missing one, or remove this one"});
    }
    if (lacking_kinds.empty()) {
      add_sequence(kinds, layout, lacking, data);
      continue;
    }
    for (const SamePair& kind : kinds) fits(kind, kinds.front(), data.faults);
    data.faults.insert(data.faults.end(), lacking_kinds.begin(), lacking_kinds.end());
  }
}

}  // namespace

int64_t DataSet::frames() const {
  int64_t frames = 0;
  for (const DataSequence& sequence : sequences) frames += sequence.frames();
  return frames;
}

DataSet find_data(const Layout& layout, const std::string& root, const std::string& split, Lacking lacking) {
  data::check_path(root);
  DataSet data;
  std::error_code unknown;
  if (!fs::is_directory(root, unknown)) {
    data.faults.push_back({fs::exists(root, unknown) ? text(root, " is no folder") : text("there is no folder ", root),
                           "give the folder of the data set, where its layout begins"});
    return data;
  }
  std::vector<Listed> all;
  const ModalityFiles* first = nullptr;
  Modality first_modality = Modality::Image;
  for (const Modality modality : kAllModalities) {
    const auto at = static_cast<size_t>(modality);
    const auto& files = layout.files[at];
    if (!files) continue;
    if (!first) first_modality = modality;
    if (!first) first = &*files;
    std::vector<FoundFile> found = files->pattern.files(root, layout.folder_of_split(split), endings_of(modality));
    std::erase_if(found, [&](const FoundFile& file) { return !layout.has(split, file.sequence); });
    data.is_there[at] = !found.empty();
    if (!found.empty()) all.push_back(list(found, modality, layout.is_cut_at_gaps));
    const fs::path folder = fs::path(root) / files->pattern.folder(layout.folder_of_split(split));
    report_doubles(found, data.faults);
    const bool is_told = &*files == first && report_absent(layout, split, found, data.faults);
    if (found.empty() && !is_told && (files->is_required || has_others_alone(folder, endings_of(modality))))
      data.faults.push_back(nothing_found(*files, modality, layout, root, split));
  }
  for (const auto& [kind, keypoints] : layout.keypoints) {
    const fs::path folder = (fs::path(root) / keypoints.folder(layout.folder_of_split(split))).lexically_normal();
    if (fs::is_directory(folder, unknown)) data.keypoints[kind] = folder;
  }
  if (all.empty() && data.faults.empty())
    data.faults.push_back(nothing_found(*first, first_modality, layout, root, split));
  if (!all.empty()) pair(all, layout, lacking, data);
  return data;
}

}  // namespace weft::media
