// The layout that DiskFaults.c and the harness in Tests/EndToEndTests/Crash share.
#ifndef DISK_FAULTS_H
#define DISK_FAULTS_H

#include <stdint.h>

// Before each write, one of these is appended to the undo log of the file, followed by `length` old bytes.
struct disk_faults_undo {
    uint64_t magic;
    uint64_t offset;
    // How many old bytes follow: what the file had in the place that is written, up to its end.
    uint64_t length;
    // How many bytes are written there; 0 when only the size changes.
    uint64_t written;
    // The size of the file before.
    uint64_t size;
};

#define DISK_FAULTS_MAGIC 0x6F646E756B736964ULL

// The file `counters` in the log's folder: what the shim has seen.
struct disk_faults_counters {
    uint64_t opens;
    uint64_t writes;
    uint64_t bytes;
    uint64_t syncs;
    uint64_t faults;
};

#endif
