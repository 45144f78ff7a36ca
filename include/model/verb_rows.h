// The table of verbs, in the order of the help. A verb needs a row here and a function in an engine. Included by
// model/verb.h for the numbers and by src/model/verb.c for the rows (struct verb_info), from which command lines,
// forms, menus, the wire, the agent's checks, the help and completion are derived.

VERB(LS, .name = "ls", .also = "ps", .result = RESULT_ITEMS, .operands = "[FILTER]…",
	.help = "list workloads or other items; filters: state:running kind:guest mem>1G …",
	.most = VERB_ANY, .fields = FIELDS(
		FORMAT,
		{.name = PARAM_QUIET, .letter = 'q', .type = VALUE_FLAG, .help = "print ids only"},
		{.name = PARAM_ALL, .letter = 'a', .type = VALUE_FLAG,
		 .help = "accepted for docker's sake: stopped containers are always listed"}))
VERB(STATS, .name = "stats", .result = RESULT_ITEMS, .operands = "[NAME]…",
	.help = "measure CPU, memory, network and disk usage", .kinds = ANY,
	.most = VERB_ANY, .fields = FIELDS(
		FORMAT,
		{.name = PARAM_INTERVAL, .letter = 'i', .type = VALUE_DURATION, .value = "TIME",
		 .help = "measurement interval (1s)"},
		{.name = PARAM_COUNT, .letter = 'n', .type = VALUE_COUNT, .value = "NUMBER",
		 .help = "number of measurements (1)"},
		{.name = PARAM_FOLLOW, .letter = 'f', .type = VALUE_FLAG, .help = "repeat until interrupted"}))
VERB(RUN, .name = "run", .label = "Run", .doing = "creating",
	.operands = "[guest|container] [OPTION]… [IMAGE [COMMAND]…]",
	.help = "create and start a container or guest; wait for a container to exit",
	.kinds = ANY, .flags = WRITES | CREATES | RUNS_THERE | PASSES_STATUS, .most = VERB_ANY, .seconds = 1800,
	.fields = FIELDS(
		{.name = PARAM_DETACH, .letter = 'd', .type = VALUE_FLAG,
		 .help = "do not wait for the container; print its name"}),
	.recipe = true)
VERB(CREATE, .name = "create", .label = "Create", .doing = "creating",
	.operands = "[guest|container] [OPTION]… [IMAGE [COMMAND]…]",
	.help = "create a container or guest",
	.kinds = EVERY, .flags = WRITES | CREATES, .most = VERB_ANY, .seconds = 1800,
	.fields = FIELDS(
		{.name = PARAM_START, .label = "Start it", .type = VALUE_FLAG, .kinds = ANY, .initial = "no",
		 .help = "also start it"},
		{.name = PARAM_UNPACK, .type = VALUE_FLAG, .flags = FIELD_HIDDEN, .kinds = CONTAINERS,
		 .help = "only unpack the image"},
		{.name = PARAM_FOREGROUND, .type = VALUE_FLAG, .flags = FIELD_HIDDEN, .kinds = CONTAINERS,
		 .help = "the container waits for a reader of its output"}),
	.recipe = true)
VERB(PULL, .name = "pull", .doing = "pulling", .operands = "[OPTION]… NAME…",
	.help = "pull images from their registries",
	.kinds = 1 << KIND_IMAGE, .flags = WRITES, .least = 1, .most = VERB_ANY, .seconds = 1800,
	.recipe = true)
// starting and deleting copy and hash files; the others need one answer from an engine
VERB(START, .name = "start", .label = "Start", .doing = "starting", .operands = "NAME…|--" PARAM_AUTOSTART,
	.help = "start workloads or networks",
	.kinds = ANY | NETWORKS, .flags = ACTS | NEEDS_STOPPED | WRITES, .least = 1, .most = VERB_ANY, .seconds = 600,
	.fields = FIELDS(
		{.name = PARAM_AUTOSTART, .type = VALUE_FLAG, .flags = FIELD_LOCAL, .kinds = CONTAINERS,
		 .help = "start the containers that should run after a boot, by their restart policy"}))
