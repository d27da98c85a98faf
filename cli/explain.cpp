#include "cli/cli.h"
#include "framework/base/text.h"
#include "framework/graph/diagnostics.h"

#include <cctype>
#include <iostream>

namespace weft::cli {
namespace {

Exit explain(std::string code) {
  for (char& c : code) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (code.empty()) {
    Columns columns;
    for (const graph::Explanation& row : graph::explanations())
      columns.add({std::string(row.code), std::string(row.title)});
    std::cout << columns.text();
    return Exit::Done;
  }
  const graph::Explanation* found = graph::explain(code);
  if (!found) {
    std::vector<std::string> codes;
    for (const graph::Explanation& row : graph::explanations()) codes.emplace_back(row.code);
    throw Error(Exit::Usage, text("there is no error code ", code))
        .hint(did_you_mean(code, codes))
        .hint("`weft explain` lists them all");
  }
  std::cout << found->code << ": " << found->title << "\n\n" << wrap(found->about);
  if (!found->example.empty()) std::cout << '\n' << found->example << '\n';
  return Exit::Done;
}

}  // namespace

void add_explain_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("explain", "Explains an error code, such as E303");
  auto code = std::make_shared<std::string>();
  verb->add_option("code", *code, "The error code; without it, all codes are listed");
  verb->callback([code, &program] { program.action = [code] { return explain(*code); }; });
}

}  // namespace weft::cli
