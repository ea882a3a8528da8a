#!/bin/sh
# greedy: takes memory until somebody stops it.
exec awk 'BEGIN { s = "0123456789abcdef"; while (1) s = s s }'
