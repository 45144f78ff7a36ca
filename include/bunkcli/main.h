// The command line of bunk.
#pragma once

// Does what ARGV asks. Returns the exit status.
int bunkcli_main(int argc, char **argv);
