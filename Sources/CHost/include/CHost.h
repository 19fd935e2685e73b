// Linux calls that Swift cannot reach: variadic ones, raw system calls, and what happens between fork and exec.
// Every function returns -1 and sets errno on failure, as the calls behind it do.
#pragma once
#include <stdint.h>
#include <stddef.h>
#include <sys/types.h>

int htr_pidfd_open(pid_t pid);
int htr_pidfd_send_signal(int pidfd, int signal);
int htr_become_subreaper(void);

/// Copies a whole file by sharing its blocks (FICLONE): EOPNOTSUPP, EXDEV or EINVAL where that is impossible.
int htr_clone_file(int destination, int source);

/// Extended attributes of files (Swift's C library module leaves them out).
ssize_t htr_get_attribute(int fd, const char *name, void *value, size_t capacity);
ssize_t htr_get_path_attribute(const char *path, const char *name, void *value, size_t capacity);
int htr_set_attribute(int fd, const char *name, const void *value, size_t count);

/// Copies a range inside the kernel, by sharing blocks where the file system can.
ssize_t htr_copy_range(int from, int64_t from_offset, int to, int64_t to_offset, size_t count);

/// Moves bytes from a pipe to a file inside the kernel: consumed exactly when written, whatever kills the caller.
ssize_t htr_splice(int from_pipe, int to_file, size_t count);

int htr_open(const char *path, int flags, mode_t mode);
int htr_lock(int fd, int wait);   ///< flock(LOCK_EX); EWOULDBLOCK when held and not waiting

/// Sends and receives one message of a SOCK_SEQPACKET pair, optionally with one descriptor.
ssize_t htr_send_message(int socket, const void *bytes, size_t count, int descriptor);
ssize_t htr_receive_message(int socket, void *bytes, size_t capacity, int *descriptor);
/// One datagram to a Unix socket path, never waiting.
int htr_notify(int socket, const char *path, const void *bytes, size_t count);
int htr_bind_datagram(const char *path);
int htr_socket_pair(int pair[2]);

/// What SO_PEERCRED answers: the process at the other end of a Unix socket.
typedef struct { pid_t pid; uid_t uid; gid_t gid; } htr_peer;
int htr_so_peercred(void);

/// fork() for a single-threaded caller (Swift hides fork). 0 in the child.
pid_t htr_fork(void);

typedef struct {
  const char *file;
  char *const *arguments;
  char *const *environment;
  const char *folder;
  int input, output;             ///< become 0, and 1 and 2
  uint64_t address_space;        ///< RLIMIT_AS in bytes; 0: no limit
  uint64_t file_size;            ///< RLIMIT_FSIZE in bytes; 0: no limit
  uint64_t open_files;           ///< RLIMIT_NOFILE; 0: inherited
  int oom_score;                 ///< oom_score_adj
  int die_with_parent;           ///< PR_SET_PDEATHSIG = SIGKILL
} htr_spawn_request;

/// Starts a program as leader of a new session with nothing inherited but the three standard descriptors.
/// Returns its pid once exec has succeeded; -1 with the errno of the step that failed (named in *step) otherwise.
pid_t htr_spawn(const htr_spawn_request *request, const char **step);

/// A child that waits just before exec.
typedef struct {
  pid_t pid;
  int go, report;
} htr_held_child;

/// htr_spawn in two halves, so that a record with the child's pid can be written before its program runs. A child whose
/// holder dies or never releases it never executes anything.
int htr_spawn_held(const htr_spawn_request *request, htr_held_child *held, const char **step);
/// Lets the child execute its program: returns as htr_spawn does.
pid_t htr_release(htr_held_child *held, const char **step);

int htr_wait_status_exited(int status);    ///< the exit code, or -1
int htr_wait_status_signaled(int status);  ///< the signal, or -1

/// Available bytes of the file system that holds the path; -1 on failure.
int64_t htr_available_bytes(const char *path);

/// Asks for a pipe that holds this many bytes.
int htr_widen_pipe(int pipe, int bytes);

/// Blocks the signals for this process and returns a descriptor that is readable while one of them waits.
int htr_signal_descriptor(const int *signals, int count);
/// Takes the next waiting signal from it; 0: none.
int htr_next_signal(int descriptor);

/// Makes malloc give pieces of this many bytes and more back to the system as soon as they are freed.
void htr_return_large_memory(int bytes);

/// What the ended (and reaped) descendants of this process used: CPU seconds of all together, and the resident bytes
/// of the largest.
int htr_ended_children_usage(double *cpu_seconds, int64_t *peak_bytes);

/// Starts a program that lives for its socket: the leader of a new session with default signals, /dev/null as its
/// standard streams, the socket as descriptor 3, and nothing else open. Safe in a program with threads.
pid_t htr_start_service(const char *file, char *const *arguments, char *const *environment, int socket);
