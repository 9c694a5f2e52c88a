// A disk that can lose what was not synchronised, and refuse what it is told. To be put before libc with LD_PRELOAD.
//
// DISKFAULTS_DIR      the folder whose files are watched, an absolute path
// DISKFAULTS_LOG      a folder outside it for undo logs and counters; without it nothing is logged
// DISKFAULTS_CONTROL  a file; while it exists writes fail with the error number that stands in it as text
// DISKFAULTS_SYNC_US  how long a synchronisation takes at least, in microseconds: a real disk's milliseconds, in which
//                     a process can be killed
// DISKFAULTS_LIES     if set, synchronisations do nothing and say that they did
// A negative number in the control file makes only synchronisations fail, with its positive; the word `hang` makes them
// wait until it is gone.
//
// Before a file is written, truncated or extended, the bytes that were there go to its undo log; a successful fsync or
// fdatasync empties the log. After SIGKILL the logs thus hold what a power cut may have taken back, and the harness
// takes back what it likes of it. SQLite's -shm file is a map of the -wal that is made anew: it is not logged.

#define _GNU_SOURCE
#include "DiskFaults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES_MAX 64
#define DESCRIPTORS_MAX 65536
#define CHUNK (64 * 1024)

// One file by its name in the folder; several descriptors may be open on it.
struct file {
    char name[256];
    int undo;
    pthread_mutex_t lock;
};

static struct file files[FILES_MAX];
static int file_count;
// Index into files plus 1; 0 for what is not watched.
static _Atomic unsigned char watched[DESCRIPTORS_MAX];
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static char folder[3072];
static size_t folder_length;
static char log_folder[3072];
static char control[3072];
static useconds_t sync_time;
static int lies;
static struct disk_faults_counters *counters;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fallocate)(int, int, off_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);

static void take(char *into, size_t size, const char *name) {
    const char *value = getenv(name);
    if (value && strlen(value) < size) strcpy(into, value);
}

static void start(void) {
    real_open = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
    real_openat = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat64");
    real_close = (int (*)(int))dlsym(RTLD_NEXT, "close");
    real_write = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    real_pwrite = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64");
    real_ftruncate = (int (*)(int, off_t))dlsym(RTLD_NEXT, "ftruncate64");
    real_fallocate = (int (*)(int, int, off_t, off_t))dlsym(RTLD_NEXT, "fallocate64");
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    real_unlink = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
    real_rename = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    take(folder, sizeof folder, "DISKFAULTS_DIR");
    folder_length = strlen(folder);
    take(log_folder, sizeof log_folder, "DISKFAULTS_LOG");
    take(control, sizeof control, "DISKFAULTS_CONTROL");
    const char *time = getenv("DISKFAULTS_SYNC_US");
    if (time) sync_time = (useconds_t)atoi(time);
    lies = getenv("DISKFAULTS_LIES") != NULL;
    if (!log_folder[0]) return;
    char path[4096];
    snprintf(path, sizeof path, "%s/counters", log_folder);
    int descriptor = real_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return;
    if (real_ftruncate(descriptor, sizeof *counters) == 0) {
        void *map = mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        if (map != MAP_FAILED) counters = map;
    }
    real_close(descriptor);
}

static void begin(void) { pthread_once(&once, start); }

#define COUNT(field, number) \
    do { \
        if (counters) __atomic_fetch_add(&counters->field, (uint64_t)(number), __ATOMIC_RELAXED); \
    } while (0)

// The name of a path inside the folder; NULL for all others.
static const char *name_inside(const char *path) {
    if (!folder_length || strncmp(path, folder, folder_length) != 0 || path[folder_length] != '/') return NULL;
    const char *name = path + folder_length + 1;
    return *name && !strchr(name, '/') && strlen(name) < sizeof files[0].name ? name : NULL;
}

static int is_map(const char *name) {
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, "-shm") == 0;
}

