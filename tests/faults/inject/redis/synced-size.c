// Preloaded into redis-server: writes beside each file how much of it was synced to the disk, so that a test can truncate
// the file to that size, as a power loss would. fsync and fdatasync return only when the disk has the bytes.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void note(int fd, off_t size) {
  char link[64], path[4096], beside[4112], text[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return;
  path[length] = 0;
  snprintf(beside, sizeof beside, "%s.synced", path);
  int out = open(beside, O_WRONLY | O_CREAT, 0644);
  if (out < 0) return;
  // Always the same length: a reader never sees half of a number.
  if (pwrite(out, text, (size_t)snprintf(text, sizeof text, "%020lld", (long long)size), 0) < 0) perror("synced-size");
  close(out);
}

static int synced(const char *name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  struct stat before;
  int known = fstat(fd, &before) == 0;
  int result = real(fd);
  if (result == 0 && known && S_ISREG(before.st_mode)) note(fd, before.st_size);
  return result;
}

int fsync(int fd) { return synced("fsync", fd); }
int fdatasync(int fd) { return synced("fdatasync", fd); }
