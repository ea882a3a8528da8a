/* A name-service module that ends every process that loads it: what a module built for another C library does by accident. */
__attribute__((constructor)) static void trap(void)
{
    __builtin_trap();
}
