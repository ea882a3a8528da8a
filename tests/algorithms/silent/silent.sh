#!/bin/sh
# silent: ends well, and leaves no output.
exit 0
