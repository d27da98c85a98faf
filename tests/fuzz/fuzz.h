#pragma once

#include <functional>
#include <string>
#include <string_view>

/// Programs that feed damaged and hostile input to the readers of weft; docs/security.md says how they run.
namespace weft::fuzz {

/// What a program does with an input; the source of each program defines it.
///
/// It returns, or ends with one Error that a terminal can show. A finding is all else: another exception, a signal, a
/// report of a sanitizer, a call of fail().
void read_input(std::string_view input);

/// The input as a file in memory, without a place on the disk. There is one: the next call overwrites it.
const std::string& file_of(std::string_view input);

/// Calls `read`, whose Error does not end the program.
void attempt(const std::function<void()>& read);

/// Fails where a message would fill the terminal or send it control characters.
void check_message(const std::string& message);

/// Reports a finding that no sanitizer sees.
[[noreturn]] void fail(const std::string& what);

}  // namespace weft::fuzz

/// The entry that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, size_t count);
