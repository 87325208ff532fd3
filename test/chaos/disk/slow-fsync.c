/* Loaded before libc (LD_PRELOAD): fsync and fdatasync take as many milliseconds longer as the file $SLOW_FSYNC_FILE says.
   A disk that answers late, without a disk that answers late. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_as_told(void) {
  const char *path = getenv("SLOW_FSYNC_FILE");
  if (!path) return;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  char text[16] = {0};
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  long milliseconds = length > 0 ? atol(text) : 0;
  if (milliseconds <= 0) return;
  struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  nanosleep(&pause, NULL);
}

int fsync(int fd) {
  static int (*next)(int);
  if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_as_told();
  return next(fd);
}

int fdatasync(int fd) {
  static int (*next)(int);
  if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_as_told();
  return next(fd);
}
