#pragma once
// Glibc's own module map leaves it out.
#include <sys/epoll.h>
