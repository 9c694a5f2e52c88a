#pragma once
#include <errno.h>
#include <expat.h>
#include <freexl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <xlsxwriter.h>
#include <zip.h>

// glibc declares it under _GNU_SOURCE only.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);

// No new privileges for this process, no tracing or dumping of it, and of the system calls none that makes a
// connection, another program or a signal: those give EPERM. Returns 0, or -1 with errno.
static inline int sheets_restrict_process(void) {
    static const int refused[] = {
        SYS_socket, SYS_socketpair, SYS_connect, SYS_execve, SYS_execveat, SYS_ptrace,
        SYS_kill, SYS_tkill, SYS_tgkill, SYS_process_vm_readv, SYS_process_vm_writev,
    };
    enum { count = sizeof refused / sizeof refused[0] };
    struct sock_filter program[count + 3];
    program[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int index = 0; index < count; index++)
        program[index + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[index], count - index, 0);
    program[count + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program[count + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    struct sock_fprog filter = {.len = count + 3, .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}
