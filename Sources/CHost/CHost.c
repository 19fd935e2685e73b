#define _GNU_SOURCE
#include "CHost.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

int htr_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int htr_pidfd_send_signal(int pidfd, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int htr_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int htr_clone_file(int destination, int source) { return ioctl(destination, FICLONE, source); }

ssize_t htr_get_attribute(int fd, const char *name, void *value, size_t capacity) {
  return fgetxattr(fd, name, value, capacity);
}

ssize_t htr_get_path_attribute(const char *path, const char *name, void *value, size_t capacity) {
  return lgetxattr(path, name, value, capacity);
}

int htr_set_attribute(int fd, const char *name, const void *value, size_t count) {
  return fsetxattr(fd, name, value, count, 0);
}

ssize_t htr_copy_range(int from, int64_t from_offset, int to, int64_t to_offset, size_t count) {
  off_t in = from_offset, out = to_offset;
  return copy_file_range(from, &in, to, &out, count, 0);
}

ssize_t htr_splice(int from_pipe, int to_file, size_t count) {
  return splice(from_pipe, NULL, to_file, NULL, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

int htr_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }

int htr_lock(int fd, int wait) { return flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)); }

ssize_t htr_send_message(int socket, const void *bytes, size_t count, int descriptor) {
  struct iovec part = {(void *)bytes, count};
  char control[CMSG_SPACE(sizeof(int))] = {0};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
  }
  ssize_t sent;
  do sent = sendmsg(socket, &message, MSG_NOSIGNAL); while (sent < 0 && errno == EINTR);
  return sent;
}

ssize_t htr_receive_message(int socket, void *bytes, size_t capacity, int *descriptor) {
  struct iovec part = {bytes, capacity};
  char control[CMSG_SPACE(sizeof(int))];
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  *descriptor = -1;
  ssize_t received;
  do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC); while (received < 0 && errno == EINTR);
  if (received < 0) return -1;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
    memcpy(descriptor, CMSG_DATA(header), sizeof(int));
  return received;
}

static int unix_address(const char *path, struct sockaddr_un *address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address->sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address->sun_path, path);
  return 0;
}

int htr_notify(int socket, const char *path, const void *bytes, size_t count) {
  struct sockaddr_un address;
  if (unix_address(path, &address) < 0) return -1;
  ssize_t sent = sendto(socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL,
                        (struct sockaddr *)&address, sizeof address);
  return sent < 0 ? -1 : 0;
}

int htr_bind_datagram(const char *path) {
  struct sockaddr_un address;
  if (unix_address(path, &address) < 0) return -1;
  int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -1;
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0) {
    int saved = errno;
    close(descriptor);
    errno = saved;
    return -1;
  }
  return descriptor;
}

int htr_socket_pair(int pair[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair); }

_Static_assert(sizeof(htr_peer) == sizeof(struct ucred), "htr_peer mirrors struct ucred");
int htr_so_peercred(void) { return SO_PEERCRED; }

pid_t htr_fork(void) { return fork(); }

static int limit(int resource, uint64_t value) {
  if (value == 0) return 0;
  struct rlimit current;
  if (getrlimit(resource, &current) < 0) return -1;
  // A hard limit can be lowered but, on many machines, not raised again: ask for no more than there is.
  rlim_t wanted = value < current.rlim_max ? value : current.rlim_max;
  struct rlimit new_limit = {wanted, wanted};
  return setrlimit(resource, &new_limit);
}

struct spawn_failure { int error; int step; };
static const char *const spawn_steps[] = {"session", "limits", "standard streams", "folder", "exec"};

static void run_child(const htr_spawn_request *request, int report, int go, pid_t parent) {
  struct spawn_failure failure = {0, 0};
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);

  if (setsid() < 0) goto failed;
  if (request->die_with_parent && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) goto failed;
  // A parent that died before the call above will never be signalled about: then nobody waits for this child.
  if (request->die_with_parent && getppid() != parent) _exit(127);

  failure.step = 1;
  struct rlimit no_core = {0, 0};
  if (setrlimit(RLIMIT_CORE, &no_core) < 0 || limit(RLIMIT_AS, request->address_space) < 0 ||
      limit(RLIMIT_FSIZE, request->file_size) < 0 || limit(RLIMIT_NOFILE, request->open_files) < 0)
    goto failed;
  if (request->oom_score != 0) {
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file >= 0) {  // Absent in some sandboxes; a preference only, so its loss is no failure.
      dprintf(file, "%d", request->oom_score);
      close(file);
    }
  }

  failure.step = 2;
  if (dup2(request->input, 0) < 0 || dup2(request->output, 1) < 0 || dup2(request->output, 2) < 0)
    goto failed;

  failure.step = 3;
  if (chdir(request->folder) < 0) goto failed;

  char word;
  ssize_t got;
  do got = read(go, &word, 1); while (got < 0 && errno == EINTR);
  if (got != 1) _exit(127);

  failure.step = 4;
  if (report != 3) {
    if (dup3(report, 3, O_CLOEXEC) < 0) goto failed;
    report = 3;
  }
  syscall(SYS_close_range, 4, ~0U, 0);
  execve(request->file, request->arguments, request->environment);

