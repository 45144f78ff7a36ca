// What can be connected to and read of a workload, beside its facts and figures.
#pragma once

// What a terminal or a script can be connected to.
enum stream {
	STREAM_LOGS,    // parameters: "follow", "tail" (lines), "since" (duration), "timestamps"
	// a container's first process; "foreground" (of one that was created with that parameter): waits for the reader,
	// returns its exit status
	STREAM_ATTACH,
	STREAM_EXEC,    // parameters: "command" (repeated), "tty", "user", "cwd", "env"
	STREAM_CONSOLE, // a guest's serial console; "take" (over from another client)
	STREAMS,
};

enum document {
	DOCUMENT_CONFIG,  // for the machine: JSON of a container, domain XML of a guest
	DOCUMENT_DETAILS, // for people: "name: value" lines
	DOCUMENT_PROCESSES, // a table of processes, tab-separated, first line the header
	DOCUMENT_LOG_TAIL,  // the last 64 KiB of its log
	// what happened to it, also while no hostel ran: a table as of the processes, oldest first; empty where nothing is
	// kept
	DOCUMENT_EVENTS,
};

// Names on the wire and on command lines.
const char *stream_name(enum stream s);
const char *document_name(enum document d);
// -1 = unknown.
int document_find(const char *name);