VERB(STOP, .name = "stop", .label = "Stop", .key = 'g',
	.way = "Stop gracefully (containers are killed after 10 s)", .doing = "stopping", .operands = "NAME…",
	.help = "shut down gracefully; kill containers after a grace period; take networks down",
	.kinds = ANY | NETWORKS, .flags = ACTS | NEEDS_RUNNING | WRITES | HAS_GRACE | TOGETHER, .least = 1,
	.most = VERB_ANY, .seconds = 30,
	.fields = FIELDS(GRACE))
VERB(KILL, .name = "kill", .label = "Force stop", .way = "Force stop", .key = 'f',
	.doing = "killing", .operands = "NAME…",
	.help = "kill workloads, or send a signal",
	.kinds = ANY, .flags = ACTS | NEEDS_RUNNING | WRITES | DESTRUCTIVE | TOGETHER, .least = 1, .most = VERB_ANY,
	.seconds = 60,
	.fields = FIELDS(
		{.name = PARAM_SIGNAL, .letter = 's', .type = VALUE_TEXT, .value = "SIGNAL",
		 .choices = "HUP INT QUIT TERM USR1 USR2",
		 .help = "send this signal, for example HUP (KILL)"}),
	.loses = kill_loses)
VERB(PAUSE, .name = "pause", .label = "Pause", .doing = "pausing", .operands = "NAME…",
	.help = "freeze workloads",
	.kinds = ANY, .flags = ACTS | NEEDS_RUNNING | NEEDS_UNPAUSED | WRITES | TOGETHER, .least = 1, .most = VERB_ANY,
	.seconds = 30,
	.undone_by = VERB_RESUME)
VERB(RESUME, .name = "resume", .also = "unpause", .label = "Resume", .doing = "resuming", .operands = "NAME…",
	.help = "resume paused workloads",
	.kinds = ANY, .flags = ACTS | NEEDS_PAUSED | WRITES | TOGETHER, .least = 1, .most = VERB_ANY, .seconds = 60,
	.undone_by = VERB_PAUSE)
VERB(RESTART, .name = "restart", .label = "Restart", .way = "Restart", .key = 'r',
	.doing = "restarting", .operands = "NAME…",
	.help = "stop and start again",
	.kinds = ANY, .flags = ACTS | NEEDS_RUNNING | WRITES | DESTRUCTIVE | HAS_GRACE, .least = 1, .most = VERB_ANY,
	.seconds = 600,
	.fields = FIELDS(GRACE), .lost = "Stop gracefully (containers are killed after 10 s), then start.")
VERB(DELETE, .name = "rm", .label = "Delete", .doing = "deleting", .operands = "NAME…",
	.help = "delete workloads or other items permanently",
	.kinds = ANY | 1 << KIND_JOB | IMAGES | VOLUMES | NETWORKS,
	.flags = ACTS | WRITES | DESTRUCTIVE | HAS_GRACE | TOGETHER, .least = 1, .most = VERB_ANY, .seconds = 600,
	.fields = FIELDS(
		{.name = PARAM_FORCE, .letter = 'f', .type = VALUE_FLAG, .kinds = ANY | IMAGES,
		 .help = "also if it is running (it is killed first), or an image that containers use"},
		{.name = PARAM_VOLUMES, .letter = 'v', .type = VALUE_FLAG, .kinds = CONTAINERS,
		 .help = "also delete the container's anonymous volumes"},
		REFERENCE,
		{.name = PARAM_STORAGE, .type = VALUE_FLAG, .kinds = ANY, .help = "also delete the guest's own disks"},
		{.name = PARAM_WITH, .type = VALUE_LIST, .flags = FIELD_HIDDEN, .kinds = ANY,
		 .help = "names of all workloads being deleted, which may share files"}),
	.loses = delete_loses)
VERB(CANCEL, .name = "cancel", .label = "Cancel job", .doing = "cancelling", .operands = "JOB…",
	.help = "cancel jobs and remove their unfinished files",
	.kinds = 1 << KIND_JOB, .flags = ACTS | WRITES | DESTRUCTIVE, .least = 1, .most = VERB_ANY, .seconds = 30,
	.lost = "Its unfinished files are removed.")