// The number in the control file, or 0.
static int told(void) {
    if (!control[0]) return 0;
    int descriptor = real_open(control, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return 0;
    char text[16] = {0};
    ssize_t count = read(descriptor, text, sizeof text - 1);
    real_close(descriptor);
    return count > 0 ? atoi(text) : 0;
}

// Whether synchronisations are to wait.
static int hangs(void) {
    if (!control[0]) return 0;
    int descriptor = real_open(control, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return 0;
    char text[16] = {0};
    ssize_t count = read(descriptor, text, sizeof text - 1);
    real_close(descriptor);
    return count >= 4 && strncmp(text, "hang", 4) == 0;
}

// The error that writes are to fail with, or 0.
static int fault(void) {
    int code = told();
    if (code <= 0) return 0;
    COUNT(faults, 1);
    return code;
}

static void watch(int descriptor, const char *name) {
    if (descriptor < 0 || descriptor >= DESCRIPTORS_MAX) return;
    COUNT(opens, 1);
    pthread_mutex_lock(&table_lock);
    int index = 0;
    while (index < file_count && strcmp(files[index].name, name) != 0) index += 1;
    if (index == file_count && file_count < FILES_MAX) {
        struct file *file = &files[file_count++];
        strcpy(file->name, name);
        pthread_mutex_init(&file->lock, NULL);
        file->undo = -1;
        if (log_folder[0] && !is_map(name)) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s.undo", log_folder, name);
            file->undo = real_open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        }
    }
    if (index < file_count) watched[descriptor] = (unsigned char)(index + 1);
    pthread_mutex_unlock(&table_lock);
}

static struct file *file_of(int descriptor) {
    if (descriptor < 0 || descriptor >= DESCRIPTORS_MAX) return NULL;
    unsigned char index = watched[descriptor];
    return index ? &files[index - 1] : NULL;
}

// Appends what `written` bytes at `offset`, or a new size, will take away. With the file's lock held.
static void keep(struct file *file, int descriptor, off_t offset, size_t written) {
    if (file->undo < 0) return;
    struct stat status;
    if (fstat(descriptor, &status) != 0) return;
    struct disk_faults_undo head = {
        .magic = DISK_FAULTS_MAGIC, .offset = (uint64_t)offset, .written = written, .size = (uint64_t)status.st_size};
    uint64_t end = written ? head.offset + written : head.size;
    if (end > head.size) end = head.size;
    head.length = end > head.offset ? end - head.offset : 0;
    if (real_write(file->undo, &head, sizeof head) != (ssize_t)sizeof head) abort();
    char chunk[CHUNK];
    for (uint64_t done = 0; done < head.length;) {
        size_t want = head.length - done < CHUNK ? (size_t)(head.length - done) : CHUNK;
        ssize_t got = pread(descriptor, chunk, want, (off_t)(head.offset + done));
        // A descriptor that cannot be read has nothing that the harness could put back: none of SQLite's is such.
        if (got <= 0) memset(chunk, 0, got = (ssize_t)want);
        if (real_write(file->undo, chunk, (size_t)got) != got) abort();
        done += (uint64_t)got;
    }
}

// MARK: What libc has

static int open_any(int at, const char *path, int flags, mode_t mode) {
    begin();
    const char *name = name_inside(path);
    if (name && (flags & (O_CREAT | O_TRUNC)) && access(path, F_OK) != 0) {
        int code = fault();
        if (code) {
            errno = code;
            return -1;
        }
    }
    int descriptor = at == AT_FDCWD ? real_open(path, flags, mode) : real_openat(at, path, flags, mode);
    if (name && descriptor >= 0 && (flags & O_ACCMODE) != O_RDONLY) watch(descriptor, name);
    return descriptor;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list list; \
        va_start(list, flags); \
        mode = va_arg(list, mode_t); \
        va_end(list); \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    return open_any(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE(flags)
    return open_any(AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...) {
    MODE(flags)
    return open_any(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...) {
    MODE(flags)
    return open_any(at, path, flags, mode);
}

int close(int descriptor) {
    begin();
    if (descriptor >= 0 && descriptor < DESCRIPTORS_MAX) watched[descriptor] = 0;
    return real_close(descriptor);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
    begin();
    struct file *file = file_of(descriptor);
    if (!file) return real_pwrite(descriptor, bytes, count, offset);
    int code = fault();
    if (code) {
        errno = code;
        return -1;
    }
    pthread_mutex_lock(&file->lock);
    keep(file, descriptor, offset, count);
    ssize_t written = real_pwrite(descriptor, bytes, count, offset);
    pthread_mutex_unlock(&file->lock);
    COUNT(writes, 1);
    COUNT(bytes, written > 0 ? written : 0);
    return written;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return pwrite64(descriptor, bytes, count, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    begin();
    struct file *file = file_of(descriptor);
    if (!file) return real_write(descriptor, bytes, count);
    int code = fault();
    if (code) {
        errno = code;
        return -1;
    }
    pthread_mutex_lock(&file->lock);
    off_t offset = lseek(descriptor, 0, SEEK_CUR);
    keep(file, descriptor, offset < 0 ? 0 : offset, count);
    ssize_t written = real_write(descriptor, bytes, count);
    pthread_mutex_unlock(&file->lock);
    COUNT(writes, 1);
    COUNT(bytes, written > 0 ? written : 0);
    return written;
}

int ftruncate64(int descriptor, off_t length) {
    begin();
    struct file *file = file_of(descriptor);
    if (!file) return real_ftruncate(descriptor, length);
    int code = fault();
    if (code) {
        errno = code;
        return -1;
    }
    pthread_mutex_lock(&file->lock);
    keep(file, descriptor, length, 0);
    int result = real_ftruncate(descriptor, length);
    pthread_mutex_unlock(&file->lock);
    COUNT(writes, 1);
    return result;
}

int ftruncate(int descriptor, off_t length) { return ftruncate64(descriptor, length); }

int fallocate64(int descriptor, int mode, off_t offset, off_t length) {
    begin();
    struct file *file = file_of(descriptor);
    if (!file) return real_fallocate(descriptor, mode, offset, length);
    int code = fault();
    if (code) {
        errno = code;
        return -1;
    }
    pthread_mutex_lock(&file->lock);
    keep(file, descriptor, offset, (size_t)length);
    int result = real_fallocate(descriptor, mode, offset, length);
    pthread_mutex_unlock(&file->lock);
    return result;
}

int fallocate(int descriptor, int mode, off_t offset, off_t length) {
    return fallocate64(descriptor, mode, offset, length);
}

static int sync_file(int descriptor, int (*real)(int)) {
    struct file *file = file_of(descriptor);
    if (!file) return real(descriptor);
    while (hangs()) usleep(100000);
    pthread_mutex_lock(&file->lock);
    if (sync_time) usleep(sync_time);
    int code = told();
    if (code < 0) {
        COUNT(faults, 1);
        pthread_mutex_unlock(&file->lock);
        errno = -code;
        return -1;
    }
    int result = lies ? 0 : real(descriptor);
    if (result == 0 && !lies && file->undo >= 0 && real_ftruncate(file->undo, 0) != 0) abort();
    pthread_mutex_unlock(&file->lock);
    COUNT(syncs, 1);
    return result;
}

int fsync(int descriptor) {
    begin();
    return sync_file(descriptor, real_fsync);
}

int fdatasync(int descriptor) {
    begin();
    return sync_file(descriptor, real_fdatasync);
}

// A file that is gone, or has another name, takes its undo log along: names are taken to be on the disk at once.
int unlink(const char *path) {
    begin();
    const char *name = name_inside(path);
    if (!name) return real_unlink(path);
    int code = access(path, F_OK) == 0 ? fault() : 0;
    if (code) {
        errno = code;
        return -1;
    }
    int result = real_unlink(path);
    pthread_mutex_lock(&table_lock);
    for (int index = 0; result == 0 && index < file_count; index += 1) {
        if (strcmp(files[index].name, name) == 0 && files[index].undo >= 0) {
            if (real_ftruncate(files[index].undo, 0) != 0) abort();
        }
    }
    pthread_mutex_unlock(&table_lock);
    return result;
}

int rename(const char *from, const char *to) {
    begin();
    int code = name_inside(to) ? fault() : 0;
    if (code) {
        errno = code;
        return -1;
    }
    return real_rename(from, to);
}