failed:
  failure.error = errno;
  (void)!write(report, &failure, sizeof failure);
  _exit(127);
}

static void close_pair(const int pair[2]) {
  int saved = errno;
  close(pair[0]);
  close(pair[1]);
  errno = saved;
}

int htr_spawn_held(const htr_spawn_request *request, htr_held_child *held, const char **step) {
  int report[2], go[2];
  *step = "pipe";
  if (pipe2(report, O_CLOEXEC) < 0) return -1;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, go) < 0) {
    close_pair(report);
    return -1;
  }
  *step = "fork";
  pid_t parent = getpid();
  pid_t child = fork();
  if (child < 0) {
    close_pair(report);
    close_pair(go);
    return -1;
  }
  if (child == 0) {
    close(go[1]);
    run_child(request, report[1], go[0], parent);
  }
  close(report[1]);
  close(go[0]);
  *held = (htr_held_child){child, go[1], report[0]};
  return 0;
}

pid_t htr_release(htr_held_child *held, const char **step) {
  struct spawn_failure failure;
  ssize_t got;
  // A child that has failed reads no more: its report says why. (Hence a socket: no SIGPIPE.)
  do got = send(held->go, "g", 1, MSG_NOSIGNAL); while (got < 0 && errno == EINTR);
  close(held->go);
  do got = read(held->report, &failure, sizeof failure); while (got < 0 && errno == EINTR);
  close(held->report);
  if (got == (ssize_t)sizeof failure) {
    while (waitpid(held->pid, NULL, 0) < 0 && errno == EINTR) {}
    *step = spawn_steps[failure.step];
    errno = failure.error;
    return -1;
  }
  return held->pid;
}

pid_t htr_spawn(const htr_spawn_request *request, const char **step) {
  htr_held_child held;
  return htr_spawn_held(request, &held, step) < 0 ? -1 : htr_release(&held, step);
}

int htr_wait_status_exited(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }
int htr_wait_status_signaled(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : -1; }

int64_t htr_available_bytes(const char *path) {
  struct statvfs system;
  if (statvfs(path, &system) < 0) return -1;
  return (int64_t)system.f_bavail * (int64_t)system.f_frsize;
}

int htr_widen_pipe(int pipe, int bytes) { return fcntl(pipe, F_SETPIPE_SZ, bytes); }

int htr_signal_descriptor(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int index = 0; index < count; index++) sigaddset(&set, signals[index]);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int htr_next_signal(int descriptor) {
  struct signalfd_siginfo taken;
  ssize_t got = read(descriptor, &taken, sizeof taken);
  return got == (ssize_t)sizeof taken ? (int)taken.ssi_signo : 0;
}

int htr_ended_children_usage(double *cpu_seconds, int64_t *peak_bytes) {
  struct rusage usage;
  if (getrusage(RUSAGE_CHILDREN, &usage) < 0) return -1;
  *cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  *peak_bytes = (int64_t)usage.ru_maxrss * 1024;
  return 0;
}

pid_t htr_start_service(const char *file, char *const *arguments, char *const *environment, int socket) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  pid_t child = -1;
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) {
    errno = error;
    return -1;
  }
  error = posix_spawnattr_init(&attributes);
  if (error == 0) {
    // The socket first: it may itself be a standard stream of a caller that has closed those.
    error = posix_spawn_file_actions_adddup2(&actions, socket, 3);
    for (int stream = 0; stream < 3 && error == 0; stream++)
      error = posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0);
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions, 4);
    if (error == 0) error = posix_spawnattr_setsigdefault(&attributes, &all);
    if (error == 0) error = posix_spawnattr_setsigmask(&attributes, &none);
    if (error == 0)
      error = posix_spawnattr_setflags(
          &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    if (error == 0) error = posix_spawn(&child, file, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  errno = error;
  return error == 0 ? child : -1;
}

void htr_return_large_memory(int bytes) {
#ifdef M_MMAP_THRESHOLD
  mallopt(M_MMAP_THRESHOLD, bytes);
#else
  (void)bytes;
#endif
}
