// Loads an endpoint over a Unix socket until standard input ends, and writes down what became of every request.
//
//   strain SOCKET PATH CONNECTIONS > RECORDS
//
// Every request has a body of its own; the answer must be that body, or tell its SHA-256. A line for each event, times in
// seconds of CLOCK_MONOTONIC:
//
//   answered SENT RECEIVED MODEL    as it should be, by a worker with this model (- when the answer does not tell)
//   cut CONNECTED NOTICED           the connection ended before the answer was complete; the request is sent again
//   refused TIME                    nobody took the connection; it is tried again
//   wrong SENT RECEIVED WHAT        anything else
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "sha256.h"

enum { largest_head = 4096, largest_body = 512 << 10, patience = 60 };

struct client {
  int socket;
  long number;
  double connected, began, tries_at;
  size_t head_size, body_size, sent, filled;
  int is_busy, echoes;
  char digest[65], head[largest_head], body[largest_body], answer[largest_head + largest_body + 1];
};

static const char *socket_path, *target;
static long next_number;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  fprintf(stderr, "strain: %s: %s\n", what, strerror(errno));
  exit(1);
}

// Requests differ in size, in what they ask back, and in what they have the mock worker do.
static void make_request(struct client *client) {
  static const size_t sizes[] = {100, 1000, 3000, 1000, 20000, 1000, 70000, 1};
  long number = client->number = next_number++;
  client->body_size = number % 64 == 63 ? largest_body : sizes[number % 8];
  client->echoes = number / 8 % 2;
  uint64_t word = (uint64_t)number * 0x9E3779B97F4A7C15u + 1;
  for (size_t at = 0; at < client->body_size; at++) {
    if (at % 8 == 0) word ^= word << 13, word ^= word >> 7, word ^= word << 17;
    client->body[at] = (char)(word >> at % 8 * 8);
  }
  // The number itself makes the body unique, where there is room for it.
  if (client->body_size >= 8) memcpy(client->body, &number, 8);
  sha256(client->body, client->body_size, client->digest);
  const char *wish = number % 4 == 1 ? "mock:seconds=0.02" : number % 32 == 6 ? "mock:close" : number % 32 == 10 ?
      "mock:close=unannounced" : number % 32 == 22 ? "mock:chunked" : "none";
  client->head_size = snprintf(
      client->head, largest_head,
      "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
      "X-Amzn-SageMaker-Custom-Attributes: %s\r\n\r\n",
      target, client->echoes ? "application/x-echo" : "application/octet-stream", client->body_size, wish);
  client->is_busy = 1;
}

static void leave(struct client *client) {
  close(client->socket);
  client->socket = -1;
}

static void send_again(struct client *client) {
  client->sent = client->filled = 0;
  client->began = now();
}

static void cut(struct client *client) {
  printf("cut %.6f %.6f\n", client->connected, now());
  leave(client);
}

static void enter(struct client *client) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, socket_path, sizeof address.sun_path - 1);
  client->socket = socket(AF_UNIX, SOCK_STREAM, 0);
  // Taken before: a daemon that dies while it takes the connection has died after this time.
  client->connected = now();
  if (client->socket < 0) fail("socket");
  if (connect(client->socket, (struct sockaddr *)&address, sizeof address) < 0) {
    if (errno != ECONNREFUSED && errno != ENOENT) fail("connect");
    printf("refused %.6f\n", now());
    leave(client);
    client->tries_at = now() + 0.002;
    return;
  }
  fcntl(client->socket, F_SETFL, O_NONBLOCK);
  send_again(client);
}

static void write_more(struct client *client) {
  while (client->sent < client->head_size + client->body_size) {
    int is_head = client->sent < client->head_size;
    const char *from = is_head ? client->head + client->sent : client->body + client->sent - client->head_size;
    size_t size = (is_head ? client->head_size : client->head_size + client->body_size) - client->sent;
    ssize_t count = send(client->socket, from, size, MSG_NOSIGNAL | (is_head ? MSG_MORE : 0));
    if (count < 0 && errno == EAGAIN) return;
    // The other side has gone. What it has written before is still to be read, and so is its end.
    if (count < 0) count = client->head_size + client->body_size - client->sent;
    client->sent += count;
  }
}

