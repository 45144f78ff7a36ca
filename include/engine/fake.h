// The fake engine: scripted workloads of both kinds for screen tests, benchmarks and demonstrations. All rows carry
// simulated = true; the host they run on is simulated, too.
//
// What it is opened from, after "fake:", separated by commas:
//   N       how many workloads (12)
//   step    time does not flow: each sample() is one second later than the last, starting at FAKE_WALL. Every figure
//           is then the same in every run
//   past=N  N steps at once when it is opened, and none after: a history, and a picture that is the same on every
//           machine
//   hang    list, sample and wait block until wake(): an engine whose daemon is stopped
//   fail    list, sample and wait fail: an engine whose daemon is not there
//   stuck   opening it never returns: an engine whose files are on a server that is down
//   quiet   no workload changes its state by itself
//   deaf    guests ignore the power button, and every stop of one has waited for its grace period
//   faults  something is wrong with the last workloads: one takes all CPUs, one leaks memory, one has no room on its
//           disk, one was paused by an I/O error
#pragma once

#include <stdint.h>

// Wall-clock time at which a stepped clock starts: 2026-01-01 12:00:00 UTC, in ns.
#define FAKE_WALL INT64_C(1767268800000000000)
// The same time on the monotonic clock, in ns.
#define FAKE_MONO INT64_C(1000000000000)
