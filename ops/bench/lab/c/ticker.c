// Prints the time (nanoseconds of CLOCK_MONOTONIC) as a line, again and again: ticker LINES PAUSE-MILLISECONDS
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count != 3) return 2;
  long lines = atol(arguments[1]), milliseconds = atol(arguments[2]);
  struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (lines-- > 0) {
    struct timespec now;
    char text[32];
    nanosleep(&pause, NULL);
    clock_gettime(CLOCK_MONOTONIC, &now);
    int length = snprintf(text, sizeof text, "%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
    if (write(1, text, length) != length) return 1;
  }
  return 0;
}
