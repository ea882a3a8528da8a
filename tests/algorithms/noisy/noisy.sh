#!/bin/sh
# noisy MEBIBYTES: prints that much, and one last line.
dd if=/dev/zero bs=1048576 count="$1" 2>/dev/null | tr '\0' x
echo
echo "the last line"
