#pragma once

#include <string>

namespace weft::data {

/// `path` with the name of the sequence in the place of each {sequence}.
/// @throws Error  (Graph) when it has one, but the sequence has no name
std::string with_sequence(const std::string& path, const std::string& sequence);

/// The name of a file until it is complete: out/street.part.mp4 for out/street.mp4. With this ending it can be played
/// before that, too.
std::string unfinished_name(const std::string& file);

/// What is written until an output is complete: the file out/street.part.mp4 of out/street.mp4, the folder out/unfinished of
/// the files out/%06d.png.
std::string unfinished_place(const std::string& output);

/// Gives a finished file its name.
/// @throws Error  (Failed) when that cannot be done
void finish_file(const std::string& unfinished, const std::string& file);

/// The error of a writer that is given another sequence for the same output.
/// @throws Error  (Graph), always
[[noreturn]] void fail_at_second_sequence(const std::string& path);

}  // namespace weft::data
