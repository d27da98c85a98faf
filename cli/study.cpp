#include "cli/cli.h"
#include "cli/running.h"
#include "cli/study_file.h"
#include "framework/base/text.h"
#include "framework/report/study_page.h"
#include "framework/report/study_result.h"
#include "framework/weights/atomic_file.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStudyFile = "study.json";
constexpr const char* kPage = "study.html";
constexpr uintmax_t kLargestPage = 500'000'000;  // bytes of clips; browsers read a page whole

struct Arguments {
  std::string file, folder;  ///< of a study that is made
  std::vector<std::string> answers;
  std::string study;  ///< folder of a study that is read
};

/// Puts each clip into the page, or copies it beside the page under its number, which tells no method.
std::vector<std::string> places_of(const report::Study& study, bool embeds, const fs::path& folder) {
  uintmax_t bytes = 0;
  for (const auto& clip : study.clips) bytes += fs::file_size(clip.file);
  if (embeds && bytes > kLargestPage)
    throw Error(Exit::Usage,
                text("the clips have ", bytes_text(static_cast<int64_t>(bytes)), ", too much for one page"))
        .hint("`embed = false` puts them beside it");
  std::vector<std::string> places;
  if (!embeds) fs::create_directories(folder / "clips");
  for (size_t number = 0; number < study.clips.size(); ++number) {
    const std::string& file = study.clips[number].file;
    if (embeds) {
      places.push_back(report::data_address(file));
      continue;
    }
    places.push_back(text("clips/", number, lower_case(fs::path(file).extension().string())));
    fs::copy_file(file, folder / places.back(), fs::copy_options::overwrite_existing);
  }
  return places;
}

/// A page that workers may have answered is not replaced by one of another study.
void refuse_other_study(const fs::path& folder, const report::Study& study) {
  const fs::path known = folder / kStudyFile;
  if (!fs::exists(known) || report::Study::read(known.string()).id() == study.id()) return;
  throw Error(Exit::Usage, text(folder.string(), " has another study, which answers may belong to"))
      .hint("name another folder with -o");
}

Exit make(const Arguments& arguments, Program& program) {
  const StudyFile file = read_study_file(arguments.file);
  std::vector<std::string> notes;
  const report::Study study = report::make_study(file.design, notes);
  for (const std::string& note : notes) program.log->note(note);
  const fs::path folder =
      arguments.folder.empty() ? fs::path("runs") / (stem_of(arguments.file) + "-study") : fs::path(arguments.folder);
  refuse_other_study(folder, study);
  fs::create_directories(folder);
  const std::string page = report::study_page(study, places_of(study, file.embeds, folder));
  weights::write_atomically((folder / kStudyFile).string(), study.json());
  weights::write_atomically((folder / kPage).string(), page);
  program.log->note(text(count_text(static_cast<int64_t>(study.questions.size()), "question"), ", ", study.per_worker,
                         " for each of ", count_text(study.worker_count(), "worker")));
  program.log->note(text("  ", (folder / kPage).string(), "  (", bytes_text(static_cast<int64_t>(page.size())),
                         "; worker N opens it with ?worker=N)"));
  program.log->note(
      text("  ", (folder / kStudyFile).string(), "  (what the numbers of clips stand for; not for workers)"));
  return Exit::Done;
}

/// Files, and all .json files of folders.
std::vector<std::string> answer_files(const std::vector<std::string>& given) {
  std::vector<std::string> files;
  for (const std::string& path : given) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.path().extension() == ".json" && entry.path().filename() != kStudyFile &&
          entry.path().filename() != "preference.json")
        found.push_back(entry.path().string());
    }
    if (found.empty()) throw Error(Exit::Data, Place{path}, "has no .json files");
    std::sort(found.begin(), found.end(), natural_less);
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

/// The folder of the study: the one named, or where the first answers lie, or above that.
fs::path folder_of_study(const Arguments& arguments, const std::string& first) {
  std::vector<fs::path> places = {arguments.study};
  if (arguments.study.empty()) {
    const fs::path folder = fs::absolute(first).parent_path();
    places = {folder, folder.parent_path()};
  }
  for (const fs::path& place : places) {
    if (fs::exists(place / kStudyFile)) return fs::relative(place);
  }
  throw Error(Exit::Usage, text("there is no ", (places.front() / kStudyFile).string()))
      .hint("--study FOLDER names the folder that `weft study` wrote");
}

Exit read(const Arguments& arguments, Program& program) {
  const std::vector<std::string> files = answer_files(arguments.answers);
  const fs::path folder = folder_of_study(arguments, files.front());
  const report::Study study = report::Study::read((folder / kStudyFile).string());
  const report::StudyResult result = report::evaluate(study, report::read_answers(study, files));
  const auto save = [&](const char* name, const std::string& content) {
    weights::write_atomically((folder / name).string(), content);
  };
  save("preference.md", result.markdown());
  save("preference.csv", result.csv());
  save("preference.json", result.json());
  save("preference.html", result.html());
  std::cout << result.markdown();
  program.log->note(text("  ", folder.string(), "  (preference.md, preference.csv, preference.json, preference.html)"));
  return Exit::Done;
}

}  // namespace

void add_study_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand(
      "study", "Makes a page on which people choose between the clips of methods, and reads their answers");
  auto arguments = std::make_shared<Arguments>();
  verb->add_option("file", arguments->file, "The study file; docs/study.md");
  verb->add_option("-o,--output", arguments->folder, "The folder of the page; default: runs/NAME-study")
      ->type_name("FOLDER");
  CLI::App* read_verb = verb->add_subcommand("read", "Reads the answers into preferences, intervals and strengths");
  read_verb->add_option("answers", arguments->answers, "Files that the page saved, or folders of them")->required();
  read_verb
      ->add_option("--study", arguments->study,
                   "The folder of the study; default: where the first answers lie, or the folder above")
      ->type_name("FOLDER");
  verb->callback([arguments, read_verb, &program] {
    if (read_verb->parsed()) {
      program.action = [arguments, &program] { return read(*arguments, program); };
      return;
    }
    program.action = [arguments, &program] {
      if (arguments->file.empty())
        throw Error(Exit::Usage, "`weft study` wants a `study`: the study file; docs/study.md");
      return make(*arguments, program);
    };
  });
}

}  // namespace weft::cli
