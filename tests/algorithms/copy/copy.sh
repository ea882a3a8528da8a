#!/bin/sh
# copy IN OUT: the honest algorithm.
exec cp -- "$1" "$2"
