// Sends requests over a Unix socket, each connection one at a time, and tells how fast they were answered.
//
//   load SOCKET CONNECTIONS REQUESTS SECONDS FIRST-NUMBER < REQUEST
//
// Every `########` in the request becomes the request's number, 8 digits. It ends after REQUESTS answers or SECONDS,
// whichever comes first, and prints one JSON line; latencies are microseconds.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { largest_request = 1 << 16, largest_answer = 1 << 16 };

struct client {
  int socket;
  double sent;
  size_t filled;
  char answer[largest_answer];
};

static char request[largest_request];
static size_t request_size;
static char *marks[8];
static int mark_count;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void read_request(void) {
  request_size = fread(request, 1, sizeof request - 1, stdin);
  char *from = request;
  while (mark_count < 8 && (from = strstr(from, "########"))) {
    marks[mark_count++] = from;
    from += 8;
  }
}

static void send_next(struct client *client, long number) {
  char digits[16];
  snprintf(digits, sizeof digits, "%08ld", number % 100000000);
  for (int mark = 0; mark < mark_count; mark++) memcpy(marks[mark], digits, 8);
  client->filled = 0;
  client->sent = now();
  // A request is far smaller than the socket's buffer, which is empty here: it goes as a whole.
  if (send(client->socket, request, request_size, MSG_NOSIGNAL) != (ssize_t)request_size) fail("send");
}

// The status of a complete answer, 0 when more is to come.
static int receive(struct client *client) {
  ssize_t count = recv(client->socket, client->answer + client->filled, largest_answer - 1 - client->filled, 0);
  if (count <= 0) fail("the daemon closed a connection");
  client->filled += count;
  client->answer[client->filled] = 0;
  char *body = strstr(client->answer, "\r\n\r\n");
  if (!body) return 0;
  char *length = strcasestr(client->answer, "\r\ncontent-length:");
  if (!length || length > body) fail("an answer without Content-Length");
  if (client->filled < (size_t)(body + 4 - client->answer) + atol(length + 17)) return 0;
  return atoi(client->answer + 9);
}

static int connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int number = socket(AF_UNIX, SOCK_STREAM, 0);
  if (number < 0 || connect(number, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  return number;
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

int main(int count, char **arguments) {
  if (count != 6) return 2;
  int connections = atoi(arguments[2]);
  long wanted = atol(arguments[3]), first = atol(arguments[5]), sent = 0, answered = 0, refused = 0;
  double *latencies = malloc(sizeof(double) * wanted), begin, end;
  struct client *clients = calloc(connections, sizeof *clients);
  if (!latencies || !clients) fail("no memory");
  read_request();
  int poll = epoll_create1(0);
  for (int i = 0; i < connections; i++) {
    clients[i].socket = connect_to(arguments[1]);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};
    epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].socket, &event);
  }
  begin = now();
  end = begin + atof(arguments[4]);
  for (int i = 0; i < connections && sent < wanted; i++) send_next(&clients[i], first + sent++);
  while (answered < sent) {
    struct epoll_event events[64];
    int ready = epoll_wait(poll, events, 64, -1);
    for (int i = 0; i < ready; i++) {
      struct client *client = events[i].data.ptr;
      int status = receive(client);
      if (!status) continue;
      double time = now();
      latencies[answered++] = (time - client->sent) * 1e6;
      if (status != 200 && !refused++) fprintf(stderr, "load: %.300s\n", client->answer);
      if (sent < wanted && time < end) send_next(client, first + sent++);
    }
  }
  double seconds = now() - begin;
  qsort(latencies, answered, sizeof(double), ascending);
  printf("{\"answered\": %ld, \"refused\": %ld, \"seconds\": %.6f, \"p50\": %.1f, \"p99\": %.1f, \"worst\": %.1f}\n",
         answered, refused, seconds, answered ? latencies[answered / 2] : 0,
         answered ? latencies[answered * 99 / 100] : 0, answered ? latencies[answered - 1] : 0);
  return refused != 0;
}
