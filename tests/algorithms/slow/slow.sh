#!/bin/sh
# slow SECONDS
exec sleep "$1"