VERB(RENAME, .name = "rename", .label = "Rename", .doing = "renaming", .operands = "NAME NEW",
	.help = "rename a workload",
	.kinds = ANY, .flags = ACTS | WRITES, .stopped = GUESTS, .least = 2, .most = 2, .seconds = 30,
	.fields = FIELDS(
		{.name = PARAM_TO, .label = "New name", .type = VALUE_NAME, .flags = FIELD_REQUIRED | FIELD_OPERAND,
		 .value = "NEW",
		 .help = "the new name"}),
	.undo = rename_undo)
VERB(TAG, .name = "tag", .label = "Add a name", .doing = "naming", .operands = "IMAGE NEW",
	.help = "add a name to an image",
	.kinds = IMAGES, .flags = ACTS | WRITES, .least = 2, .most = 2, .seconds = 30,
	.fields = FIELDS(
		{.name = PARAM_TO, .label = "Name", .type = VALUE_TEXT, .flags = FIELD_REQUIRED | FIELD_OPERAND,
		 .value = "NEW", .help = "the new name, for example registry.example.com/team/app:2"},
		REFERENCE))
VERB(PUSH, .name = "push", .result = RESULT_DOCUMENT, .label = "Push", .doing = "pushing", .operands = "IMAGE [TO]",
	.help = "push an image to its registry, or under another name",
	.kinds = IMAGES, .flags = ACTS | BY_JOB | WRITES, .least = 1, .most = 2, .seconds = 1800,
	.fields = FIELDS(
		{.name = PARAM_TO, .label = "To", .type = VALUE_TEXT, .flags = FIELD_OPERAND, .value = "TO",
		 .help = "name in the registry (the image's own if empty)"},
		REFERENCE))
VERB(SAVE, .name = "save", .result = RESULT_DOCUMENT, .label = "Save", .doing = "saving",
	.operands = "-o FILE [OPTION]… IMAGE…",
	.help = "save images to an archive for docker, podman and skopeo",
	.kinds = IMAGES, .flags = ACTS | OF_KIND | BY_JOB | WRITES, .least = 1, .most = VERB_ANY, .seconds = 1800,
	.fields = FIELDS(
		{.name = PARAM_OUTPUT, .letter = 'o', .label = "File", .type = VALUE_FILE, .flags = FIELD_REQUIRED,
		 .value = "FILE", .help = "the archive to write, for example /srv/web.tar"},
		{.name = PARAM_FORMAT, .label = "Format", .type = VALUE_CHOICE, .initial = "docker", .choices = "docker oci",
		 .value = "FORMAT", .help = "docker (which docker load also reads) or oci (a plain OCI image layout)"},
		{.name = PARAM_IMAGE, .type = VALUE_LIST, .flags = FIELD_OPERAND | FIELD_HIDDEN, .help = "the images"}))
VERB(LOAD, .name = "load", .result = RESULT_DOCUMENT, .label = "Load", .doing = "loading", .operands = "-i FILE",
	.help = "load images from an archive or an image layout",
	.kinds = IMAGES, .flags = ACTS | OF_KIND | BY_JOB | WRITES, .seconds = 1800,
	.fields = FIELDS(
		{.name = PARAM_INPUT, .letter = 'i', .label = "File", .type = VALUE_FILE, .flags = FIELD_REQUIRED,
		 .value = "FILE",
		  .help = "archive written by docker, podman, skopeo or hostel, or directory of an image layout"}))
VERB(PRUNE, .name = "prune", .result = RESULT_DOCUMENT, .label = "Remove unused", .doing = "removing",
	.operands = "[OPTION]…",
	.help = "show what is unused or has ended and how large it is, ask, and remove it",
	.kinds = CONTAINERS | IMAGES | VOLUMES | NETWORKS, .flags = ACTS | OF_KIND | WRITES | DESTRUCTIVE, .seconds = 600,
	.lost = "Whatever is unused or has ended is removed permanently.",
	.fields = FIELDS(
		{.name = PARAM_ALL, .letter = 'a', .label = "Named ones, too", .type = VALUE_FLAG, .initial = "no",
		 .help = "also images and volumes that have a name but are not used by a container"},
		{.name = PARAM_VOLUMES, .type = VALUE_FLAG, .flags = FIELD_LOCAL,
		 .help = "without a kind: also anonymous volumes that no container uses"},
		{.name = PARAM_YES, .letter = 'y', .type = VALUE_FLAG, .help = "do not ask"},
		{.name = PARAM_DRY_RUN, .type = VALUE_FLAG, .help = "only show what would be removed"}))
