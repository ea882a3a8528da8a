/* The image's own library. A name that only one C library defines tells which one it was linked with. */
#include <features.h>

const char *library(void)
{
#ifdef __GLIBC__
    return "glibc";
#else
    return "musl";
#endif
}
