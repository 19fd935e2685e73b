// Tells when its first instruction ran: nanoseconds of CLOCK_MONOTONIC, written to the pipe that it is given.
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **arguments) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  char text[32];
  int length = snprintf(text, sizeof text, "%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
  int pipe = count > 1 ? open(arguments[1], O_WRONLY) : 1;
  return pipe < 0 || write(pipe, text, length) != length;
}