VERB(DF, .name = "df", .result = RESULT_DOCUMENT, .operands = "",
	.help = "show the space that images, containers and volumes take, and how much of it prune would free",
	.kinds = CONTAINERS | IMAGES | VOLUMES)
VERB(SET, .name = "set", .also = "update", .label = "Change limits", .doing = "changing", .operands = "OPTION… NAME…",
	.help = "change limits, even while running",
	.kinds = ANY, .flags = ACTS | WRITES, .least = 1, .most = VERB_ANY, .seconds = 60,
	.recipe = true, .recipe_flags = FIELD_LIVE, .undo = set_undo)
VERB(CONNECT, .name = "connect", .label = "Connect", .doing = "connecting",
	.operands = "[OPTION]… CONTAINER NETWORK",
	.help = "connect a container to a network, even while it runs",
	.kinds = CONTAINERS | NETWORKS, .flags = ACTS | WRITES, .least = 2, .most = 2, .seconds = 60,
	.phrase = "connect", .lacks = "has network cards instead", .instead = "its definition: hostel edit ",
	.fields = FIELDS(
		OTHER_SIDE,
		{.name = PARAM_IP, .label = "Address", .type = VALUE_TEXT, .value = "ADDRESS",
		 .help = "address in the network (assigned if empty)"},
		{.name = PARAM_IP6, .label = "IPv6 address", .type = VALUE_TEXT, .value = "ADDRESS",
		 .help = "IPv6 address in the network (assigned if empty)"},
		{.name = PARAM_MAC_ADDRESS, .label = "MAC address", .type = VALUE_TEXT, .value = "MAC",
		 .help = "MAC address in the network (assigned if empty)"},
		{.name = PARAM_ALIAS, .label = "Aliases", .type = VALUE_LIST, .value = "NAME",
		 .help = "additional name in the network"}))
VERB(DISCONNECT, .name = "disconnect", .label = "Disconnect", .doing = "disconnecting",
	.operands = "CONTAINER NETWORK",
	.help = "disconnect a container from a network, even while it runs",
	.kinds = CONTAINERS | NETWORKS, .flags = ACTS | WRITES, .least = 2, .most = 2, .seconds = 60,
	.phrase = "disconnect", .lacks = "has network cards instead", .instead = "its definition: hostel edit ",
	.fields = FIELDS(OTHER_SIDE))
VERB(RESIZE, .name = "resize", .label = "Resize", .doing = "resizing", .operands = "VOLUME… SIZE",
	.help = "enlarge libvirt volumes, even while a guest uses them",
	.kinds = VOLUMES, .flags = ACTS | WRITES, .least = 2, .most = VERB_ANY, .seconds = 60,
	.fields = FIELDS(
		{.name = PARAM_TO, .label = "Size", .type = VALUE_BYTES, .flags = FIELD_REQUIRED | FIELD_OPERAND,
		 .value = "SIZE", .help = "new size, for example 40G"}))
VERB(FILL, .name = "fill", .label = "Fill", .doing = "filling", .operands = "NAME… SIZE",
	.help = "fill simulated buckets",
	.kinds = 1 << KIND_BUCKET, .flags = ACTS | WRITES | SIMULATED, .least = 2, .most = VERB_ANY, .seconds = 30,
	.fields = FIELDS(
		{.name = PARAM_TO, .label = "Size", .type = VALUE_BYTES, .flags = FIELD_REQUIRED | FIELD_OPERAND,
		 .choices = "1G 20G", .value = "SIZE", .help = "new content size, for example 1G"}))
VERB(EDIT, .name = "edit", .label = "Edit", .doing = "changing", .operands = "NAME",
	.help = "edit the definition in an editor: XML for guests and libvirt's networks, else JSON",
	.kinds = ANY | NETWORKS, .flags = ACTS | WRITES | ON_TERMINAL, .least = 1, .most = 1, .seconds = 60,
	.fields = FIELDS(
		{.name = PARAM_DEFINITION, .type = VALUE_TEXT, .flags = FIELD_HIDDEN | FIELD_REQUIRED,
		 .help = "the edited definition"},
		{.name = PARAM_YES, .letter = 'y', .type = VALUE_FLAG, .help = "do not ask"}))
