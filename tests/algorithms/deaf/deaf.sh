#!/bin/sh
# deaf: ignores TERM, as do its children.
trap '' TERM
while :; do sleep 1; done
