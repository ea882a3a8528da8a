#!/bin/sh
# fail CODE: says why, and ends with the code.
echo "the image holds nothing to see" >&2
exit "$1"