VERB(LOGS, .name = "logs", .result = RESULT_STREAM, .label = "Logs", .operands = "NAME…",
	.help = "show the output of containers or the serial logs of guests",
	.kinds = ANY, .flags = RUNS_THERE, .least = 1, .most = VERB_ANY, .fields = FIELDS(
		{.name = PARAM_FOLLOW, .letter = 'f', .type = VALUE_FLAG, .help = "print new output until interrupted"},
		{.name = PARAM_TAIL, .letter = 'n', .type = VALUE_TEXT, .value = "LINES",
		 .help = "only the last LINES lines"},
		{.name = PARAM_SINCE, .type = VALUE_TEXT, .value = "TIME",
		 .help = "only lines newer than TIME, for example 10m or 2026-01-31T12:00:00Z"},
		{.name = PARAM_UNTIL, .type = VALUE_TEXT, .value = "TIME", .help = "only lines older than TIME"},
		{.name = PARAM_GREP, .type = VALUE_TEXT, .value = "PATTERN",
		 .help = "only lines that match this extended regular expression"},
		{.name = PARAM_TIMESTAMPS, .letter = 't', .type = VALUE_FLAG, .help = "show the time of each line"},
		{.name = PARAM_JSON, .type = VALUE_FLAG, .flags = FIELD_HIDDEN, .help = "lines as JSON"},
		{.name = PARAM_VISIBLE, .type = VALUE_FLAG, .flags = FIELD_HIDDEN,
		 .help = "escape control characters"}))
VERB(EVENTS, .name = "events", .operands = "[OPTION]… [NAME]…",
	.help = "print what happens to containers, one line per event",
	.flags = RUNS_THERE, .most = VERB_ANY, .fields = FIELDS(
		{.name = PARAM_SINCE, .type = VALUE_TEXT, .value = "TIME",
		 .help = "also events since TIME, for example 10m or 2026-01-31T12:00:00Z"},
		{.name = PARAM_UNTIL, .type = VALUE_TEXT, .value = "TIME", .help = "end at TIME (0s: now)"}))
VERB(EXEC, .name = "exec", .result = RESULT_STREAM, .label = "Run inside", .operands = "[OPTION]… NAME [--] COMMAND…",
	.help = "run a command in a container or guest",
	.kinds = ANY, .flags = NEEDS_RUNNING | NEEDS_UNPAUSED | WRITES | RUNS_THERE | PASSES_STATUS, .least = 1,
	.most = VERB_ANY,
	.fields = FIELDS(
		{.name = PARAM_TTY, .letter = 't', .type = VALUE_FLAG, .help = "allocate a terminal"},
		{.name = PARAM_INTERACTIVE, .letter = 'i', .type = VALUE_FLAG,
		 .help = "keep standard input open (containers: always)"},
		{.name = PARAM_USER, .letter = 'u', .type = VALUE_TEXT, .value = "USER[:GROUP]",
		 .help = "run as this user"},
		{.name = PARAM_CWD, .letter = 'w', .type = VALUE_TEXT, .value = "PATH",
		 .help = "working directory inside"},
		{.name = PARAM_ENV, .letter = 'e', .type = VALUE_PAIRS, .value = "NAME=VALUE",
		 .help = "environment variable"},
		{.name = PARAM_COMMAND, .label = "Run inside", .type = VALUE_WORDS, .flags = FIELD_REQUIRED | FIELD_OPERAND,
		 .value = "COMMAND", .help = "command to run"}))
VERB(COPY, .name = "cp", .result = RESULT_STREAM, .operands = "[OPTION]… NAME:PATH|FILE|- FILE|NAME:PATH|-",
	.help = "copy files from or to a container",
	.kinds = CONTAINERS, .least = 2, .most = 2, .phrase = "copy files from or to",
	.lacks = "shares no files with this host", .instead = "ssh, for example: scp FILE ",
	.fields = FIELDS(
		{.name = PARAM_ARCHIVE, .letter = 'a', .type = VALUE_FLAG,
		 .help = "keep owners (default: root inside, you on this host)"},
		{.name = PARAM_FOLLOW_LINK, .letter = 'L', .type = VALUE_FLAG,
		 .help = "copy what a symbolic link refers to"},
		{.name = PARAM_PLACE, .type = VALUE_FLAG,
		 .help = "place the first entry of an archive like a copied file, instead of unpacking it in PATH"}))
