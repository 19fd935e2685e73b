// Invokes an endpoint over a Unix socket, each connection one request at a time, and tells how fast it was answered.
//
//   invoke SOCKET PATH BODY-BYTES CONNECTIONS SECONDS
//
// Prints one JSON line; latencies are microseconds. Answers must be 200 with a body as long as the request's.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { largest_head = 4096, most_samples = 4 << 20 };

struct client {
  int socket, waits_to_write;
  double began;
  size_t sent, filled, expected;
  char head[largest_head + 1];
};

static char *request, *sink;
static size_t request_size, body_size;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  fprintf(stderr, "invoke: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void arm(int poll, struct client *client, int waits_to_write) {
  if (client->waits_to_write == waits_to_write) return;
  client->waits_to_write = waits_to_write;
  struct epoll_event event = {.events = EPOLLIN | (waits_to_write ? EPOLLOUT : 0), .data.ptr = client};
  epoll_ctl(poll, EPOLL_CTL_MOD, client->socket, &event);
}

static void write_more(int poll, struct client *client) {
  while (client->sent < request_size) {
    ssize_t count = send(client->socket, request + client->sent, request_size - client->sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) return arm(poll, client, 1);
    if (count < 0) fail("send");
    client->sent += count;
  }
  arm(poll, client, 0);
}

static void begin(int poll, struct client *client) {
  client->sent = client->filled = client->expected = 0;
  client->began = now();
  write_more(poll, client);
}

// True when the answer is complete. The head is read with what comes along; the rest of the body is thrown away.
static int receive(struct client *client) {
  char *to = client->expected ? sink : client->head + client->filled;
  size_t room = client->expected ? 1 << 17 : largest_head - client->filled;
  ssize_t count = recv(client->socket, to, room, 0);
  if (count < 0 && errno == EAGAIN) return 0;
  if (count <= 0) fail("a connection was closed");
  client->filled += count;
  if (!client->expected) {
    client->head[client->filled] = 0;
    char *body = strstr(client->head, "\r\n\r\n"), *length = strcasestr(client->head, "\r\ncontent-length:");
    if (!body) return 0;
    if (!length || length > body || strncmp(client->head + 9, "200", 3) || (size_t)atol(length + 17) != body_size) {
      fprintf(stderr, "invoke: unexpected answer: %.500s\n", client->head);
      exit(1);
    }
    client->expected = body + 4 - client->head + body_size;
  }
  return client->filled >= client->expected;
}

static int connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int number = socket(AF_UNIX, SOCK_STREAM, 0);
  if (number < 0 || connect(number, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  fcntl(number, F_SETFL, O_NONBLOCK);
  return number;
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

int main(int count, char **arguments) {
  if (count != 6) return 2;
  body_size = atol(arguments[3]);
  int connections = atoi(arguments[4]);
  long answered = 0, open = connections;
  double *latencies = malloc(sizeof(double) * most_samples);
  struct client *clients = calloc(connections, sizeof *clients);
  request = malloc(body_size + 1024);
  sink = malloc(1 << 17);
  if (!latencies || !clients || !request || !sink) fail("no memory");
  request_size = sprintf(
      request,
      "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nAccept: */*\r\n"
      "Content-Length: %zu\r\n\r\n", arguments[2], body_size);
  memset(request + request_size, 'x', body_size);
  request_size += body_size;
  int poll = epoll_create1(0);
  for (int i = 0; i < connections; i++) {
    clients[i].socket = connect_to(arguments[1]);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};
    epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].socket, &event);
  }
  double start = now(), end = start + atof(arguments[5]);
  for (int i = 0; i < connections; i++) begin(poll, &clients[i]);
  while (open > 0) {
    struct epoll_event events[64];
    int ready = epoll_wait(poll, events, 64, -1);
    for (int i = 0; i < ready; i++) {
      struct client *client = events[i].data.ptr;
      if (events[i].events & EPOLLOUT) write_more(poll, client);
      if (!(events[i].events & EPOLLIN) || !receive(client)) continue;
      double time = now();
      if (answered < most_samples) latencies[answered] = (time - client->began) * 1e6;
      answered++;
      if (time < end) begin(poll, client);
      else open--;
    }
  }
  double seconds = now() - start;
  long kept = answered < most_samples ? answered : most_samples;
  qsort(latencies, kept, sizeof(double), ascending);
  printf("{\"answered\": %ld, \"per_second\": %.1f, \"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f}\n", answered,
         answered / seconds, latencies[kept / 2], latencies[kept * 99 / 100], latencies[kept - 1]);
}
