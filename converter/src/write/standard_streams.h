// The standard streams of a command: closed ones, and readers that went away.
#pragma once

namespace augur {

// To be called first in main(). A standard stream that is closed gets /dev/null in its place, in
// the wrong direction, so that no file of the command takes its number and using it still fails.
// Writing to a pipe that nobody reads becomes an error in place of a signal.
void prepare_standard_streams();

// The standard output was closed, or is a pipe whose reader went away.
bool is_standard_output_closed();

}  // namespace augur