VERB(EXPORT, .name = "export", .result = RESULT_STREAM, .operands = "[OPTION]… NAME",
	.help = "export all files of a container as a tar archive",
	.kinds = CONTAINERS, .least = 1, .most = 1, .phrase = "export",
	.lacks = "has disks instead of files", .instead = "its disks: hostel inspect ",
	.fields = FIELDS(
		{.name = PARAM_OUTPUT, .letter = 'o', .type = VALUE_TEXT, .value = "FILE",
		 .help = "write to FILE on this host instead of standard output"}))
VERB(BACKUP, .name = "backup", .result = RESULT_STREAM, .label = "Back up", .operands = "[OPTION]… VOLUME",
	.help = "write a volume to a file: a tar archive, or the image of a libvirt volume",
	.kinds = VOLUMES, .flags = ON_TERMINAL, .least = 1, .most = 1,
	.fields = FIELDS(
		{.name = PARAM_OUTPUT, .letter = 'o', .label = "File", .type = VALUE_TEXT, .value = "FILE",
		 .help = "write to FILE on this host instead of standard output"}))
VERB(RESTORE, .name = "restore", .result = RESULT_STREAM, .label = "Restore", .operands = "[OPTION]… VOLUME",
	.help = "create a volume from a backup",
	.kinds = VOLUMES, .flags = WRITES | DESTRUCTIVE | ON_TERMINAL, .least = 1, .most = 1,
	.lost = "All files of the volume are replaced by those of the archive.",
	.fields = FIELDS(
		{.name = PARAM_INPUT, .letter = 'i', .label = "File", .type = VALUE_TEXT, .value = "FILE",
		 .help = "read FILE on this host instead of standard input"},
		{.name = PARAM_FORCE, .letter = 'f', .type = VALUE_FLAG,
		 .help = "replace all files of an existing volume"}))
VERB(COMMIT, .name = "commit", .doing = "committing", .operands = "[OPTION]… NAME [NEW-IMAGE]",
	.help = "create an image from a container: its image plus a layer of its changes",
	.kinds = CONTAINERS, .flags = WRITES, .least = 1, .most = 2, .seconds = 1800, .phrase = "commit",
	.lacks = "has disks instead of files", .instead = "its disks: hostel inspect ",
	.fields = FIELDS(
		NEW_IMAGE,
		{.name = PARAM_NO_PAUSE, .type = VALUE_FLAG, .help = "do not pause the container while its files are read"}))
VERB(IMPORT, .name = "import", .doing = "importing", .operands = "[OPTION]… FILE|DIRECTORY|- [NAME]",
	.help = "create an image from a root file system: a directory or a tar archive",
	.kinds = 1 << KIND_IMAGE, .flags = WRITES, .least = 1, .most = 2, .seconds = 1800,
	.fields = FIELDS(NEW_IMAGE))
VERB(DIFF, .name = "diff", .result = RESULT_DOCUMENT, .operands = "[OPTION]… NAME",
	.help = "list files that a container added (A), changed (C) or deleted (D)",
	.kinds = CONTAINERS, .least = 1, .most = 1, .phrase = "compare",
	.lacks = "has no image to compare it with", .instead = "its disks: hostel inspect ",
	.fields = FIELDS(
		{.name = PARAM_FORMAT, .type = VALUE_CHOICE, .choices = "json", .value = "json",
		 .help = "print JSON"}))
VERB(ATTACH, .name = "attach", .result = RESULT_STREAM, .label = "Attach", .operands = "NAME",
	.help = "connect to a container's first process (Ctrl-] leaves)",
	.kinds = CONTAINERS, .flags = NEEDS_RUNNING | WRITES | RUNS_THERE, .least = 1, .most = 1,
	.phrase = "attach to", .instead = "hostel console ",
	.fields = FIELDS(
		{.name = PARAM_FOREGROUND, .type = VALUE_FLAG, .flags = FIELD_HIDDEN, .kinds = CONTAINERS,
		 .help = "for a container that waits for a reader of its output"}))