static void wrong(struct client *client, const char *what) {
  client->answer[client->filled < 600 ? client->filled : 600] = 0;
  for (char *at = client->answer; *at; at++)
    if (*at == '\n' || *at == '\r') *at = ' ';
  printf("wrong %.6f %.6f request %ld, %s: %s\n", client->began, now(), client->number, what, client->answer);
}

// Looks at a complete answer.
static void judge(struct client *client, const char *body, size_t size) {
  if (strncmp(client->answer + 9, "200", 3)) return wrong(client, "not 200");
  if (client->echoes) {
    if (size != client->body_size || memcmp(body, client->body, size)) return wrong(client, "another body");
    printf("answered %.6f %.6f -\n", client->began, now());
    return;
  }
  client->answer[client->filled] = 0;
  const char *digest = strstr(body, "\"body_sha256\":\""), *model = strstr(body, "\"model_sha256\":\"");
  if (!digest || strncmp(digest + 15, client->digest, 64)) return wrong(client, "the digest of another body");
  printf("answered %.6f %.6f %.64s\n", client->began, now(), model ? model + 16 : "?");
}

static void read_more(struct client *client) {
  ssize_t count = recv(client->socket, client->answer + client->filled, sizeof client->answer - 1 - client->filled, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return cut(client);
  client->filled += count;
  client->answer[client->filled] = 0;
  char *end = strstr(client->answer, "\r\n\r\n"), *length = strcasestr(client->answer, "\r\ncontent-length:");
  if (!end) return;
  size_t head = end + 4 - client->answer, expected = length && length < end ? (size_t)atol(length + 17) : 0;
  if (client->filled < head + expected) return;
  int leaves = client->filled > head + expected || client->sent < client->head_size + client->body_size;
  if (client->filled > head + expected) wrong(client, "more than an answer");
  else judge(client, client->answer + head, expected);
  client->is_busy = 0;
  if (leaves) leave(client);
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  socket_path = arguments[1];
  target = arguments[2];
  int connections = atoi(arguments[3]), is_open = 1, busy = 0;
  struct client *clients = calloc(connections, sizeof *clients);
  struct pollfd *waits = calloc(connections + 1, sizeof *waits);
  if (!clients || !waits) fail("no memory");
  for (int i = 0; i < connections; i++) clients[i].socket = -1;
  double end = 0;
  do {
    busy = 0;
    double time = now();
    for (int i = 0; i < connections; i++) {
      struct client *client = &clients[i];
      if (!client->is_busy && is_open) {
        make_request(client);
        send_again(client);
      }
      if (client->is_busy && client->socket < 0 && time >= client->tries_at) enter(client);
      if (client->is_busy && client->socket >= 0) write_more(client);
      int is_sent = client->sent == client->head_size + client->body_size;
      waits[i] = (struct pollfd){.fd = client->socket, .events = POLLIN | (is_sent ? 0 : POLLOUT)};
      busy += client->is_busy;
    }
    waits[connections] = (struct pollfd){.fd = is_open ? 0 : -1, .events = POLLIN};
    poll(waits, connections + 1, 2);
    for (int i = 0; i < connections; i++)
      if (clients[i].socket >= 0 && waits[i].revents & (POLLIN | POLLHUP | POLLERR)) {
        if (clients[i].is_busy) read_more(&clients[i]);
        else leave(&clients[i]);
      }
    char byte;
    if (is_open && waits[connections].revents && read(0, &byte, 1) <= 0) {
      is_open = 0;
      end = now() + patience;
    }
  } while ((is_open || busy) && (is_open || now() < end));
  for (int i = 0; i < connections; i++)
    if (clients[i].is_busy) {
      clients[i].filled = 0;
      wrong(&clients[i], "never answered");
    }
  return 0;
}
