// Streams to connect to and documents to read from a workload.
#pragma once

// Streams that a terminal or script can connect to.
enum stream {
	STREAM_LOGS,    // parameters: "follow", "tail" (lines), "since" (duration), "timestamps"
	// a container's first process; "foreground" (of one that was created with that parameter): waits for the reader,
	// returns its exit status
	STREAM_ATTACH,
	STREAM_EXEC,    // parameters: "command" (repeated), "tty", "user", "cwd", "env"
	STREAM_COPY,    // an archive out of a container or into it; parameters: "from" or "to" (a path), "follow-link",
	                // "archive", "place"
	STREAM_BACKUP,  // all files of a volume as an archive
	STREAM_RESTORE, // an archive that becomes a volume; "force": also one that exists
	STREAM_EXPORT,  // all files of a container as an archive
	STREAM_CONSOLE, // a guest's serial console; "take" (over from another client)
	STREAMS,
};

enum document {
	DOCUMENT_CONFIG,  // machine-readable: JSON of a container, domain XML of a guest
	DOCUMENT_DETAILS, // human-readable "name: value" lines
	DOCUMENT_PROCESSES, // a table of processes, tab-separated, first line the header
	DOCUMENT_LOG_TAIL,  // the last 64 KiB of its log
	// its events, also from while hostel was not running: a table like that of processes, oldest first; empty if the
	// engine keeps none. Of an image: its history, newest first
	DOCUMENT_EVENTS,
	DOCUMENT_CHANGES, // changes of a container: lines of A, C or D and a path
	// what all items of a kind take on disk: a table TYPE, COUNT, USED, BYTES, UNUSED; the key of the id is "*"
	DOCUMENT_SPACE,
	DOCUMENT_DEFINITION, // what can be edited: JSON of a container or network, domain XML of a guest
	DOCUMENTS,
};

// Names on the wire and on command lines.
const char *stream_name(enum stream s);
const char *document_name(enum document d);
// -1 = unknown.
int document_find(const char *name);
