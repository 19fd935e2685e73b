// A worker that costs next to nothing: it answers every request on a Unix socket with the body that came.
//
//   echo_worker SOCKET
//
// `GET /count` is answered with how many requests it has answered and how many bytes their bodies had, so that a
// benchmark can prove that each answer it counted came from here.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

enum { largest = 1 << 20 };

static long answered, body_bytes;

struct client {
  int socket;
  size_t filled, expected, head_size, sent, answer_head_size;
  char answer_head[256];
  char bytes[largest];
};

static void fail(const char *what) {
  fprintf(stderr, "echo_worker: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void close_client(struct client *client) {
  close(client->socket);
  free(client);
}

// False when the client must wait until its socket takes more.
static int answer(struct client *client) {
  size_t body = client->expected - client->head_size, all = client->answer_head_size + body;
  while (client->sent < all) {
    struct iovec parts[2];
    int count = 0;
    if (client->sent < client->answer_head_size)
      parts[count++] = (struct iovec){client->answer_head + client->sent, client->answer_head_size - client->sent};
    size_t done = client->sent > client->answer_head_size ? client->sent - client->answer_head_size : 0;
    parts[count++] = (struct iovec){client->bytes + client->head_size + done, body - done};
    ssize_t written = writev(client->socket, parts, count);
    if (written < 0) return 0;
    client->sent += written;
  }
  if (body) {
    answered++;
    body_bytes += body;
  }
  client->filled = client->expected = client->sent = 0;
  return 1;
}

static void arm(int poll, struct client *client, int events) {
  struct epoll_event event = {.events = events, .data.ptr = client};
  epoll_ctl(poll, EPOLL_CTL_MOD, client->socket, &event);
}

static void serve(int poll, struct client *client) {
  ssize_t count = recv(client->socket, client->bytes + client->filled, largest - 1 - client->filled, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return close_client(client);
  client->filled += count;
  if (!client->expected) {
    client->bytes[client->filled] = 0;
    char *body = strstr(client->bytes, "\r\n\r\n");
    if (!body) return;
    *body = 0;
    char *length = strcasestr(client->bytes, "\r\ncontent-length:");
    client->head_size = body + 4 - client->bytes;
    client->expected = client->head_size + (length ? atol(length + 17) : 0);
    client->answer_head_size = snprintf(
        client->answer_head, sizeof client->answer_head,
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %zu\r\n\r\n",
        client->expected - client->head_size);
    if (!strncmp(client->bytes, "GET /count ", 11)) {
      char text[64];
      int size = snprintf(text, sizeof text, "%ld %ld", answered, body_bytes);
      client->answer_head_size = snprintf(client->answer_head, sizeof client->answer_head,
                                          "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", size, text);
    }
    if (client->expected >= largest) fail("a request that is too large");
  }
  if (client->filled >= client->expected && !answer(client)) arm(poll, client, EPOLLOUT);
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, arguments[1], sizeof address.sun_path - 1);
  unlink(arguments[1]);
  int door = socket(AF_UNIX, SOCK_STREAM, 0), poll = epoll_create1(0);
  if (bind(door, (struct sockaddr *)&address, sizeof address) < 0 || listen(door, 1024) < 0) fail("listen");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poll, EPOLL_CTL_ADD, door, &event);
  for (;;) {
    struct epoll_event events[64];
    int ready = epoll_wait(poll, events, 64, -1);
    for (int i = 0; i < ready; i++) {
      struct client *client = events[i].data.ptr;
      if (client) {
        if (!(events[i].events & EPOLLOUT)) serve(poll, client);
        else if (answer(client)) arm(poll, client, EPOLLIN);
        continue;
      }
      client = calloc(1, sizeof *client);
      if (!client || (client->socket = accept(door, NULL, NULL)) < 0) fail("accept");
      fcntl(client->socket, F_SETFL, O_NONBLOCK);
      event = (struct epoll_event){.events = EPOLLIN, .data.ptr = client};
      epoll_ctl(poll, EPOLL_CTL_ADD, client->socket, &event);
    }
  }
}
