// PID 1 of guests that go wrong on purpose; the last word of the kernel's command line says how:
//   hang    says something, then nothing more
//   ready   says that it is ready, and nobody listens on port 22
//   off     powers off at once
//   stuck   says what the kernel's watchdog says of processors that are stuck, then nothing more
#include <sys/reboot.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

int main(int argc, char** argv) {
  const char* mode = argv[argc - 1];
  std::printf("stand-in init: %s\n", mode);
  if (std::strcmp(mode, "ready") == 0)
    std::printf("LIFEBOAT-READY build=0 address=10.0.2.15 port=22 login=password host-key=SHA256:none seconds=1.0\n");
  if (std::strcmp(mode, "stuck") == 0) std::printf("watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [init:1]\n");
  std::fflush(stdout);
  if (std::strcmp(mode, "off") == 0) ::reboot(RB_POWER_OFF);
  while (true) ::pause();
}