VERB(CONSOLE, .name = "console", .result = RESULT_STREAM, .label = "Console", .operands = "NAME",
	.help = "connect to a guest's serial console (Ctrl-] leaves)",
	.kinds = GUESTS, .flags = NEEDS_RUNNING | WRITES | RUNS_THERE, .least = 1, .most = 1,
	.phrase = "open a serial console of", .instead = "hostel attach ",
	.fields = FIELDS(
		{.name = PARAM_TAKE, .type = VALUE_FLAG, .kinds = GUESTS,
		 .help = "disconnect the client that has the console"},
		{.name = PARAM_DEVICE, .type = VALUE_TEXT, .kinds = GUESTS, .value = "NAME",
		 .help = "connect to this console, for example serial1 (see inspect)"}))
VERB(WAIT, .name = "wait", .operands = "NAME…",
	.help = "wait until containers exit (and return their status) or jobs end",
	.kinds = CONTAINERS | 1 << KIND_JOB, .flags = RUNS_THERE, .least = 1, .most = VERB_ANY,
	.phrase = "wait for", .lacks = "has no exit status",
	.instead = "its state: hostel ls --" PARAM_FORMAT " '{state}' name:")
VERB(INSPECT, .name = "inspect", .result = RESULT_DOCUMENT, .label = "Describe", .operands = "NAME…",
	.help = "show all details",
	.kinds = ANY | IMAGES | VOLUMES | NETWORKS, .least = 1, .most = VERB_ANY, .fields = FIELDS(
		FORMAT,
		{.name = PARAM_CONFIG, .type = VALUE_FLAG, .help = "print the engine's own configuration: JSON or XML"},
		{.name = PARAM_PROCESSES, .type = VALUE_FLAG, .help = "list the processes inside"}))
VERB(TOP, .name = "top", .result = RESULT_DOCUMENT, .operands = "NAME…",
	.help = "list the processes inside",
	.kinds = ANY, .least = 1, .most = VERB_ANY)
VERB(HISTORY, .name = "history", .result = RESULT_DOCUMENT, .label = "History", .operands = "IMAGE",
	.help = "show how an image was built: the command and size of each layer",
	.kinds = IMAGES, .least = 1, .most = 1)
VERB(LOGIN, .name = "login", .operands = "[OPTION]… REGISTRY",
	.help = "store credentials for a registry, for pull and push",
	.flags = RUNS_THERE | WRITES, .least = 1, .most = 1,
	.fields = FIELDS(
		{.name = PARAM_USERNAME, .letter = 'u', .type = VALUE_TEXT, .value = "USER",
		 .help = "user name (asked for if not given)"},
		{.name = PARAM_PASSWORD_STDIN, .type = VALUE_FLAG,
		 .help = "read the password from standard input instead of asking for it on the terminal"}))
VERB(LOGOUT, .name = "logout", .operands = "REGISTRY",
	.help = "remove the credentials for a registry",
	.flags = RUNS_THERE | WRITES, .least = 1, .most = 1)
VERB(CHECK, .name = "check", .operands = "",
	.help = "find damage, leftovers and missing parts",
	.flags = RUNS_THERE, .fields = FIELDS(
		{.name = PARAM_REPAIR, .type = VALUE_FLAG, .flags = FIELD_WRITES,
		 .help = "repair whatever can be repaired safely"},
		{.name = PARAM_DEEP, .type = VALUE_FLAG, .help = "also verify the digests of images"}))
VERB(AGENT, .name = "agent", .operands = "",
	.help = "serve this host to hostel on another one (started by --" OPTION_HOST ")")
VERB(WORK, .name = "work", .operands = "",
	.help = "run a job (started by hostel; see 'hostel job ls')")
VERB(SWEEP, .name = "sweep", .operands = "STORE", .flags = WRITES, .least = 1, .most = 1,
	.help = "remove what exited containers left on networks (started by their monitors)")
VERB(COMPLETION, .name = "completion", .operands = "bash|zsh|fish",
	.help = "print completion rules for a shell", .least = 1, .most = 1)
VERB(COMPLETE, .name = "complete", .operands = "[--] WORD…",
	.help = "print completions for the last word of a command line", .most = VERB_ANY)
VERB(VERSION, .name = "version", .operands = "",
	.help = "show the version")
VERB(HELP, .name = "help", .operands = "[VERB [KIND]|KIND|keys|fields]",
	.help = "show help on hostel, a verb, a kind, the dashboard's keys or the fields", .most = 2)
